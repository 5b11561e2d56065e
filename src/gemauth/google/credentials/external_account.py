"""Files of other identity providers: a workload's and a person's (google-oauth.md 6.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from gemauth.errors import DataError
from gemauth.google.credentials.members import required, texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ExternalAccount", "ExternalAccountAuthorizedUser"]


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
            **required(body, cls.type, *names),
            audience=str(body.get("audience") or ""),
            **texts_of(body, *more),
        )


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
        from gemauth.google.credentials.impersonated import impersonated

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
        needed = required(body, cls.type, "audience", "subject_token_type")
        if not isinstance(source, dict):
            raise DataError(
                f"The {cls.type} credential file lacks credential_source.",
                next_step="Make it again: gcloud iam workload-identity-pools create-cred-config",
            )
        taken = {*needed, "credential_source", "service_account_impersonation"}
        return cls(
            **needed,
            credential_source=source,
            service_account_impersonation=lifetime if isinstance(lifetime, dict) else None,
            **texts_of(body, *(name for name in cls.__slots__ if name not in taken)),
        )
