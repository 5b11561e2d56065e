"""An access token that somebody else has made: used as it is, renewed by nobody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gemauth.client.credentials import Credentials
from gemauth.client.target import require_token_side, target
from gemauth.client.token import AccessToken
from gemauth.errors import CredentialError, UsageError

if TYPE_CHECKING:
    from gemauth.client.identity import IdentityToken
    from gemauth.client.sources.wanted import Wanted
    from gemauth.flow import Flow

__all__ = ["Given", "credentials"]

_TOKEN = r"[A-Za-z0-9._~+/-]{1,8192}=*"  # noqa: S105  # RFC 6750 section 2.1


class Given:
    """Yields one token, and has no other."""

    def __init__(self, token: AccessToken) -> None:
        self._token = token

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return it.

        Raises:
            CredentialError: another one is asked for, most often since the server refused it.
        """
        yield from ()
        if fresh:
            raise CredentialError(
                "The access token that was given is refused or no longer wanted, and nothing "
                "renews it.",
                next_step="Get a new one where it came from; it lives for an hour, as a rule.",
            )
        return self._token

    def identity(
        self,
        audience: str | None,  # noqa: ARG002  # IdentitySource's
        *,
        include_email: bool = False,  # noqa: ARG002  # IdentitySource's
    ) -> Flow[IdentityToken]:
        """Return nothing: no server makes an ID token of an access token.

        Raises:
            NoIdentityError: always.
        """
        from gemauth.client.identity import NoIdentityError

        raise NoIdentityError("An access token is all that was given, and no ID token comes of it.")


def credentials(token: str, wanted: Wanted) -> Credentials:
    """Return the credentials that a token is.

    Raises:
        UsageError: it is no token.
        CredentialError: it belongs to the other side (real, emulator).
    """
    value = token.strip()
    if not re.fullmatch(_TOKEN, value):
        raise UsageError(
            "This is no access token: one word of letters, digits and -._~+/ was expected.",
            next_step="The file holds the token and nothing else.",
        )
    endpoints = wanted.endpoints or target({})
    require_token_side(endpoints, value)
    return Credentials(
        kind="access_token",
        source=Given(AccessToken(value)),
        endpoints=endpoints,
        quota_project=wanted.quota_project,
    )
