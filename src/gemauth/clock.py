"""Time as an argument: nothing in gemauth reads the time except through a `Clock`.

All moments are seconds since the Unix epoch (UTC); `Clock.monotonic` is for waiting only.
"""

from __future__ import annotations

import time
from typing import Protocol

__all__ = ["Clock", "SystemClock", "rfc3339"]


class Clock(Protocol):
    """What gemauth needs to know about time."""

    def now(self) -> float:
        """Return seconds since the Unix epoch."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards, from an arbitrary start."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Return seconds since the Unix epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()


def rfc3339(moment: float) -> str:
    """Return a moment (epoch seconds) as RFC 3339 in UTC, with 0 or 6 digits of a second.

    >>> rfc3339(0)
    '1970-01-01T00:00:00Z'
    """
    from datetime import UTC, datetime  # 4 ms that most commands need not spend

    text = datetime.fromtimestamp(moment, UTC).isoformat()
    return text.replace("+00:00", "Z")
