"""A signed-in person's file, as gcloud writes it (google-oauth.md 6.3)."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, ClassVar

from gemauth.google.credentials.members import required
from gemauth.value import Value, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AuthorizedUser"]


@frozen
class AuthorizedUser(Value):
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
        members = required(body, cls.type, "client_id", "client_secret", "refresh_token")
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
