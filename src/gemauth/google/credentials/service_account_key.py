"""A service account's key file (google-oauth.md 6.3); IAM writes it, and so does the emulator."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from gemauth.google.credentials.members import required
from gemauth.value import Value, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.google.endpoints import Endpoints

__all__ = ["ServiceAccountKey"]


@frozen
class ServiceAccountKey(Value):
    """A service account's key file: `type: service_account`."""

    type: ClassVar[str] = "service_account"

    client_email: str
    token_uri: str
    private_key: str = field(repr=False)
    private_key_id: str | None = None
    project_id: str | None = None
    client_id: str | None = None
    auth_uri: str = "https://accounts.google.com/o/oauth2/auth"
    auth_provider_x509_cert_url: str = "https://www.googleapis.com/oauth2/v1/certs"
    client_x509_cert_url: str | None = None
    universe_domain: str = "googleapis.com"

    def to_json(self) -> dict[str, Any]:
        """Return the file's object."""
        members = {name: getattr(self, name) for name in ("type", *_KEY_MEMBERS)}
        return {name: value for name, value in members.items() if value is not None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> ServiceAccountKey:
        """Return the key of a file's object.

        Raises:
            DataError: a required member is missing.
        """
        needed = required(body, cls.type, "client_email", "token_uri", "private_key")
        more = {
            name: body[name]
            for name in _KEY_MEMBERS
            if name not in needed and isinstance(body.get(name), str)
        }
        return cls(**needed, **more)

    def at(self, urls: Endpoints) -> ServiceAccountKey:
        """Return the file of the same key as IAM writes it: with the addresses of one Google."""
        return replace(
            self,
            auth_uri=urls.authorization_v1,
            token_uri=urls.token,
            auth_provider_x509_cert_url=urls.certs,
            client_x509_cert_url=f"{urls.robot_certs}/{quote(self.client_email, safe='')}",
        )


_KEY_MEMBERS = (
    "project_id",
    "private_key_id",
    "private_key",
    "client_email",
    "client_id",
    "auth_uri",
    "token_uri",
    "auth_provider_x509_cert_url",
    "client_x509_cert_url",
    "universe_domain",
)
