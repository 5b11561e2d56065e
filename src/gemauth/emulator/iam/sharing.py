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

__all__ = [
    "granted_role",
    "project_role",
    "remove_permissions",
    "role_on",
    "shared_with",
    "shared_with_everyone",
]

_EVERYONE = ("EVERYONE", "")


def granted_role(tx: Transaction, parent: str, email: str | None) -> Role:
    """Return the highest role that permissions on a resource give to an e-mail's owner."""
    reaching = {_EVERYONE, *_grantees(tx, email)}
    return max(
        (
            Role[permission.role]
            for permission in tx.find(Permission, parent=parent)
            if (permission.grantee_type, permission.email) in reaching
        ),
        default=Role.NONE,
    )


def shared_with(tx: Transaction, email: str | None) -> dict[str, Role]:
    """Return every resource that permissions open to an e-mail's owner, with the highest role.

    What is open to everyone is not among them. For lists, which need it of many resources.
    """
    roles: dict[str, Role] = {}
    for kind, address in _grantees(tx, email):
        for permission in tx.find(Permission, email=address, grantee_type=kind):
            role = Role[permission.role]
            roles[permission.parent] = max(role, roles.get(permission.parent, role))
    return roles


def shared_with_everyone(tx: Transaction) -> frozenset[str]:
    """Return every resource that is open to everyone."""
    kind, address = _EVERYONE
    permissions = tx.find(Permission, email=address, grantee_type=kind)
    return frozenset(permission.parent for permission in permissions)


def project_role(model: TunedModel, caller: Caller) -> Role:
    """Return the role on a tuned model that a caller has by its project.

    `readerProjectNumbers` lets projects read (section 5). A standard key has no e-mail: in the
    model's own project it may do all, since tuning with keys makes models that no person owns
    (our inference from section 2; Google documents no rule).
    """
    if caller.project is None:
        return Role.NONE
    number = caller.project.number
    if caller.email is None and number == model.project_number:
        return Role.OWNER
    readers = (str(reader) for reader in model.resource.get("readerProjectNumbers", ()))
    return Role.READER if number in readers else Role.NONE


def role_on(tx: Transaction, model: TunedModel, caller: Caller) -> Role:
    """Return a caller's role on a tuned model: by permissions or by its project."""
    return max(granted_role(tx, model.name, caller.email), project_role(model, caller))


def remove_permissions(tx: Transaction, parent: str) -> None:
    """Delete every permission on a resource, which is about to go itself."""
    for permission in tx.find(Permission, parent=parent):
        tx.remove(Permission, permission.parent, permission.permission_id)


def _grantees(tx: Transaction, email: str | None) -> set[tuple[str, str]]:
    """Return the grantees, everyone apart, that an e-mail's owner is: (type, address) pairs."""
    if email is None:
        return set()
    return {("USER", email), *(("GROUP", group) for group in groups_of(tx, email))}
