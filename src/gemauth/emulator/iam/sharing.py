"""Roles on the Gemini API's shared resources: who may read, write and own a tuned model.

Roles are concentric: READER uses, WRITER also edits and shares, OWNER also deletes (gemini-api.md
section 6). A caller's role is the highest that any of its names holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.accounts.groups import groups_of
from gemauth.emulator.storage.records import Permission, TunedModel
from gemauth.google.gemini.method import Role

if TYPE_CHECKING:
    from gemauth.emulator.iam.admission import Caller
    from gemauth.emulator.storage.store import Transaction

__all__ = ["granted_role", "remove_permissions", "role_on"]


def granted_role(tx: Transaction, parent: str, email: str | None, *, everyone: bool = True) -> Role:
    """Return the highest role that permissions on a resource give to an e-mail's owner.

    `everyone` False leaves out what the whole world may do.
    """
    groups = groups_of(tx, email) if email is not None else frozenset()
    role = Role.NONE
    for permission in tx.find(Permission, parent=parent):
        match permission.grantee_type:
            case "EVERYONE":
                holds = everyone
            case "GROUP":
                holds = permission.email in groups
            case _:
                holds = permission.email == email
        if holds:
            role = max(role, Role[permission.role])
    return role


def role_on(tx: Transaction, model: TunedModel, caller: Caller, *, everyone: bool = True) -> Role:
    """Return a caller's role on a tuned model; `everyone` as for `granted_role`.

    Beside permissions, `readerProjectNumbers` lets other projects read (section 5). A standard key
    has no e-mail: in the model's own project it may do all, since tuning with keys makes
    models that no person owns (our inference from section 2; Google documents no rule).
    """
    role = granted_role(tx, model.name, caller.email, everyone=everyone)
    number = None if caller.project is None else caller.project.number
    if number is not None:
        if caller.email is None and number == model.project_number:
            role = Role.OWNER
        if number in [str(n) for n in model.resource.get("readerProjectNumbers", ())]:
            role = max(role, Role.READER)
    return role


def remove_permissions(tx: Transaction, parent: str) -> None:
    """Delete every permission on a resource, which is about to go itself."""
    for permission in tx.find(Permission, parent=parent):
        tx.remove(Permission, permission.parent, permission.permission_id)
