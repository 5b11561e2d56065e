"""A program in a pseudo-terminal of its own: what stands there, and the keys that a person presses.

The terminal controls the program, as a shell's does: Ctrl-C is a byte typed at it, and the line
discipline makes the signal of it. Each of the three streams may lead elsewhere instead.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from typing import IO, TYPE_CHECKING, Any, Literal, Self

from tests import secrecy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["CTRL_BACKSLASH", "CTRL_C", "CTRL_D", "GEMAUTH", "Leads", "Session"]

GEMAUTH = (sys.executable, "-m", "gemauth")
CTRL_C, CTRL_D, CTRL_BACKSLASH = "\x03", "\x04", "\x1c"
PATIENCE = 30.0
"""Seconds that anything may take, on a busy machine."""

Leads = Literal["terminal", "elsewhere", "nowhere", "closed"]
"""Where a stream leads: the terminal, a file (for stdin: `typed`), /dev/null, or it is closed."""

# A session leader that has no terminal gets the first one that it opens.
_CONTROLLED = ': <"$0"; exec "$@"'
_CLOSED = {"stdin": " <&-", "stdout": " >&-", "stderr": " 2>&-"}


class Session:
    """A program that runs in a terminal.

    Args:
        words: the words after `gemauth`.
        command: the words before them.
        columns: the terminal's width.
        environ: the whole environment; the test's own where None.
        stdin, stdout, stderr: where they lead.
        typed: what stdin holds where it leads elsewhere.
    """

    def __init__(
        self,
        *words: str,
        command: Sequence[str] = GEMAUTH,
        columns: int = 80,
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: Leads = "terminal",
        stdout: Leads = "terminal",
        stderr: Leads = "terminal",
        typed: str = "",
    ) -> None:
        self._main, self._there = os.openpty()
        self.resize(columns)
        self._seen = b""
        self._command = [*command, *words]
        leads: dict[str, Leads] = {"stdin": stdin, "stdout": stdout, "stderr": stderr}
        self._files: dict[str, IO[bytes]] = {}
        for name, lead in leads.items():
            if lead == "elsewhere":
                self._files[name] = tempfile.TemporaryFile()  # noqa: SIM115  # closed at the end
        if "stdin" in self._files:
            self._files["stdin"].write(typed.encode())
            self._files["stdin"].seek(0)
        closed = "".join(_CLOSED[name] for name, lead in leads.items() if lead == "closed")
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", _CONTROLLED + closed, os.ttyname(self._there), *command, *words],
            env={"TERM": "xterm-256color", **(os.environ if environ is None else environ)},
            cwd=cwd,
            start_new_session=True,
            **{name: self._stream(name, lead) for name, lead in leads.items()},
        )

    def _stream(self, name: str, lead: Leads) -> Any:
        if lead == "elsewhere":
            return self._files[name]
        return subprocess.DEVNULL if lead in {"nowhere", "closed"} else self._there

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End it, whatever it does."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE)
        secrecy.at_terminal(self._command, self.shown)
        for file in self._files.values():
            file.close()
        os.close(self._main)
        os.close(self._there)

    def resize(self, columns: int, rows: int = 24) -> None:
        """Make the window so wide; who runs in its foreground is told (SIGWINCH)."""
        fcntl.ioctl(self._main, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def shown(self) -> str:
        """All that the terminal got so far, its line ends as a program writes them."""
        return self._seen.decode("utf-8", "replace").replace("\r\n", "\n")

    @property
    def out(self) -> str:
        """What stdout got, where it leads elsewhere."""
        return self._written("stdout")

    @property
    def err(self) -> str:
        """What stderr got, where it leads elsewhere."""
        return self._written("stderr")

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed and takes it line by line, as it did before."""
        flags: int = termios.tcgetattr(self._main)[3]
        return bool(flags & termios.ECHO) and bool(flags & termios.ICANON)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._main, keys.encode())

    def until(self, words: str) -> str:
        """Return what stands there when these words do.

        Raises:
            AssertionError: the program ended without them, or they did not come in time.
        """
        while words not in self.shown:
            self.more()
        return self.shown

    def more(self) -> None:
        """Wait until more stands there; raises as `until`."""
        assert self._read(), f"it ended with {self.process.returncode}:\n{self.shown}"

    def end(self) -> int:
        """Wait for the program's end; its exit code, -n where signal n ended it."""
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def _read(self) -> bool:
        """Take what comes next; false where the program has ended and nothing is left."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            ended = self.process.poll() is not None
            if select.select([self._main], [], [], 0 if ended else 0.05)[0]:
                self._seen += os.read(self._main, 65536)
                return True
            if ended:
                return False
        raise AssertionError(f"after {PATIENCE:g} seconds:\n{self.shown}")

    def _written(self, name: str) -> str:
        file = self._files[name]
        file.seek(0)
        return file.read().decode("utf-8", "replace")
