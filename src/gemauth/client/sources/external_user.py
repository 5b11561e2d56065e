"""The tokens of a person of another identity provider (workforce federation; google-oauth.md 6.3).

RFC 6749 section 6 with the client in HTTP Basic, at the token endpoint that the file names:
`target.of_external_user` lets only Google's token service and an emulator's pass. This one external
type is a plain refresh, so gemauth does it by itself; `external.py` has the others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gemauth.client.flows.exchange import exchange
from gemauth.client.sources.answer import from_answer
from gemauth.client.target import is_emulated, of_external_user, require_side
from gemauth.flow import Now
from gemauth.oauth.client_authentication import ClientAuthentication
from gemauth.oauth.token import RefreshTokenGrant

if TYPE_CHECKING:
    from gemauth.client.identity import IdentityToken
    from gemauth.client.token import AccessToken
    from gemauth.flow import Flow
    from gemauth.google.credentials import ExternalAccountAuthorizedUser
    from gemauth.google.endpoints import Endpoints

__all__ = ["ExternalRefreshing"]


class ExternalRefreshing:
    """Renews the person's access token at every call; wrap it in a cache.

    No scopes are asked for, as google-auth asks for none: the token has all that were granted. A
    rotated refresh token is kept for as long as this object lives, and the file's stays as it is.

    Raises:
        CredentialError: the credentials belong to the other side (real, emulator).
        UsageError: the file names a token endpoint that is neither Google's nor an emulator's.
    """

    def __init__(self, user: ExternalAccountAuthorizedUser, endpoints: Endpoints) -> None:
        require_side(endpoints, emulated=of_external_user(user), what="The external sign-in")
        # Its own address says which side a file is of, and may have been changed.
        require_side(endpoints, emulated=is_emulated(user.refresh_token), what="The refresh token")
        self._user = user

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:  # noqa: ARG002  # always fresh
        """Return a new token; errors as `flows.exchange.exchange`."""
        asked: float = yield Now()
        client = ClientAuthentication(self._user.client_id, self._user.client_secret)
        grant = RefreshTokenGrant(self._user.refresh_token)
        answer = yield from exchange(self._user.token_url, grant.to_form(), basic=client.to_basic())
        if answer.refresh_token is not None:
            self._user = replace(self._user, refresh_token=answer.refresh_token)
        return from_answer(answer, asked, ())

    def identity(
        self,
        audience: str | None,  # noqa: ARG002  # IdentitySource's
        *,
        include_email: bool = False,  # noqa: ARG002  # IdentitySource's
    ) -> Flow[IdentityToken]:
        """Return nothing: Google's token service answers with access tokens (5.3).

        Raises:
            NoIdentityError: always.
        """
        from gemauth.client.identity import NoIdentityError

        raise NoIdentityError(
            "People of another identity provider get access tokens of Google, and no ID tokens."
        )
