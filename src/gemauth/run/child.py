"""The program of a run: started, told of signals, waited for, and nothing of it left behind.

With a terminal it stays in our process group, so that Ctrl-C, Ctrl-Z and the shell's job control
mean what they always do: the terminal itself tells everybody, and we only wait. Without one it gets
a group of its own, so that what it leaves running can be ended with it. POSIX.1 section 11.1.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING, ClassVar

from gemauth.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

    Handler = Callable[[int, FrameType | None], None]

__all__ = [
    "CommandNotFoundError",
    "NotExecutableError",
    "cleaned_up",
    "locate",
    "run",
    "until_signalled",
]

GRACE = 2.0
"""Seconds that what the program has left running gets to end."""


class CommandNotFoundError(NotFoundError):
    """No such command: 127, as shells say it."""

    exit_code: ClassVar[int] = 127


class NotExecutableError(UsageError):
    """The command is a file that cannot be run: 126, as shells say it."""

    exit_code: ClassVar[int] = 126


def locate(command: str, path: str) -> str:
    """Return where a command is.

    Raises:
        CommandNotFoundError: nowhere on `path`, or there is no such file.
        NotExecutableError: the file is no program, or not permitted.
    """
    found = shutil.which(command, path=path)
    if found is not None:
        return found
    if os.sep in command and os.path.lexists(command):
        if os.path.isdir(command):  # noqa: PTH112
            raise NotExecutableError(
                f"{command} is a folder.", next_step="Name a program, with its arguments."
            )
        raise NotExecutableError(
            f"{command} may not be executed.",
            next_step=f"Name its interpreter: python {shlex.quote(command)}"
            if command.endswith(".py")
            else f"If it is a program: chmod u+x {shlex.quote(command)}",
        )
    raise CommandNotFoundError(
        f"There is no command {command}.", next_step="Check its name, and PATH."
    )


def run(
    command: Sequence[str],
    environ: Mapping[str, str],
    *,
    terminal: bool | None = None,
    inherit: Sequence[int] = (),
) -> int:
    """Run a program to its end; return its exit code, 128 + n where signal n ended it.

    Args:
        command: its words; the first is a path that `locate` has returned.
        environ: all of its environment.
        terminal: whether there is one that controls us; found out where None.
        inherit: descriptors that it gets beside those that it would get from us anyway.

    Raises:
        NotExecutableError: the system does not run it.
    """
    for descriptor in inherit:
        os.set_inheritable(descriptor, True)  # noqa: FBT003  # its own signature
    alone = not (has_terminal() if terminal is None else terminal)
    child: subprocess.Popen[bytes] | None = None
    missed: list[int] = []

    def forward(number: int, _: FrameType | None) -> None:
        if child is None:
            missed.append(number)
        elif child.returncode is None:
            child.send_signal(number)

    def leave(_: int, __: FrameType | None) -> None:
        """The terminal has told the program too."""

    told = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
    by_terminal = (signal.SIGINT, signal.SIGQUIT)
    handlers: dict[int, Handler] = dict.fromkeys(told, forward)
    handlers |= dict.fromkeys(by_terminal, forward if alone else leave)
    with _handled(handlers):
        try:
            # What we hold ourselves is not inheritable (PEP 446); what a shell handed us is.
            child = subprocess.Popen(  # noqa: S603  # what the person asked for
                command, env=dict(environ), close_fds=False, process_group=0 if alone else None
            )
        except OSError as error:
            raise NotExecutableError(
                f"{command[0]} cannot be run: {error.strerror}.",
                next_step="Name its interpreter before it, such as sh or python.",
            ) from error
        for number in missed:
            child.send_signal(number)
        try:
            code = child.wait()
        finally:
            if alone:
                _end_group(child.pid)
    return 128 - code if code < 0 else code


@contextlib.contextmanager
def cleaned_up() -> Iterator[None]:
    """Have SIGTERM and SIGHUP leave the block as an exception, so that it can clean up."""

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    with _handled({signal.SIGTERM: leave, signal.SIGHUP: leave}):
        yield


@contextlib.contextmanager
def until_signalled() -> Iterator[Callable[[], object]]:
    """Lend a call that waits until somebody ends us, also if that was while the block ran.

    Every other thread has these signals blocked (`served.py`). Those that the parent ignores stay
    ignored (nohup): blocked, they would be waited for all the same.
    """
    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    numbers = {number for number in ending if signal.getsignal(number) is not signal.SIG_IGN}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield lambda: signal.sigwait(numbers)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def has_terminal() -> bool:
    """Whether a terminal controls us."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _handled(handlers: Mapping[int, Handler]) -> Iterator[None]:
    """Handle signals while the block runs; those that the parent ignores stay ignored (nohup)."""
    before = {
        number: signal.signal(number, handler)
        for number, handler in handlers.items()
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_group(group: int) -> None:
    """End what the program has left running: asked first, then made to."""
    end = time.monotonic() + GRACE
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGTERM)
        while time.monotonic() < end:
            os.killpg(group, 0)
            time.sleep(0.01)
        os.killpg(group, signal.SIGKILL)
