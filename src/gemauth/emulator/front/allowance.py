"""How much of something a peer may do: much at once, then some each second (a token bucket)."""

from __future__ import annotations

__all__ = ["Allowance"]


class Allowance:
    """`burst` at once, and `per_second` after that."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._left = self._burst = burst
        self._per_second = per_second
        self._at: float | None = None

    def spend(self, now: float) -> bool:
        """Take one at a time in seconds, which never goes back; return whether there was one."""
        if self._at is not None:
            self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
