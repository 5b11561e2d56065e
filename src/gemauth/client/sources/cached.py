"""Sources that wrap a source: a token is asked for again only when the last one is nearly over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.cache import tokens
from gemauth.errors import DataError
from gemauth.flow import Now

if TYPE_CHECKING:
    from gemauth.client.token import AccessToken, TokenSource
    from gemauth.flow import Flow

__all__ = ["Remembered", "Stored"]


class Remembered:
    """Keeps the last token in memory."""

    def __init__(self, source: TokenSource, token: AccessToken | None = None) -> None:
        self._source = source
        self._token = token

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return the token in memory while it is usable; errors as the wrapped source's."""
        now: float = yield Now()
        if fresh or self._token is None or not self._token.usable(now):
            self._token = yield from self._source.token(fresh=fresh)
        return self._token


class Stored:
    """Keeps the last token in a file, for the next process (`client/cache/tokens.py`).

    The file is a few hundred bytes on the local disk: it is read in the flow itself, on an event
    loop too. A cache that cannot be written costs a request next time, and nothing else.
    """

    def __init__(self, source: TokenSource, place: str) -> None:
        self._source = source
        self._place = place

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return the token in the file while it is usable; errors as the wrapped source's."""
        now: float = yield Now()
        kept = None if fresh else tokens.lookup(self._place)
        if kept is not None and kept.usable(now):
            return kept
        token = yield from self._source.token(fresh=fresh)
        try:
            tokens.store(self._place, token)
        except DataError:
            return token
        return token
