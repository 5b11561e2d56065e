"""Who may use a tuned model or a corpus (gemini-api.md section 6)."""

from __future__ import annotations

from enum import StrEnum

from gemauth.google.gemini.resources.resource import Resource

__all__ = [
    "GranteeType",
    "Permission",
    "PermissionRole",
]


class GranteeType(StrEnum):
    """Whom a permission is for."""

    GRANTEE_TYPE_UNSPECIFIED = "GRANTEE_TYPE_UNSPECIFIED"
    USER = "USER"
    GROUP = "GROUP"
    EVERYONE = "EVERYONE"


class PermissionRole(StrEnum):
    """What a permission allows: the owner most, the reader least."""

    ROLE_UNSPECIFIED = "ROLE_UNSPECIFIED"
    OWNER = "OWNER"
    WRITER = "WRITER"
    READER = "READER"


class Permission(Resource, frozen=True, kw_only=True):
    """A grant; `name` is `tunedModels/{id}/permissions/{id}`."""

    name: str = ""
    grantee_type: GranteeType | None = None
    email_address: str | None = None
    role: PermissionRole | None = None
