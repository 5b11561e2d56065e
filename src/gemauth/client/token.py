"""A token is a value; what yields tokens is a `TokenSource`, and sources wrap sources.

    Stored(Remembered(Refreshing(user)))    the file cache, this process's memory, the endpoint

Read by `client/credentials.py`; made in `client/sources/`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gemauth.flow import Flow

__all__ = ["EARLY", "AccessToken", "TokenSource"]

# Seconds before its end at which a token counts as spent; google-auth's own 3 min 45 s
# (google-oauth.md section 10), so that gemauth and an SDK beside it agree.
EARLY = 225.0


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token: its value, its end (epoch seconds), the scopes it is known to have."""

    value: str = field(repr=False)
    expires_at: float | None = None
    scopes: tuple[str, ...] = ()

    def usable(self, now: float) -> bool:
        """Whether it lives for `EARLY` seconds more; one of unknown end (None) never counts."""
        return self.expires_at is not None and now < self.expires_at - EARLY


class TokenSource(Protocol):
    """Yields access tokens."""

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return a usable token; `fresh` asks for a new one, past every cache (after a 401).

        Raises:
            CredentialError: the server no longer accepts the credential.
            UnreachableError: the server could not be asked.
        """
        ...
