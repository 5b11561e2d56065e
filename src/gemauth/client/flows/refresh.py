"""A refresh token for a new access token (RFC 6749 section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.flows.exchange import exchange
from gemauth.client.target import is_emulated, of_user, require_side
from gemauth.oauth.client_authentication import ClientAuthentication
from gemauth.oauth.token import RefreshTokenGrant

if TYPE_CHECKING:
    from gemauth.flow import Flow
    from gemauth.google.credentials import AuthorizedUser
    from gemauth.google.endpoints import Endpoints
    from gemauth.oauth.token import TokenResponse

__all__ = ["refresh"]


def refresh(
    user: AuthorizedUser, endpoints: Endpoints, scopes: tuple[str, ...] = ()
) -> Flow[TokenResponse]:
    """Return the flow that renews a person's access token.

    Args:
        user: the credentials as kept.
        endpoints: whose token endpoint is asked; never one that a file names.
        scopes: fewer than were granted; empty takes all of them.

    Raises:
        TokenRefused: the grant is over, or the client is not accepted.
        CredentialError: the credentials belong to the other side (real, emulator).
        UnreachableError: the endpoint could not be asked.
    """
    require_side(endpoints, emulated=of_user(user), what="The refresh token")
    # A file may have the client of one side and the token of the other.
    require_side(endpoints, emulated=is_emulated(user.refresh_token), what="The refresh token")
    grant = RefreshTokenGrant(user.refresh_token, scopes)
    client = ClientAuthentication(user.client_id, user.client_secret)
    return (yield from exchange(endpoints.token, grant.to_form() | client.to_form()))
