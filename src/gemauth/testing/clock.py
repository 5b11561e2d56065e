"""A clock that stands still until it is told to move (`gemauth.clock.Clock`).

Read by tests on both sides, and by the emulator that `testing/emulator.py` runs in a thread.
"""

from __future__ import annotations

__all__ = ["FakeClock"]


class FakeClock:
    """A clock whose time is set by hand, in seconds since the Unix epoch.

    >>> clock = FakeClock()
    >>> clock.advance(3600)
    >>> clock.now()
    1767229200.0

    Args:
        now: where it starts; the default is 2026-01-01T00:00:00Z.
    """

    def __init__(self, now: float = 1767225600.0) -> None:
        self._now = now
        self._monotonic = 0.0

    def now(self) -> float:
        """Return seconds since the Unix epoch."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds that have been advanced."""
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            ValueError: seconds is negative; time as `monotonic` has it never runs backwards.
        """
        if seconds < 0:
            raise ValueError(f"a clock cannot be advanced by {seconds} seconds")
        self._now += seconds
        self._monotonic += seconds

    def set(self, now: float) -> None:
        """Correct the time of day, forwards or backwards, as a machine's clock may be."""
        self._now = now
