"""One emulator to a data folder: an advisory lock that the kernel lets go of when the process ends.

A file that merely exists would outlive `kill -9`; a lock does not (flock(2)).
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gemauth.errors import Fault, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["FolderInUseError", "held", "locked"]

FILE = "emulator.lock"


class FolderInUseError(RefusedError):
    """Another emulator runs on the data folder."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a data folder's lock; the folder is made, 0700, if need be.

    Raises:
        FolderInUseError: another process holds it.
        UsageError: the folder cannot be made or written to.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | _NO_FOLLOW, 0o600)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be a data folder: {error.strerror}.",
            fault=Fault.MACHINE,
            next_step="Use another --data folder, or --in-memory.",
        ) from error
    try:
        if not _take_soon(descriptor):
            raise FolderInUseError(
                f"Another emulator runs on {folder}.",
                next_step="Stop it with gemauth emulator stop, or start this one with "
                "--in-memory or another --data folder.",
            )
        yield
    finally:
        os.close(descriptor)


def held(folder: Path) -> bool:
    """Whether some process holds a data folder's lock now."""
    try:
        descriptor = os.open(folder / FILE, os.O_RDWR | _NO_FOLLOW)
    except FileNotFoundError:
        return False
    try:
        return not _take(descriptor)
    finally:
        os.close(descriptor)


def _take_soon(descriptor: int) -> bool:
    """Take the lock; `held` of another process may have it for some microseconds."""
    for _ in range(5):
        if _take(descriptor):
            return True
        time.sleep(0.01)
    return False


if sys.platform == "win32":  # pragma: no cover  # CI runs on Linux
    import msvcrt

    _NO_FOLLOW = 0

    def _take(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    _NO_FOLLOW = os.O_NOFOLLOW

    def _take(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
