"""A signed-in person's tokens: each is the refresh token, spent once more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gemauth.client.flows.refresh import refresh
from gemauth.client.sources.answer import from_answer
from gemauth.flow import Now

if TYPE_CHECKING:
    from gemauth.client.token import AccessToken
    from gemauth.flow import Flow
    from gemauth.google.credentials import AuthorizedUser
    from gemauth.google.endpoints import Endpoints

__all__ = ["Refreshing"]


class Refreshing:
    """Renews a person's access token at every call; wrap it in a cache.

    A rotated refresh token (RFC 6749 section 6) is kept for as long as this object lives. Google
    rotates none (google-oauth.md 2.1), so there is nothing to write back to the file.
    """

    def __init__(
        self, user: AuthorizedUser, endpoints: Endpoints, scopes: tuple[str, ...] = ()
    ) -> None:
        self._user = user
        self._endpoints = endpoints
        self._scopes = scopes

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:  # noqa: ARG002  # always fresh
        """Return a new token; errors as `flows.refresh.refresh`."""
        asked: float = yield Now()
        answer = yield from refresh(self._user, self._endpoints, self._scopes)
        if answer.refresh_token is not None:
            self._user = replace(self._user, refresh_token=answer.refresh_token)
        return from_answer(answer, asked, self._scopes)
