"""Credential files: the JSON of Application Default Credentials (google-oauth.md 6.3).

Read and written by `client/cache/adc.py`; the emulator writes service-account keys. A file of a
type that gemauth does not take apart (external_account and its kin) is kept whole in
`OtherCredentials`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from gemauth.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.google.endpoints import Endpoints

__all__ = [
    "EMULATED_KEY_ID",
    "AuthorizedUser",
    "Credentials",
    "ExternalAccountAuthorizedUser",
    "OtherCredentials",
    "ServiceAccountKey",
    "from_json",
]

KNOWN_TYPES = (
    "authorized_user",
    "service_account",
    "impersonated_service_account",
    "external_account",
    "external_account_authorized_user",
    "gdch_service_account",
)


@dataclass(frozen=True, slots=True)
class AuthorizedUser:
    """A signed-in person: `type: authorized_user`, as gcloud writes it."""

    type: ClassVar[str] = "authorized_user"

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    quota_project_id: str | None = None
    account: str = ""
    scopes: tuple[str, ...] = ()
    universe_domain: str = "googleapis.com"

    def to_json(self) -> dict[str, Any]:
        """Return the file's object, keys sorted as gcloud writes them."""
        members: dict[str, Any] = {
            "account": self.account,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "quota_project_id": self.quota_project_id,
            "refresh_token": self.refresh_token,
            "scopes": list(self.scopes) or None,
            "type": self.type,
            "universe_domain": self.universe_domain,
        }
        return {name: value for name, value in members.items() if value is not None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> AuthorizedUser:
        """Return the person's credentials; `scopes` may be a list or a string.

        Raises:
            DataError: a required member is missing.
        """
        members = _required(body, cls.type, "client_id", "client_secret", "refresh_token")
        scopes, quota = body.get("scopes") or (), body.get("quota_project_id")
        if isinstance(scopes, str):
            scopes = scopes.split()
        return cls(
            **members,
            quota_project_id=quota if isinstance(quota, str) and quota else None,
            account=str(body.get("account") or ""),
            scopes=tuple(map(str, scopes)) if isinstance(scopes, list | tuple) else (),
            universe_domain=str(body.get("universe_domain") or "googleapis.com"),
        )


EMULATED_KEY_ID = "656d75"
"""How the ids of an emulator's keys begin: `emu` in hexadecimal, where Google's are random.

A key file that was written through a proxy names Google's addresses; this tells it all the same.
"""


@dataclass(frozen=True, slots=True)
class ServiceAccountKey:
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
        required = _required(body, cls.type, "client_email", "token_uri", "private_key")
        more = {
            name: body[name]
            for name in _KEY_MEMBERS
            if name not in required and isinstance(body.get(name), str)
        }
        return cls(**required, **more)

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


@dataclass(frozen=True, slots=True)
class ExternalAccountAuthorizedUser:
    """A signed-in person of another identity provider: `type: external_account_authorized_user`.

    The one type of a person whose token endpoint official clients take from the file (9.1), so the
    emulator writes it for people of its own. A file of it that is read is `OtherCredentials`.
    """

    type: ClassVar[str] = "external_account_authorized_user"

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    token_url: str
    revoke_url: str
    quota_project_id: str | None = None
    # Any text; one that names a workforce pool has google-auth ask Google about the pool.
    audience: str = "emulator"

    def to_json(self) -> dict[str, Any]:
        """Return the file's object."""
        members: dict[str, Any] = {
            "type": self.type,
            "audience": self.audience,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
            "token_url": self.token_url,
            "revoke_url": self.revoke_url,
            "quota_project_id": self.quota_project_id,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True)
class OtherCredentials:
    """A credential file of a known type that gemauth does not take apart."""

    type: str
    body: Mapping[str, Any] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the file's object, unchanged."""
        return dict(self.body)


Credentials = AuthorizedUser | ServiceAccountKey | OtherCredentials


def from_json(body: Any) -> Credentials:  # noqa: ANN401  # what a file may hold
    """Return the credentials that a file's object holds, by its `type`.

    Raises:
        DataError: it is no credential file, or lacks a required member.
    """
    kind = body.get("type") if isinstance(body, dict) else None
    if kind == AuthorizedUser.type:
        return AuthorizedUser.from_json(body)
    if kind == ServiceAccountKey.type:
        return ServiceAccountKey.from_json(body)
    if kind in KNOWN_TYPES:
        return OtherCredentials(kind, body)
    if isinstance(body, dict) and ("installed" in body or "web" in body):
        raise DataError(
            "This is an OAuth client file, not credentials.",
            next_step="Sign in with it: gemauth login --client-id-file FILE",
        )
    raise DataError(
        f"The credential file's type is {kind!r}, expected one of {', '.join(KNOWN_TYPES)}.",
        next_step="Sign in again, or download the service account's key again.",
    )


def _required(body: Mapping[str, Any], kind: str, *names: str) -> dict[str, str]:
    missing = [name for name in names if not isinstance(body.get(name), str)]
    if missing:
        raise DataError(
            f"The {kind} credential file lacks {', '.join(missing)}.",
            next_step="Sign in again, or download the service account's key again.",
        )
    return {name: body[name] for name in names}
