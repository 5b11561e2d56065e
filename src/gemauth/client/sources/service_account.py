"""A service account's tokens, from its key: exchanged for scoped ones, or self-signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.flows.assertion import exchange_assertion, self_signed
from gemauth.client.sources.answer import from_answer
from gemauth.flow import Now

if TYPE_CHECKING:
    from gemauth.client.token import AccessToken
    from gemauth.flow import Flow
    from gemauth.google.credentials import ServiceAccountKey
    from gemauth.google.endpoints import Endpoints

__all__ = ["Exchanged", "SelfSigned"]


class Exchanged:
    """Trades a signed assertion for a scoped access token at every call; wrap it in a cache.

    The default toward the Gemini API: a scoped token is what its method table asks for.
    """

    def __init__(
        self, key: ServiceAccountKey, endpoints: Endpoints, scopes: tuple[str, ...]
    ) -> None:
        self._key = key
        self._endpoints = endpoints
        self._scopes = scopes

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:  # noqa: ARG002  # always fresh
        """Return a new token; errors as `flows.assertion.exchange_assertion`."""
        asked: float = yield Now()
        answer = yield from exchange_assertion(self._key, self._endpoints, self._scopes)
        return from_answer(answer, asked, self._scopes)


class SelfSigned:
    """Signs a bearer token itself, as Google's own libraries do: no token endpoint is asked.

    Args:
        key: signs.
        audience: the API's root with a slash at its end, such as
            `https://generativelanguage.googleapis.com/`; the emulator takes the same one.
        scopes: used instead of the audience where there are any.
    """

    def __init__(self, key: ServiceAccountKey, audience: str, scopes: tuple[str, ...] = ()) -> None:
        self._key = key
        self._audience = audience
        self._scopes = scopes

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:  # noqa: ARG002  # always fresh
        """Return a new token.

        Raises:
            DataError: the private key cannot be read.
        """
        now: float = yield Now()
        if self._scopes:
            return self_signed(self._key, now, scopes=self._scopes)
        return self_signed(self._key, now, audience=self._audience)
