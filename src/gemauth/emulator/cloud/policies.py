"""The IAM trio of a resource: getIamPolicy, setIamPolicy, testIamPermissions (google.iam.v1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gemauth.emulator.cloud.rpc import Arguments, invalid_argument
from gemauth.emulator.iam import policy, projects
from gemauth.emulator.iam.roles import ROLES
from gemauth.emulator.storage.records import Project
from gemauth.emulator.tokens.assertion import find_account
from gemauth.google.status import Code, Status, StatusError
from gemauth.google.workload_identity import IS_PRINCIPAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gemauth.emulator.storage.store import Transaction

__all__ = ["get_policy", "set_policy", "test_permissions"]

_MEMBER = re.compile(
    r"(user|serviceAccount|group):[^@\s?]+@[^@\s?]+|domain:[^@\s]+"
    # As `policy.deleted` names them: a policy that was read has to be one that can be set.
    r"|deleted:(user|serviceAccount):[^@\s?]+@[^@\s?]+\?uid=\d+"
)
_OF_A_PROJECT = re.compile(r"serviceAccount:(.+@(.+)\.iam\.gserviceaccount\.com)")
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

    With `needs_owner` the policy must keep an owner, and name them, as a project's must.

    Raises:
        StatusError: INVALID_ARGUMENT for an unknown role or member, ABORTED for an old etag.
    """
    wanted = arguments.body.get("policy")
    if not isinstance(wanted, dict):
        raise invalid_argument("The request has no policy.")
    etag = wanted.get("etag")
    if etag is not None and not _is_etag(etag, policy.read(tx, resource).etag):
        raise StatusError(
            Status(
                Code.ABORTED,
                "There were concurrent policy changes. Please retry the whole read-modify-write "
                "with exponential backoff.",
            )
        )
    bindings: dict[str, list[str]] = {}
    for role, members in _bindings(tx, wanted.get("bindings")):
        bindings.setdefault(role, []).extend(members)
    if needs_owner and any(_PUBLIC & set(members) for members in bindings.values()):
        # cloud.google.com/resource-manager/reference/rest/v1/projects/setIamPolicy: not on projects
        raise invalid_argument(
            "A project's policy takes neither allUsers nor allAuthenticatedUsers."
        )
    if needs_owner and not bindings.get("roles/owner"):
        raise invalid_argument("The policy must keep at least one member in roles/owner.")
    policy.write(tx, resource, bindings)
    return get_policy(tx, resource)


def test_permissions(tx: Transaction, arguments: Arguments, resource: str) -> Mapping[str, Any]:
    """Return those of the body's `permissions` that the caller holds; anyone may ask for itself."""
    asked = arguments.body.get("permissions") or []
    if not isinstance(asked, list):
        raise invalid_argument("permissions must be a list of names.")
    held = policy.held_permissions(tx, arguments.identity, resource)
    granted = [name for name in asked if isinstance(name, str) and name in held]
    return {"permissions": granted} if granted else {}


def _is_etag(etag: Any, current: str) -> bool:  # noqa: ANN401  # a JSON member
    """Whether an etag is the current one; it is bytes, so either alphabet of base64 says it.

    protobuf's JSON mapping takes both, and gcloud writes the other one than it has read.
    """
    return isinstance(etag, str) and _urlsafe(etag) == _urlsafe(current)


def _urlsafe(text: str) -> str:
    return text.rstrip("=").translate(str.maketrans("+/", "-_"))


def _bindings(
    tx: Transaction,
    wanted: Any,  # noqa: ANN401  # a JSON member
) -> Iterator[tuple[str, list[str]]]:
    """Yield the roles and members of a policy's bindings.

    Raises:
        StatusError: INVALID_ARGUMENT for an unknown role or member, or another form.
    """
    listed = [] if wanted is None else wanted
    if not isinstance(listed, list) or not all(isinstance(binding, dict) for binding in listed):
        raise invalid_argument("bindings must be a list of objects with role and members.")
    for binding in listed:
        role, members = binding.get("role"), binding.get("members", [])
        if not isinstance(role, str) or role not in ROLES:
            raise invalid_argument(f"Role {role} is not supported for this resource.")
        if not isinstance(members, list):
            raise invalid_argument(f"The members of {role} must be a list.")
        for member in members:
            if not _is_member(member):
                raise invalid_argument(f"Invalid member: {member!r}.")
            _check_kind(member)
            _check_exists(tx, member)
        if binding.get("condition"):
            # Left out, it would give the role to its members whatever it says.
            raise invalid_argument(
                f"The binding of {role} has a condition, and this emulator evaluates none."
            )
        yield role, members


def _check_kind(member: str) -> None:
    """Refuse a person who is called a service account, and the reverse.

    The text is Google's (github.com/GoogleCloudPlatform/terraform-splunk-log-export, issue 41).
    """
    kind, _, email = member.partition(":")
    if kind not in {"user", "serviceAccount"}:
        return
    real = projects.member(email.lower())
    if real.partition(":")[0] != kind:
        raise invalid_argument(
            f'Principal {email} is of type "{real.partition(":")[0]}". The principal should appear '
            f'as "{real}". See https://cloud.google.com/iam/help/members/types for additional '
            "documentation."
        )


def _check_exists(tx: Transaction, member: str) -> None:
    """Refuse a service account that its project does not have (GoogleCloudPlatform/cdmc, issue 50).

    Only of the emulator's own projects all accounts are known: Google's own (`service-…@gcp-sa-…`)
    and people may well exist there.
    """
    account = _OF_A_PROJECT.fullmatch(member)
    project = None if account is None else tx.get(Project, account[2])
    if account is None or project is None or project.state != "ACTIVE":
        return
    if find_account(tx, account[1]) is None:
        raise invalid_argument(f"Service account {account[1]} does not exist.")


def _is_member(member: Any) -> bool:  # noqa: ANN401  # a JSON member
    if not isinstance(member, str):
        return False
    return member in _PUBLIC or any(form.fullmatch(member) for form in (_MEMBER, IS_PRINCIPAL))
