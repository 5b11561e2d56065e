from __future__ import annotations

import fcntl
import io
import os
import struct
import termios
from typing import TYPE_CHECKING, cast

from gemauth.cli.console import Console
from gemauth.cli.live_line import LiveLine
from gemauth.testing.clock import FakeClock

if TYPE_CHECKING:
    import pytest


class Screen(io.StringIO):
    def isatty(self) -> bool:
        """It is a terminal."""
        return True


def line(stderr: io.StringIO, *, quiet: bool = False, **environ: str) -> tuple[LiveLine, FakeClock]:
    """Return a live line and the clock that it goes by."""
    clock = FakeClock()
    console = Console(io.StringIO(), io.StringIO(), stderr, environ, clock=clock, quiet=quiet)
    return LiveLine(console), clock


def test_it_writes_over_itself() -> None:
    """A shorter text leaves nothing of a longer one, and in the end the line is empty."""
    screen = Screen()
    live, clock = line(screen)
    live.show("10 of 100")
    clock.advance(1)
    live.show("9")
    live.clear()
    assert screen.getvalue() == "\r10 of 100\r9        \r \r"


def test_it_never_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is longer than the window is cut, because a line that goes on cannot be painted over;
    the window may become narrower meanwhile, and some terminals do not know their size (0).
    """
    written: list[str] = []
    main, there = os.openpty()
    with os.fdopen(main, "wb"), os.fdopen(there, "w") as screen:
        monkeypatch.setattr(screen, "write", written.append)
        live, clock = line(cast("io.StringIO", screen))
        for columns in (20, 10, 0):
            fcntl.ioctl(main, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            live.show("x" * 100)
            clock.advance(1)
        assert [len(text.strip("\r")) for text in written] == [19, 9, 79]
        assert os.get_terminal_size(there).columns == 0


def test_not_more_often_than_people_read() -> None:
    """A tenth of a second apart."""
    screen = Screen()
    live, clock = line(screen)
    for _ in range(100):
        live.show("x")
        clock.advance(0.01)
    assert 9 <= screen.getvalue().count("x") <= 11


def test_no_terminal_no_line() -> None:
    """Nor with --quiet: a log has no use for it; nor where nothing can be painted over."""
    for stderr, quiet, term in (
        (io.StringIO(), False, "xterm"),
        (Screen(), True, "xterm"),
        (Screen(), False, "dumb"),
    ):
        live, _ = line(stderr, quiet=quiet, TERM=term)
        live.show("x")
        live.clear()
        assert stderr.getvalue() == ""
