"""IAM policies: who holds which permission on a project or a service account.

A service account's policy adds to its project's
(cloud.google.com/iam/docs/resource-hierarchy-access-control).
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, TypeAlias

from gemauth.emulator.accounts.groups import groups_of
from gemauth.emulator.iam.roles import ROLES
from gemauth.emulator.storage.records import Account, IamPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.storage.store import Transaction

__all__ = [
    "deleted",
    "grant_role",
    "has_permission",
    "held_permissions",
    "read",
    "rename_member",
    "revoke_role",
    "write",
]


def read(tx: Transaction, resource: str) -> IamPolicy:
    """Return a resource's policy, an empty one where none was set."""
    return tx.get(IamPolicy, resource) or IamPolicy(resource, {}, _etag({}))


def write(tx: Transaction, resource: str, bindings: Mapping[str, list[str]]) -> IamPolicy:
    """Set a resource's bindings (role → members); roles without members fall away."""
    kept = {role: sorted(set(members)) for role, members in sorted(bindings.items()) if members}
    policy = IamPolicy(resource, kept, _etag(kept))
    if tx.get(IamPolicy, resource) is None:
        tx.add(policy)
    else:
        tx.replace(policy)
    return policy


def grant_role(tx: Transaction, resource: str, role: str, member: str) -> IamPolicy:
    """Add one member (`user:a@example.com`) to a role on a resource."""
    bindings = dict(read(tx, resource).bindings)
    return write(tx, resource, {**bindings, role: [*bindings.get(role, ()), member]})


def revoke_role(tx: Transaction, resource: str, role: str, member: str) -> IamPolicy:
    """Take one member from a role on a resource."""
    bindings = dict(read(tx, resource).bindings)
    members = [m for m in bindings.get(role, ()) if _compared(m) != _compared(member)]
    return write(tx, resource, {**bindings, role: members})


def deleted(member: str, unique_id: str) -> str:
    """Return how a policy names a member that was deleted.

    Google keeps the binding under such a name: somebody new with the same address does not
    inherit it, and a restored one has it back (`Binding.members` at
    cloud.google.com/iam/docs/reference/rest/v1/Policy).
    """
    return f"deleted:{member}?uid={unique_id}"


def rename_member(tx: Transaction, member: str, name: str) -> None:
    """Put a name in the place of a member (`user:a@example.com`) in every policy."""
    for found in tx.find(IamPolicy):
        bindings = {
            role: [name if held.lower() == member.lower() else held for held in members]
            for role, members in found.bindings.items()
        }
        if bindings != found.bindings:
            write(tx, found.resource, bindings)


Who: TypeAlias = str | tuple[str, ...]
"""Whom a policy is asked about: an e-mail's owner, or somebody federated by all their names."""


def held_permissions(tx: Transaction, who: Who, resource: str) -> frozenset[str]:
    """Return what somebody may do on a resource, its project's policy included."""
    names = _names(tx, who) if isinstance(who, str) else _federated(who)
    project = "/".join(resource.split("/")[:2])
    held: set[str] = set()
    for level in dict.fromkeys((project, resource)):
        for role, members in read(tx, level).bindings.items():
            if any(_compared(member) in names for member in members):
                held |= ROLES.get(role, frozenset())
    return frozenset(held)


def has_permission(tx: Transaction, who: Who, permission: str, resource: str) -> bool:
    """Whether somebody holds one permission on a resource."""
    return permission in held_permissions(tx, who, resource)


def _compared(member: str) -> str:
    """Return a member as it is compared: an external identity's case matters, an e-mail's not."""
    return member if member.startswith("principal") else member.lower()


def _federated(principals: tuple[str, ...]) -> frozenset[str]:
    """Return the members that somebody federated is; allAuthenticatedUsers is for Google's own.

    cloud.google.com/iam/docs/principals-overview#all-authenticated-users.
    """
    return frozenset({"allusers", *principals})


def _names(tx: Transaction, email: str) -> frozenset[str]:
    """Return every member name that stands for an e-mail's owner."""
    email = email.lower()
    names = {
        "allusers",
        "allauthenticatedusers",
        f"user:{email}",
        f"serviceaccount:{email}",
        *(f"group:{group}" for group in groups_of(tx, email)),
    }
    names.update(
        f"domain:{account.domain}" for account in tx.find(Account, email=email) if account.domain
    )
    return frozenset(names)


def _etag(bindings: Mapping[str, list[str]]) -> str:
    """Return a tag that changes with the bindings: base64, as Google's are."""
    digest = hashlib.sha256(json.dumps(bindings, sort_keys=True).encode("utf-8")).digest()
    return base64.b64encode(digest[:8]).decode("ascii")
