from __future__ import annotations

import io

from gemauth.cli.console import Console
from gemauth.cli.live_line import LiveLine
from gemauth.testing.clock import FakeClock


class Screen(io.StringIO):
    def isatty(self) -> bool:
        """It is a terminal."""
        return True


def line(stderr: io.StringIO, *, quiet: bool = False) -> tuple[LiveLine, FakeClock]:
    """Return a live line and the clock that it goes by."""
    clock = FakeClock()
    console = Console(io.StringIO(), io.StringIO(), stderr, {}, clock=clock, quiet=quiet)
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


def test_not_more_often_than_people_read() -> None:
    """A tenth of a second apart."""
    screen = Screen()
    live, clock = line(screen)
    for _ in range(100):
        live.show("x")
        clock.advance(0.01)
    assert 9 <= screen.getvalue().count("x") <= 11


def test_no_terminal_no_line() -> None:
    """Nor with --quiet: a log has no use for it."""
    for stderr, quiet in ((io.StringIO(), False), (Screen(), True)):
        live, _ = line(stderr, quiet=quiet)
        live.show("x")
        live.clear()
        assert stderr.getvalue() == ""
