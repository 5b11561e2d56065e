"""Client authentication (RFC 6749 section 2.3.1): HTTP Basic, or id and secret in the form."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BrokenBasic", "ClientAuthentication"]


class BrokenBasic(ValueError):  # noqa: N818  # a reading failure for the server to word
    """A Basic header that is not base64 of `id:secret`."""


@dataclass(frozen=True, slots=True)
class ClientAuthentication:
    """A client's id and secret; what a request left out is None."""

    client_id: str | None
    client_secret: str | None = field(repr=False)

    def to_form(self) -> dict[str, str]:
        """Return the fields for the form (client_secret_post)."""
        members = {"client_id": self.client_id, "client_secret": self.client_secret}
        return {name: value for name, value in members.items() if value is not None}

    def to_basic(self) -> str:
        """Return the Authorization header's value (client_secret_basic)."""
        pair = f"{quote_plus(self.client_id or '')}:{quote_plus(self.client_secret or '')}"
        return "Basic " + base64.b64encode(pair.encode("ascii")).decode("ascii")

    @classmethod
    def from_request(
        cls, authorization: str | None, form: Mapping[str, str]
    ) -> ClientAuthentication:
        """Return what a token request carries; a Basic header counts before the form.

        Raises:
            BrokenBasic: there is a Basic header that cannot be read.
        """
        scheme, _, encoded = (authorization or "").partition(" ")
        if scheme.lower() != "basic":
            return cls(form.get("client_id"), form.get("client_secret"))
        try:
            pair = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            raise BrokenBasic(scheme) from None
        client_id, colon, secret = pair.partition(":")
        if not colon:
            raise BrokenBasic(scheme)
        return cls(unquote_plus(client_id), unquote_plus(secret))
