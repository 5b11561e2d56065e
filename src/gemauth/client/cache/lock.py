"""Locks: one refresh at a time in this process, and one on this machine.

    Turn        in this process, for threads and for tasks of any event loop
    FileLock    between processes: flock(2) on a side file, msvcrt.locking on Windows

The side files are permanent. Deleting a lock file is a race (one process locks the file that
another is about to delete, a third locks its successor), and there are at most 256 of them, of no
bytes. The kernel releases a file's lock when its holder ends, however it ends. `sources/cached.py`
has both, and decides how long to wait.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from pathlib import Path

from gemauth.client.cache.files import make_folders

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FileLock", "Turn", "lock_file"]


class _Waiter:
    """Who stands in line; no dataclass, which the short way to a new token does without."""

    __slots__ = ("granted", "wake")

    def __init__(self, wake: Callable[[], object]) -> None:
        self.wake = wake
        self.granted = False


class Turn:
    """A lock of this process, handed on in order; no event loop is held up by it.

    Any thread may release it. A process that is forked while it is taken starts with a free one:
    its holder is not there.
    """

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._process = os.getpid()
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[_Waiter] = deque()

    def acquire(self, patience: float) -> bool:
        """Wait at most `patience` seconds, or until sent away; whether it was had."""
        event = threading.Event()
        waiter = self._enter(event.set, patience)
        if waiter is None:
            return True
        try:
            event.wait(patience)
        except BaseException:  # Ctrl-C
            self._abandon(waiter)
            raise
        return self._leave(waiter)

    async def acquire_async(self, patience: float) -> bool:
        """Do the same, while the event loop goes on."""
        import asyncio  # there is one already, when this is called

        loop = asyncio.get_running_loop()
        event = asyncio.Event()
        waiter = self._enter(lambda: loop.call_soon_threadsafe(event.set), patience)
        if waiter is None:
            return True
        try:
            await asyncio.wait_for(event.wait(), patience)
        except TimeoutError:
            pass
        except BaseException:  # cancelled
            self._abandon(waiter)
            raise
        return self._leave(waiter)

    def release(self, *, everyone: bool = False) -> None:
        """Hand it on; or send `everyone` in line away without it, when there is no more to do.

        Handed on, each of many threads would wait for the one before it to be scheduled.
        """
        with self._guard:
            if everyone or not self._waiting:
                self._taken = False
                woken, self._waiting = self._waiting, deque()
            else:
                woken = deque([self._waiting.popleft()])
                woken[0].granted = True
        for waiter in woken:
            try:
                waiter.wake()
            except RuntimeError:  # its event loop is closed: the next one, then
                if waiter.granted:
                    self.release()

    def _enter(self, wake: Callable[[], object], patience: float) -> _Waiter | None:
        """Take it, or stand in line; whoever has no patience is not in it."""
        if self._process != os.getpid():
            self._reset()
        waiter = _Waiter(wake)
        with self._guard:
            if not self._taken:
                self._taken = True
                return None
            if patience > 0:
                self._waiting.append(waiter)
        return waiter

    def _leave(self, waiter: _Waiter) -> bool:
        """Leave the line; whether it was one's turn by then."""
        with self._guard:
            if not waiter.granted and waiter in self._waiting:
                self._waiting.remove(waiter)
            return waiter.granted

    def _abandon(self, waiter: _Waiter) -> None:
        if self._leave(waiter):
            self.release()


def lock_file(entry: str) -> str:
    """Return the path of the file to lock for a cache entry.

    Entries share 256 of them, so that they do not become more with every sign-in; two that share
    one by chance wait for each other now and then.
    """
    path = Path(entry)
    return str(path.parent.with_name("locks") / path.name[:2])


class FileLock:
    """A lock between processes: never waits, and never fails.

    Where no such file can be made or locked (a read-only home, a full disk, a network file system
    without locks) there is nothing to be kept apart either, since nothing can be stored: then it is
    had without a file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self, patience: float = 0.0) -> bool:  # noqa: ARG002  # whoever wants to wait asks again
        """Return whether it was had; at once."""
        try:
            descriptor = _open(self._path)
        except OSError:
            return True
        try:
            _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            return not isinstance(error, BlockingIOError | PermissionError)
        self._descriptor = descriptor
        return True

    async def acquire_async(self, patience: float = 0.0) -> bool:
        """Do the same: two calls of the kernel's, which wait for nothing."""
        return self.acquire(patience)

    def release(self) -> None:
        """Let the next one have it; the file stays."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        try:
            _unlock(descriptor)  # a child that was forked meanwhile has the descriptor too
        finally:
            os.close(descriptor)


def _open(path: str) -> int:
    """Open a lock file; one that is not there is made, for its owner only whatever the umask."""
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        make_folders(Path(path).parent)
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # made by another process meanwhile
        return os.open(path, flags)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, 0o600)
    return descriptor


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _lock(descriptor: int) -> None:
        """Lock the first byte; PermissionError where another process has it."""
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        """Lock the file; BlockingIOError where another process has it."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
