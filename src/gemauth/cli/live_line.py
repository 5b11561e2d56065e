"""One line on a terminal that tells how far something is; silent where no person looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gemauth.cli.console import Console

__all__ = ["LiveLine"]

_EVERY = 0.1  # seconds: more often nobody can read it


class LiveLine:
    """Writes over itself on stderr, if that is a terminal and --quiet is off."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = not console.quiet and console.stderr.isatty()
        self._shown = 0
        self._next = 0.0

    def show(self, text: str) -> None:
        """Put a text in the place of the one before, not more often than people read."""
        now = self._console.clock.now()
        if self._live and now >= self._next:
            self._next = now + _EVERY
            self._put(text)

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._put("")

    def _put(self, text: str) -> None:
        stderr = self._console.stderr
        stderr.write("\r" + text.ljust(self._shown) + ("" if text else "\r"))
        stderr.flush()
        self._shown = len(text)
