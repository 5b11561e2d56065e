"""Credential files: the JSON of Application Default Credentials (google-oauth.md 6.3).

Read by `client/cache/adc.py`, which writes people's; the emulator writes service-account keys and
people of the external type. A file of a type that gemauth does not take apart is kept whole in
`OtherCredentials`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from gemauth.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gemauth.google.endpoints import Endpoints

__all__ = [
    "EMULATED_KEY_ID",
    "AuthorizedUser",
    "Credentials",
    "ExternalAccount",
    "ExternalAccountAuthorizedUser",
    "ImpersonatedServiceAccount",
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
    emulator writes it for people of its own; gcloud writes it for workforce pools.
    """

    type: ClassVar[str] = "external_account_authorized_user"

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    token_url: str
    revoke_url: str | None = None
    quota_project_id: str | None = None
    # Any text; one that names a workforce pool has google-auth ask Google about the pool.
    audience: str = "emulator"
    token_info_url: str | None = None
    universe_domain: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the file's object."""
        members: dict[str, Any] = {
            "type": self.type,
            "audience": self.audience,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
            "token_url": self.token_url,
            "token_info_url": self.token_info_url,
            "revoke_url": self.revoke_url,
            "quota_project_id": self.quota_project_id,
            "universe_domain": self.universe_domain,
        }
        return {name: value for name, value in members.items() if value is not None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> ExternalAccountAuthorizedUser:
        """Return the person's credentials.

        Raises:
            DataError: one of the four members that a refresh takes is missing.
        """
        names = ("client_id", "client_secret", "refresh_token", "token_url")
        more = ("revoke_url", "quota_project_id", "token_info_url", "universe_domain")
        return cls(
            **_required(body, cls.type, *names),
            audience=str(body.get("audience") or ""),
            **_texts_of(body, *more),
        )


@dataclass(frozen=True, slots=True)
class ImpersonatedServiceAccount:
    """Somebody who acts as a service account: `type: impersonated_service_account`.

    gcloud writes it for `--impersonate-service-account`. Of the URL only the account counts, as in
    google-auth (6.3); `delegates` are e-mail addresses or resource names.
    """

    type: ClassVar[str] = "impersonated_service_account"

    service_account_impersonation_url: str
    source_credentials: AuthorizedUser | ServiceAccountKey | ExternalAccountAuthorizedUser
    delegates: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    quota_project_id: str | None = None
    universe_domain: str | None = None

    @property
    def principal(self) -> str:
        """The account's e-mail address or unique id."""
        return str(impersonated(self.service_account_impersonation_url))

    def to_json(self) -> dict[str, Any]:
        """Return the file's object."""
        members: dict[str, Any] = {
            "delegates": list(self.delegates),
            "quota_project_id": self.quota_project_id,
            "scopes": list(self.scopes) or None,
            "service_account_impersonation_url": self.service_account_impersonation_url,
            "source_credentials": self.source_credentials.to_json(),
            "type": self.type,
            "universe_domain": self.universe_domain,
        }
        return {name: value for name, value in members.items() if value is not None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> ImpersonatedServiceAccount:
        """Return the credentials of a file's object.

        Raises:
            DataError: a required member is missing, the URL names no account, or the source is of
                a type that Google's own library does not take either.
        """
        required = _required(body, cls.type, "service_account_impersonation_url")
        inner = body.get("source_credentials")
        kind = inner.get("type") if isinstance(inner, dict) else None
        if not isinstance(inner, dict) or not isinstance(kind, str) or kind not in _SOURCES:
            raise DataError(
                f"The {cls.type} file's source_credentials are of the type {kind!r}, expected one "
                f"of {', '.join(_SOURCES)}.",
                next_step="Write the file again: gcloud auth application-default login "
                "--impersonate-service-account EMAIL",
            )
        if impersonated(required["service_account_impersonation_url"]) is None:
            raise DataError(
                f"The {cls.type} file's service_account_impersonation_url names no account.",
                next_step="It ends in /serviceAccounts/EMAIL:generateAccessToken.",
            )
        return cls(
            **required,
            source_credentials=_SOURCES[kind].from_json(inner),
            delegates=_texts(body, "delegates"),
            scopes=_texts(body, "scopes"),
            **_texts_of(body, "quota_project_id", "universe_domain"),
        )


_SOURCES: dict[str, type[AuthorizedUser | ServiceAccountKey | ExternalAccountAuthorizedUser]] = {
    kind.type: kind for kind in (AuthorizedUser, ServiceAccountKey, ExternalAccountAuthorizedUser)
}

_IMPERSONATION = re.compile(r".*/([^/:?#]+):generateAccessToken", re.DOTALL)


def impersonated(url: str) -> str | None:
    """Return the service account that an impersonation URL names, or None."""
    match = _IMPERSONATION.match(url)
    return None if match is None else match[1]


@dataclass(frozen=True, slots=True)
class ExternalAccount:
    """A workload of another cloud or identity provider: `type: external_account`.

    `credential_source` says where its own token comes from: a file, a URL, a command, a certificate
    or AWS. `service_account_impersonation` has the lifetime that was asked for, in seconds.
    """

    type: ClassVar[str] = "external_account"

    audience: str
    subject_token_type: str
    credential_source: Mapping[str, Any] = field(repr=False)
    token_url: str = "https://sts.googleapis.com/v1/token"  # noqa: S105  # google-auth's default
    token_info_url: str | None = None
    service_account_impersonation_url: str | None = None
    service_account_impersonation: Mapping[str, Any] | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    quota_project_id: str | None = None
    workforce_pool_user_project: str | None = None
    universe_domain: str | None = None

    @property
    def principal(self) -> str | None:
        """The service account that it acts as, or None where it acts as itself."""
        url = self.service_account_impersonation_url
        return None if url is None else impersonated(url)

    def to_json(self) -> dict[str, Any]:
        """Return the file's object."""
        members = {name: getattr(self, name) for name in ("type", *self.__slots__)}
        return {name: value for name, value in members.items() if value is not None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> ExternalAccount:
        """Return the credentials of a file's object; members that are not Google's are dropped.

        Raises:
            DataError: a required member is missing.
        """
        source, lifetime = body.get("credential_source"), body.get("service_account_impersonation")
        required = _required(body, cls.type, "audience", "subject_token_type")
        if not isinstance(source, dict):
            raise DataError(
                f"The {cls.type} credential file lacks credential_source.",
                next_step="Make it again: gcloud iam workload-identity-pools create-cred-config",
            )
        taken = {*required, "credential_source", "service_account_impersonation"}
        return cls(
            **required,
            credential_source=source,
            service_account_impersonation=lifetime if isinstance(lifetime, dict) else None,
            **_texts_of(body, *(name for name in cls.__slots__ if name not in taken)),
        )


@dataclass(frozen=True, slots=True)
class OtherCredentials:
    """A credential file of a known type that gemauth does not take apart."""

    type: str
    body: Mapping[str, Any] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the file's object, unchanged."""
        return dict(self.body)


Credentials = (
    AuthorizedUser
    | ServiceAccountKey
    | ImpersonatedServiceAccount
    | ExternalAccount
    | ExternalAccountAuthorizedUser
    | OtherCredentials
)
_TAKEN_APART: dict[str, Callable[[Mapping[str, Any]], Credentials]] = {
    AuthorizedUser.type: AuthorizedUser.from_json,
    ServiceAccountKey.type: ServiceAccountKey.from_json,
    ImpersonatedServiceAccount.type: ImpersonatedServiceAccount.from_json,
    ExternalAccount.type: ExternalAccount.from_json,
    ExternalAccountAuthorizedUser.type: ExternalAccountAuthorizedUser.from_json,
}


def from_json(body: Any) -> Credentials:  # noqa: ANN401  # what a file may hold
    """Return the credentials that a file's object holds, by its `type`.

    Raises:
        DataError: it is no credential file, or lacks a required member.
    """
    kind = body.get("type") if isinstance(body, dict) else None
    if isinstance(kind, str) and kind in _TAKEN_APART:
        return _TAKEN_APART[kind](body)
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


def _texts_of(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return those of the members that are there, and are texts that say something."""
    return {n: body[n] for n in names if isinstance(body.get(n), str) and body[n]}


def _texts(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = body.get(name)
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()
