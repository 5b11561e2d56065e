"""The file of somebody who acts as a service account (google-oauth.md 6.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from gemauth.errors import DataError
from gemauth.google.credentials.authorized_user import AuthorizedUser
from gemauth.google.credentials.external_account import ExternalAccountAuthorizedUser
from gemauth.google.credentials.members import required, texts, texts_of
from gemauth.google.credentials.service_account_key import ServiceAccountKey

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ImpersonatedServiceAccount", "impersonated"]


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
        needed = required(body, cls.type, "service_account_impersonation_url")
        inner = body.get("source_credentials")
        kind = inner.get("type") if isinstance(inner, dict) else None
        if not isinstance(inner, dict) or not isinstance(kind, str) or kind not in _SOURCES:
            raise DataError(
                f"The {cls.type} file's source_credentials are of the type {kind!r}, expected one "
                f"of {', '.join(_SOURCES)}.",
                next_step="Write the file again: gcloud auth application-default login "
                "--impersonate-service-account EMAIL",
            )
        if impersonated(needed["service_account_impersonation_url"]) is None:
            raise DataError(
                f"The {cls.type} file's service_account_impersonation_url names no account.",
                next_step="It ends in /serviceAccounts/EMAIL:generateAccessToken.",
            )
        return cls(
            **needed,
            source_credentials=_SOURCES[kind].from_json(inner),
            delegates=texts(body, "delegates"),
            scopes=texts(body, "scopes"),
            **texts_of(body, "quota_project_id", "universe_domain"),
        )


_SOURCES: dict[str, type[AuthorizedUser | ServiceAccountKey | ExternalAccountAuthorizedUser]] = {
    kind.type: kind for kind in (AuthorizedUser, ServiceAccountKey, ExternalAccountAuthorizedUser)
}

_IMPERSONATION = re.compile(r".*/([^/:?#]+):generateAccessToken", re.DOTALL)


def impersonated(url: str) -> str | None:
    """Return the service account that an impersonation URL names, or None."""
    match = _IMPERSONATION.match(url)
    return None if match is None else match[1]
