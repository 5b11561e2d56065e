"""A signed-in person's tokens: each is the refresh token, spent once more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gemauth.client.sources.answer import from_answer
from gemauth.errors import CredentialError
from gemauth.flow import Now
from gemauth.google.scopes import canonical, short, typed

if TYPE_CHECKING:
    from gemauth.client.flows.exchange import TokenRefused
    from gemauth.client.token import AccessToken
    from gemauth.flow import Flow
    from gemauth.google.credentials import AuthorizedUser
    from gemauth.google.endpoints import Endpoints

__all__ = ["Refreshing"]


class Refreshing:
    """Renews a person's access token at every call; wrap it in a cache.

    A rotated refresh token (RFC 6749 section 6) is kept for as long as this object lives. Google
    rotates none (google-oauth.md 2.1), so there is nothing to write back to the file.

    Args:
        user: the credentials as kept.
        endpoints: whose token endpoint is asked.
        scopes: of its tokens; empty takes all that were granted.
        granted: what is known to be granted; empty where nobody remembers.
        until: the known end of the sign-in itself (epoch seconds), None where it has none.
    """

    def __init__(
        self,
        user: AuthorizedUser,
        endpoints: Endpoints,
        scopes: tuple[str, ...] = (),
        granted: tuple[str, ...] = (),
        until: float | None = None,
    ) -> None:
        self._user = user
        self._endpoints = endpoints
        self._scopes = canonical(scopes)
        self._granted = canonical(granted)
        self._until = until

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:  # noqa: ARG002  # always fresh
        """Return a new token; errors as `flows.refresh.refresh`.

        Raises:
            CredentialError: besides, where more is wanted than was granted: the endpoint would
                answer `invalid_scope` (google-oauth.md 2.1) and not name which.
        """
        from gemauth.client.flows.exchange import TokenRefused  # not for a token that is good
        from gemauth.client.flows.refresh import refresh

        self._require_granted()
        asked: float = yield Now()
        try:
            answer = yield from refresh(self._user, self._endpoints, self._scopes)
        except TokenRefused as error:
            raise self._explained(error, asked) from None
        if answer.refresh_token is not None:
            self._user = replace(self._user, refresh_token=answer.refresh_token)
        return from_answer(answer, asked, self._scopes)

    def _explained(self, error: TokenRefused, now: float) -> TokenRefused:
        """Return the refusal with its reason, where the sign-in's own end is it."""
        if error.body.error != "invalid_grant" or self._until is None or self._until > now:
            return error
        from gemauth.client.flows.exchange import TokenRefused
        from gemauth.client.flows.token_refusal import over

        return TokenRefused(error.body, error.http_status, error.host, meaning=over(self._until))

    def _require_granted(self) -> None:
        lacking = [scope for scope in self._scopes if scope not in self._granted]
        if self._granted and lacking:
            raise CredentialError(
                f"The sign-in was not granted {', '.join(map(short, lacking))}.",
                next_step="Ask for it: gemauth login --add-scopes " + ",".join(map(typed, lacking)),
            )
