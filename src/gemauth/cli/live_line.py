"""One line on a terminal that tells how far something is; silent where no person looks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gemauth.cli.console import Console

__all__ = ["LiveLine"]

_EVERY = 0.1  # seconds: more often nobody can read it


class LiveLine:
    """Writes over itself on stderr, if that is a terminal that can, and --quiet is off."""

    def __init__(self, console: Console) -> None:
        self._console = console
        dumb = console.environ.get("TERM") == "dumb"  # without a way back to a line's start
        self._live = not console.quiet and not dumb and console.stderr.isatty()
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
        columns = self._columns()  # what is longer goes on in the next line, and stays there
        text = text[:columns]
        stderr.write("\r" + text.ljust(min(self._shown, columns)) + ("" if text else "\r"))
        stderr.flush()
        self._shown = len(text)

    def _columns(self) -> int:
        """Return how much fits into a line now: the window's size may change."""
        try:
            columns = os.get_terminal_size(self._console.stderr.fileno()).columns
        except (OSError, ValueError):  # no descriptor of the system's
            columns = 0
        return (columns or 80) - 1  # 0: a terminal that does not know
