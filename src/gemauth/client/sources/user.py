"""A signed-in person's tokens: each is the refresh token, spent once more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gemauth.client.sources.answer import from_answer
from gemauth.errors import CredentialError, UsageError
from gemauth.flow import Now
from gemauth.google.scopes import EMAIL, OPENID, canonical, short, typed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gemauth.client.flows.exchange import TokenRefused
    from gemauth.client.identity import IdentityToken
    from gemauth.client.token import AccessToken
    from gemauth.flow import Flow
    from gemauth.google.credentials import AuthorizedUser
    from gemauth.google.endpoints import Endpoints
    from gemauth.oauth.token import TokenResponse

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
        where: the option that leads `gemauth login` to it, after a space; nothing for ADC's place.
    """

    def __init__(
        self,
        user: AuthorizedUser,
        endpoints: Endpoints,
        scopes: tuple[str, ...] = (),
        granted: tuple[str, ...] = (),
        until: float | None = None,
        where: str = "",
    ) -> None:
        self._user = user
        self._endpoints = endpoints
        self._scopes = canonical(scopes)
        self._granted = canonical(granted)
        self._until = until
        self._where = where

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:  # noqa: ARG002  # always fresh
        """Return a new token; errors as `flows.refresh.refresh`.

        Raises:
            CredentialError: besides, where more is wanted than was granted: the endpoint would
                answer `invalid_scope` (google-oauth.md 2.1) and not name which.
        """
        self._require_granted(self._scopes)
        answer, asked = yield from self._refreshed(self._scopes)
        return from_answer(answer, asked, self._scopes)

    def identity(self, audience: str | None, *, include_email: bool = False) -> Flow[IdentityToken]:
        """Return a new ID token of the person: it comes with a refresh (google-oauth.md 2.1).

        Raises:
            UsageError: it is to be for somebody else than the OAuth client of the sign-in.
            CredentialError: the sign-in was not granted `openid`, or no address and it is wanted;
                besides, as `token`.
        """
        from gemauth.client.identity import IdentityToken

        client = self._user.client_id
        if audience not in {None, client}:
            raise UsageError(
                "A person's ID token is for the OAuth client of the sign-in, and for no other "
                "audience.",
                next_step="Leave out --audience; or act as a service account, which gets them for "
                "any: --impersonate-service-account EMAIL.",
            )
        wanted = (OPENID, EMAIL) if include_email else (OPENID,)
        self._require_granted(wanted)
        answer, _ = yield from self._refreshed(())  # whatever scopes the access tokens have
        if answer.id_token is None:
            raise self._not_granted((OPENID,))
        token = IdentityToken.read(answer.id_token, client)
        if include_email and token.email is None:
            raise self._not_granted((EMAIL,))
        return token

    def _refreshed(self, scopes: tuple[str, ...]) -> Flow[tuple[TokenResponse, float]]:
        """Return the answer to a refresh, and when it was asked for."""
        from gemauth.client.flows.exchange import TokenRefused  # not for a token that is good
        from gemauth.client.flows.refresh import refresh

        asked: float = yield Now()
        try:
            answer = yield from refresh(self._user, self._endpoints, scopes)
        except TokenRefused as error:
            raise self._explained(error, asked) from None
        if answer.refresh_token is not None:
            self._user = replace(self._user, refresh_token=answer.refresh_token)
        return answer, asked

    def _explained(self, error: TokenRefused, now: float) -> TokenRefused:
        """Return the refusal with its reason, where the sign-in's own end is it."""
        if error.body.error != "invalid_grant" or self._until is None or self._until > now:
            return error
        from gemauth.client.flows.exchange import TokenRefused
        from gemauth.client.flows.token_refusal import over

        return TokenRefused(error.body, error.http_status, error.host, meaning=over(self._until))

    def _require_granted(self, scopes: tuple[str, ...]) -> None:
        lacking = [scope for scope in scopes if scope not in self._granted]
        if self._granted and lacking:
            raise self._not_granted(lacking)

    def _not_granted(self, lacking: Iterable[str]) -> CredentialError:
        names = ",".join(map(typed, lacking))
        return CredentialError(
            f"The sign-in was not granted {', '.join(map(short, lacking))}.",
            next_step=f"Ask for it: gemauth login --add-scopes {names}{self._where}",
        )
