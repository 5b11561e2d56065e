"""A token request as it came in: the grant's fields and who says to send it.

Parsed by `token.py`; read by `client.py` and `grants/`, which take their own fields from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gemauth.emulator.authserver.token_error import Row, TokenRefused
from gemauth.oauth.client_authentication import BrokenBasic, ClientAuthentication

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.authserver.form import Form

__all__ = ["NamedClient", "TokenRequest"]


@dataclass(frozen=True, slots=True)
class NamedClient:
    """The client that a request claims to come from, and the secret that is to prove it."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request to the token endpoint; `token_urls` are the endpoint's own addresses."""

    grant_type: str
    form: Mapping[str, str] = field(repr=False)
    authorization: str | None = field(repr=False)
    token_urls: tuple[str, ...]

    @classmethod
    def parse(
        cls, form: Form, authorization: str | None, token_urls: tuple[str, ...]
    ) -> TokenRequest:
        """Return the request of a form and an Authorization header.

        Raises:
            TokenRefused: there is no grant type, or a parameter came twice.
        """
        if form.repeated is not None:
            raise TokenRefused(Row.REPEATED_PARAMETER, name=form.repeated)
        if "grant_type" not in form.fields:
            raise TokenRefused(Row.MISSING_GRANT_TYPE)
        return cls(form.fields["grant_type"], form.fields, authorization, token_urls)

    def client(self) -> NamedClient:
        """Return the client that the request names.

        Raises:
            TokenRefused: there is no id, no secret, or a Basic header that cannot be read.
        """
        try:
            sent = ClientAuthentication.from_request(self.authorization, self.form)
        except BrokenBasic:
            raise TokenRefused(Row.BROKEN_BASIC) from None
        if not sent.client_id:
            raise TokenRefused(Row.NO_CLIENT_ID)
        if not sent.client_secret:
            raise TokenRefused(Row.NO_CLIENT_SECRET)
        return NamedClient(sent.client_id, sent.client_secret)
