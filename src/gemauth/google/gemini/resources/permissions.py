"""Who may use a tuned model or a corpus (gemini-api.md section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from gemauth.google.gemini.resources.resource import Resource

__all__ = [
    "GranteeType",
    "Permission",
    "PermissionRole",
]


class GranteeType(IntEnum):
    """Whom a permission is for; the numbers are the wire's."""

    GRANTEE_TYPE_UNSPECIFIED = 0
    USER = 1
    GROUP = 2
    EVERYONE = 3


class PermissionRole(IntEnum):
    """What a permission allows; the numbers are the wire's, the stronger role has the lower."""

    ROLE_UNSPECIFIED = 0
    OWNER = 1
    WRITER = 2
    READER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission(Resource):
    """A grant; `name` is `tunedModels/{id}/permissions/{id}`."""

    name: str = ""
    grantee_type: GranteeType | None = None
    email_address: str | None = None
    role: PermissionRole | None = None
