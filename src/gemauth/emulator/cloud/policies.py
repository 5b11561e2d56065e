"""The IAM trio of a resource: getIamPolicy, setIamPolicy, testIamPermissions (google.iam.v1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gemauth.emulator.cloud.rpc import Arguments, invalid_argument
from gemauth.emulator.iam import policy
from gemauth.emulator.iam.roles import ROLES
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.storage.store import Transaction

__all__ = ["get_policy", "set_policy", "test_permissions"]

_MEMBER = re.compile(r"(user|serviceAccount|group):[^@\s]+@[^@\s]+|domain:[^@\s]+")
_PUBLIC = {"allUsers", "allAuthenticatedUsers"}


def get_policy(tx: Transaction, resource: str) -> Mapping[str, Any]:
    """Return a resource's policy as the API shows it."""
    found = policy.read(tx, resource)
    bindings = [{"role": role, "members": members} for role, members in found.bindings.items()]
    return {"version": 1, "etag": found.etag} | ({"bindings": bindings} if bindings else {})


def set_policy(
    tx: Transaction, arguments: Arguments, resource: str, *, needs_owner: bool = False
) -> Mapping[str, Any]:
    """Replace a resource's policy by the body's; an `etag` must be the current one.

    With `needs_owner` the policy must keep an owner, as a project's must.

    Raises:
        StatusError: INVALID_ARGUMENT for an unknown role or member, ABORTED for an old etag.
    """
    wanted = arguments.body.get("policy")
    if not isinstance(wanted, dict):
        raise invalid_argument("The request has no policy.")
    etag = wanted.get("etag")
    if etag is not None and etag != policy.read(tx, resource).etag:
        raise StatusError(
            Status(
                Code.ABORTED,
                "There were concurrent policy changes. Please retry the whole read-modify-write "
                "with exponential backoff.",
            )
        )
    bindings: dict[str, list[str]] = {}
    for binding in wanted.get("bindings") or ():
        role, members = binding.get("role"), binding.get("members") or []
        if role not in ROLES:
            raise invalid_argument(f"Role {role} is not supported for this resource.")
        for member in members:
            if member not in _PUBLIC and _MEMBER.fullmatch(str(member)) is None:
                raise invalid_argument(f"Invalid member: {member!r}.")
        bindings.setdefault(role, []).extend(members)
    if needs_owner and not bindings.get("roles/owner"):
        raise invalid_argument("The policy must keep at least one member in roles/owner.")
    policy.write(tx, resource, bindings)
    return get_policy(tx, resource)


def test_permissions(tx: Transaction, arguments: Arguments, resource: str) -> Mapping[str, Any]:
    """Return those of the body's `permissions` that the caller holds; anyone may ask for itself."""
    asked = arguments.body.get("permissions") or []
    held = policy.held_permissions(tx, arguments.email, resource)
    granted = [permission for permission in asked if permission in held]
    return {"permissions": granted} if granted else {}
