"""A token is a value; what yields tokens is a `TokenSource`, and sources wrap sources.

    Stored(Refreshing(user), place)    this process's memory and the file cache before the endpoint

Read by `client/credentials.py`; made in `client/sources/`.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from gemauth.value import Value, frozen

if TYPE_CHECKING:
    from gemauth.flow import Flow

__all__ = ["EARLY", "SKEW", "AccessToken", "TokenCache", "TokenSource"]

# Seconds before its end at which a token counts as spent; google-auth's own 3 min 45 s
# (google-oauth.md section 10), so that gemauth and an SDK beside it agree.
EARLY = 225.0
# Seconds by which a clock may be set back without making tokens suspect: what time daemons do.
SKEW = 60.0


@frozen
class AccessToken(Value):
    """A bearer token.

    Attributes:
        value: what is sent.
        expires_at: its end, epoch seconds by this machine's clock; None where it is unknown.
        scopes: those that it is known to have.
        issued_at: when it was asked for, by the same clock; None where that is unknown.
    """

    value: str = field(repr=False)
    expires_at: float | None = None
    scopes: tuple[str, ...] = ()
    issued_at: float | None = None

    def lives(self, now: float, seconds: float) -> bool:
        """Whether it lives for so many seconds more; one of unknown end never counts.

        An end is only as good as the clock that it was reckoned by. One that was wrong by a
        constant cancels out; one that has been set back since shows by a token from the future,
        whose end would come too late by as much.
        """
        if self.expires_at is None or (self.issued_at is not None and now < self.issued_at - SKEW):
            return False
        return now < self.expires_at - seconds

    def usable(self, now: float) -> bool:
        """Whether it lives for `EARLY` seconds more."""
        return self.lives(now, EARLY)


class TokenSource(Protocol):
    """Yields access tokens."""

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return a usable token; `fresh` asks for a new one, past every cache.

        Raises:
            CredentialError: the server no longer accepts the credential.
            UnreachableError: the server could not be asked.
        """
        ...


@runtime_checkable
class TokenCache(TokenSource, Protocol):
    """A source that yields one token several times."""

    def reject(self, value: str) -> None:
        """Yield a token no more, since the server refused it (after a 401).

        Unlike `fresh`, this leads everybody who was refused the same token to one new one.
        """
        ...
