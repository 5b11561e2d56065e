from __future__ import annotations

import json
from typing import Any

import pytest

from gemauth.client.service_accounts.refusal import CREATION, ROLES, UPLOAD, explained
from gemauth.emulator.iam.roles import PERMISSIONS
from gemauth.emulator.iam.roles import ROLES as EMULATORS
from gemauth.errors import Fault, UnreachableError
from gemauth.google.status import error_info
from gemauth.http import Headers, Response
from tests.client.service_accounts.iam import ACCOUNT, EMAIL, error


def told(
    status: int,
    name: str,
    message: str = "no",
    *details: Any,
    path: str = f"{ACCOUNT}/keys",
    emulated: bool = False,
    caller: str | None = "ada@example.com",
) -> tuple[Fault, str]:
    """Return whose fault an answer is, and the next step."""
    body = json.dumps(error(status, name, message, *details)).encode()
    found = explained(Response(status, Headers(), body), path, emulated=emulated, caller=caller)
    assert found.message == message  # Google's own text stays
    return found.fault, found.next_step or ""


def denied(permission: str) -> dict[str, Any]:
    """Return the ErrorInfo of a permission that is missing."""
    return error_info(
        "IAM_PERMISSION_DENIED",
        domain="iam.googleapis.com",
        permission=permission,
        resource=ACCOUNT,
    )


@pytest.mark.parametrize(
    ("permission", "role"),
    [
        ("iam.serviceAccounts.create", "roles/iam.serviceAccountAdmin"),
        ("iam.serviceAccountKeys.create", "roles/iam.serviceAccountKeyAdmin"),
    ],
)
def test_a_missing_permission_names_its_role(permission: str, role: str) -> None:
    """The role, and where it is granted on that side, to whom."""
    refused = (403, "PERMISSION_DENIED", "denied", denied(permission))
    fault, step = told(*refused)
    assert fault is Fault.PROJECT
    assert f"Have {role} granted" in step
    assert "/iam-admin/iam?project=demo" in step
    _, step = told(*refused, emulated=True)
    assert f"gemauth emulator iam add demo {role} user:ada@example.com" in step
    _, step = told(*refused, emulated=True, caller=EMAIL, path="projects/-/serviceAccounts/1")
    assert f"iam add demo {role} serviceAccount:{EMAIL}" in step
    _, step = told(*refused, emulated=True, caller=None)
    assert "user:EMAIL" in step


def test_only_roles_that_have_the_permission() -> None:
    """Each role that is named holds all that these commands need; another permission names none."""
    for family, role in ROLES.items():
        needed = {
            p for p in PERMISSIONS if p.rpartition(".")[0] == family and not p.endswith("Policy")
        } - {f"{family}.{verb}" for verb in ("actAs", "getAccessToken", "getOpenIdToken")}
        needed -= {f"{family}.{verb}" for verb in ("signBlob", "signJwt", "implicitDelegation")}
        assert needed
        assert needed <= EMULATORS[role]
    _, step = told(403, "PERMISSION_DENIED", "denied", denied("resourcemanager.projects.get"))
    assert step == ""


def violation(constraint: str) -> dict[str, Any]:
    """Return the detail of an organization's policy."""
    return {
        "@type": "type.googleapis.com/google.rpc.PreconditionFailure",
        "violations": [{"type": f"constraints/{constraint}", "subject": "x"}],
    }


def test_forbidden_by_policy() -> None:
    """Creation and upload are told apart; both say how to do without a key."""
    text = "Key creation is not allowed on this service account."
    fault, step = told(400, "FAILED_PRECONDITION", text, violation(CREATION))
    assert fault is Fault.PROJECT
    assert f"forbids new keys here ({CREATION})" in step
    assert "keys upload" in step
    assert told(400, "FAILED_PRECONDITION", text)[1] == step  # the detail may be missing
    _, step = told(
        400, "FAILED_PRECONDITION", "no", violation(UPLOAD), path=f"{ACCOUNT}/keys:upload"
    )
    assert f"forbids to upload keys here ({UPLOAD})" in step
    assert "workload identity federation" in step


@pytest.mark.parametrize(
    ("status", "name", "message"),
    [
        (429, "RESOURCE_EXHAUSTED", "Maximum number of keys on account reached."),
        (400, "FAILED_PRECONDITION", "Precondition check failed."),
    ],
)
def test_the_eleventh_key(status: int, name: str, message: str) -> None:
    """Both answers that Google has given mean the same, and name the account's commands."""
    fault, step = told(status, name, message)
    assert fault is Fault.CALLER
    assert f"gemauth service-accounts keys delete {EMAIL} KEY-ID" in step


def test_missing_and_taken() -> None:
    """What is not there points to the lists, of accounts or of keys; a taken id to another."""
    assert f"keys list {EMAIL}" in told(404, "NOT_FOUND", path=f"{ACCOUNT}/keys/1")[1]
    assert "service-accounts list" in told(404, "NOT_FOUND", path=ACCOUNT)[1]
    taken = told(409, "ALREADY_EXISTS", path="projects/demo/serviceAccounts")[1]
    assert taken.startswith("Take another id")


def test_what_every_api_answers() -> None:
    """Anything else keeps the common advice: an API that is off, a precondition of another kind."""
    off = error_info(
        "SERVICE_DISABLED",
        domain="googleapis.com",
        consumer="projects/7",
        service="iam.googleapis.com",
    )
    assert "iam.googleapis.com:enable" in told(403, "PERMISSION_DENIED", "off", off)[1]
    assert told(400, "FAILED_PRECONDITION", "Odd.") == (Fault.CALLER, "")
    odd = {"@type": "google.rpc.PreconditionFailure", "violations": ["x"]}
    assert told(400, "FAILED_PRECONDITION", "Odd.", odd) == (Fault.CALLER, "")
    assert told(400, "FAILED_PRECONDITION", "Odd.", path=ACCOUNT) == (Fault.CALLER, "")
    page = Response(502, Headers(), b"<html>")
    assert isinstance(explained(page, ACCOUNT, emulated=False, caller=None), UnreachableError)
