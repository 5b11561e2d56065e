"""What IAM's refusals about service accounts mean, and what to do about each.

google-oauth.md section 5.1, Errors. Google's text stays the message, as in
`client/calls/refusal.py`, which knows what every API may answer; this adds what only these calls
meet.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gemauth.client import advice
from gemauth.client.calls.refusal import refusal
from gemauth.errors import Fault
from gemauth.google.status import Code, StatusError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gemauth.errors import GemauthError
    from gemauth.google.status import Status
    from gemauth.http import Response

__all__ = ["CREATION", "ROLES", "UPLOAD", "explained"]

CREATION = "iam.disableServiceAccountKeyCreation"
UPLOAD = "iam.disableServiceAccountKeyUpload"

# The predefined role that is there for it, by what a permission is about. A test holds the
# emulator's roles to it (cloud.google.com/iam/docs/roles-permissions).
ROLES = {
    "iam.serviceAccountKeys": "roles/iam.serviceAccountKeyAdmin",
    "iam.serviceAccounts": "roles/iam.serviceAccountAdmin",
}
_STEPS = {
    Code.NOT_FOUND: "See those of the project: gemauth service-accounts list",
    Code.ALREADY_EXISTS: "Take another id, or use the one that is there: "
    "gemauth service-accounts list",
}
_WITHOUT = (
    "Do without a key: sign in (gemauth login), attach the account to the machine, impersonate it, "
    "or use workload identity federation."
)
_LIFT = "Whoever administers the organization's policies can lift the constraint for the project."
_NAME = re.compile(r"projects/(?P<project>[^/]+)(?:/serviceAccounts/(?P<account>[^/:]+))?")


def explained(
    answer: Response,
    path: str,
    *,
    emulated: bool,
    caller: str | None,
    where: str | None = "",
) -> GemauthError:
    """Return the error that IAM's answer means.

    Args:
        answer: no success.
        path: what was asked for, below `/v1/`.
        emulated: whether an emulator was asked.
        caller: the e-mail address of who asked, where it is known.
        where: of the credentials that asked (`Credentials.where`).
    """
    error = refusal(answer, emulated=emulated, where=where)
    if isinstance(error, StatusError):
        found = _advice(error.status, path, emulated=emulated, caller=caller)
        if found is not None:
            error.fault, error.next_step = found
    return error


def _advice(
    status: Status, path: str, *, emulated: bool, caller: str | None
) -> tuple[Fault, str] | None:
    if status.reason == "IAM_PERMISSION_DENIED":
        return _role(status, path, emulated=emulated, caller=caller)
    named = _NAME.match(path)
    account = (named and named["account"]) or "ACCOUNT"
    if "/keys" not in path:
        step = _STEPS.get(status.code)
        return None if step is None else (Fault.CALLER, step)
    if status.code is Code.FAILED_PRECONDITION:
        return _forbidden(status, account)
    if status.code is Code.RESOURCE_EXHAUSTED and "aximum number of keys" in status.message:
        return Fault.CALLER, _ten_keys(account)
    if status.code is Code.NOT_FOUND:
        return Fault.CALLER, (
            "See the accounts: gemauth service-accounts list, or the keys of this one: "
            f"gemauth service-accounts keys list {account}"
        )
    return None


def _role(
    status: Status, path: str, *, emulated: bool, caller: str | None
) -> tuple[Fault, str] | None:
    metadata = status.info.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    role = ROLES.get(str(metadata.get("permission", "")).rpartition(".")[0])
    if role is None:
        return None
    project = None
    for text in (path, str(metadata.get("resource", ""))):
        named = _NAME.search(text)
        project = project or (named["project"] if named and named["project"] != "-" else None)
    kind = "serviceAccount" if caller and caller.endswith(".gserviceaccount.com") else "user"
    member = f"{kind}:{caller}" if caller else None
    step = advice.GRANT_ROLE.on(emulated=emulated, project=project, role=role, member=member)
    return Fault.PROJECT, step


def _forbidden(status: Status, account: str) -> tuple[Fault, str] | None:
    constraints = {kind.removeprefix("constraints/") for kind in _violations(status)}
    if UPLOAD in constraints:
        return Fault.PROJECT, (
            f"The organization's policy forbids to upload keys here ({UPLOAD}). {_WITHOUT} "
            f"Google's own keys have a constraint of their own ({CREATION}). {_LIFT}"
        )
    if CREATION in constraints or "not allowed on this service account" in status.message:
        return Fault.PROJECT, (
            f"The organization's policy forbids new keys here ({CREATION}). {_WITHOUT} "
            f"A key of yours may still be allowed ({UPLOAD} says): gemauth service-accounts keys "
            f"upload. {_LIFT}"
        )
    if status.message.startswith("Precondition check failed"):  # also seen for the 11th key
        return Fault.CALLER, _ten_keys(account)
    return None


def _violations(status: Status) -> Iterator[str]:
    for detail in status.details:
        if str(detail.get("@type", "")).endswith("google.rpc.PreconditionFailure"):
            violations = detail.get("violations")
            for violation in violations if isinstance(violations, list) else ():
                if isinstance(violation, dict):
                    yield str(violation.get("type", ""))


def _ten_keys(account: str) -> str:
    return (
        "An account has 10 keys of yours at the most. Delete one that nobody uses any more: "
        f"gemauth service-accounts keys list {account} shows them, then "
        f"gemauth service-accounts keys delete {account} KEY-ID"
    )
