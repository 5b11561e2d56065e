"""What may lie where a file is looked for, and holds nothing; and a limit to waiting for it."""

from __future__ import annotations

import os
import signal
import socket
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType

__all__ = ["OTHERS", "at_once", "lay", "unless_windows"]

OTHERS = {"pipe": "a pipe", "socket": "a socket", "folder": "a folder", "device": "a device"}
"""Kinds of them, and how an error calls each."""
unless_windows = pytest.mark.skipif(sys.platform == "win32", reason="no named pipes there")


def lay(kind: str, path: Path) -> None:
    """Lay one somewhere; a device by a link that leads to one without an end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        here = os.open(".", os.O_RDONLY)
        os.chdir(path.parent)  # a socket's address is at most 107 bytes long
        try:
            with socket.socket(socket.AF_UNIX) as bound:
                bound.bind(path.name)
        finally:
            os.fchdir(here)
            os.close(here)


@contextmanager
def at_once(seconds: float = 5.0) -> Iterator[None]:
    """Fail where something waits for longer, in a system call too."""

    def late(_signal: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"it took more than {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
