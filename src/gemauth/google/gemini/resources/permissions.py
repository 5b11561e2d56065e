"""Who may use a tuned model or a corpus (gemini-api.md section 6)."""

from __future__ import annotations

from gemauth.google.gemini.resources.resource import Enumeration, Resource

__all__ = [
    "GranteeType",
    "Permission",
    "PermissionRole",
]


class GranteeType(Enumeration):
    """Whom a permission is for."""

    GRANTEE_TYPE_UNSPECIFIED = "GRANTEE_TYPE_UNSPECIFIED", 0
    USER = "USER", 1
    GROUP = "GROUP", 2
    EVERYONE = "EVERYONE", 3


class PermissionRole(Enumeration):
    """What a permission allows: the owner most, the reader least."""

    ROLE_UNSPECIFIED = "ROLE_UNSPECIFIED", 0
    OWNER = "OWNER", 1
    WRITER = "WRITER", 2
    READER = "READER", 3


class Permission(Resource, frozen=True, kw_only=True):
    """A grant; `name` is `tunedModels/{id}/permissions/{id}`."""

    name: str = ""
    grantee_type: GranteeType | None = None
    email_address: str | None = None
    role: PermissionRole | None = None
