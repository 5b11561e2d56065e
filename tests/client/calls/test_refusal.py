from __future__ import annotations

import json
from typing import Any

import pytest

from gemauth.client.calls.refusal import NotAuthenticatedError, ResourceNotFoundError, refusal
from gemauth.errors import CredentialError, Fault, NotFoundError, RefusedError, UnreachableError
from gemauth.google.scopes import ANY_GEMINI
from gemauth.google.status import Code, Status, StatusError, error_info, retry_info
from gemauth.http import Headers, Response

SERVICE = "generativelanguage.googleapis.com"


def refused(
    code: Code,
    message: str = "no",
    *details: dict[str, Any],
    challenge: str | None = None,
    where: str | None = "",
) -> StatusError:
    """Return the error for an answer of the API."""
    headers = Headers({} if challenge is None else {"WWW-Authenticate": challenge})
    body = json.dumps(Status(code, message, details).to_json()).encode()
    error = refusal(Response(code.http, headers, body), where=where)
    assert isinstance(error, StatusError)
    return error


def info(reason: str, **metadata: str) -> dict[str, Any]:
    """Return an ErrorInfo of Google's."""
    return error_info(reason, domain="googleapis.com", **metadata)


# The rows of gemini-api.md section 10 and google-oauth.md 5.7: code, reason, metadata, whose
# fault, words of the next step.
ROWS = [
    ("PERMISSION_DENIED", "SERVICE_DISABLED", {"consumer": "projects/77", "service": SERVICE},
     Fault.PROJECT, f"/projects/77/services/{SERVICE}:enable"),
    ("PERMISSION_DENIED", "SERVICE_DISABLED", {"consumer": "projects/764086051850"},
     Fault.CALLER, "client of your own"),
    ("PERMISSION_DENIED", "USER_PROJECT_DENIED", {"consumer": "projects/billed"},
     Fault.PROJECT, "/iam-admin/iam?project=billed"),
    ("PERMISSION_DENIED", "CONSUMER_INVALID", {"consumer": "projects/gone"},
     Fault.PROJECT, "no project gone"),
    ("PERMISSION_DENIED", "CONSUMER_SUSPENDED", {}, Fault.PROJECT, "another project"),
    ("UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED", {}, Fault.CALLER, "Sign in again"),
    ("UNAUTHENTICATED", "ACCESS_TOKEN_TYPE_UNSUPPORTED", {}, Fault.CALLER, "no access token"),
    ("UNAUTHENTICATED", "CREDENTIALS_MISSING", {}, Fault.CALLER, "not an API key"),
    ("UNAUTHENTICATED", "OVERLOADED_CREDENTIALS", {}, Fault.CALLER, "unset GOOGLE_API_KEY"),
    ("INVALID_ARGUMENT", "API_KEY_INVALID", {}, Fault.CALLER, "correct the key"),
    ("UNAUTHENTICATED", None, {}, Fault.CALLER, "Sign in again"),
    ("RESOURCE_EXHAUSTED", None, {}, Fault.PROJECT, "quota"),
    ("NOT_FOUND", None, {}, Fault.CALLER, "models list"),
    ("UNAVAILABLE", None, {}, Fault.SERVER, "Try again"),
    ("INTERNAL", None, {}, Fault.SERVER, "Try again"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "reason", "metadata", "fault", "words"), ROWS)
def test_each_reason_has_its_next_step(
    code: str, reason: str | None, metadata: dict[str, str], fault: Fault, words: str
) -> None:
    """Google's text stays; whose fault it is and what to do come from the table."""
    details = [] if reason is None else [info(reason, **metadata)]
    error = refused(Code[code], "Google's words.", *details)
    assert error.message == "Google's words."
    assert error.fault is fault
    assert words in (error.next_step or "")
    assert error.status.reason == reason


def test_a_missing_scope_is_named_from_the_challenge() -> None:
    """WWW-Authenticate lists the scopes of which one is enough (gemini-api.md section 10 row 7)."""
    challenge = (
        'Bearer realm="https://accounts.google.com/", error="insufficient_scope", '
        f'scope="{" ".join(ANY_GEMINI)}"'
    )
    details = info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", service=SERVICE)
    error = refused(Code.PERMISSION_DENIED, "no", details, challenge=challenge)
    assert "generative-language.tuning.readonly, " in (error.next_step or "")
    assert (error.next_step or "").endswith("login --add-scopes generative-language.tuning")
    assert error.www_authenticate == challenge
    error = refused(
        Code.PERMISSION_DENIED, "no", details, challenge=challenge, where=" --output 'a {b}.json'"
    )
    assert (error.next_step or "").endswith(
        "gemauth login --add-scopes generative-language.tuning --output 'a {b}.json'"
    )
    error = refused(Code.PERMISSION_DENIED, "no", details, challenge=challenge, where=None)
    assert "gemauth login" not in (error.next_step or "")
    assert "--scopes generative-language.tuning" in (error.next_step or "")


def test_no_challenge_no_list() -> None:
    """Without the header the reference is pointed at, and nothing is made up."""
    error = refused(Code.PERMISSION_DENIED, "no", info("ACCESS_TOKEN_SCOPE_INSUFFICIENT"))
    assert "see the API's reference" in (error.next_step or "")


@pytest.mark.parametrize("name", ["tunedModels/my-model", "my-model."])
def test_a_model_that_is_not_shared(name: str) -> None:
    """The command that its owner needs, with the model's name (row 14, both wordings)."""
    error = refused(
        Code.PERMISSION_DENIED, f"You do not have permission to access tuned model {name}"
    )
    assert "gemauth share tunedModels/my-model --user" in (error.next_step or "")


def test_no_credential_at_all() -> None:
    """Row 1: 403, not 401, without a reason."""
    error = refused(
        Code.PERMISSION_DENIED,
        "Method doesn't allow unregistered callers (callers without established identity). …",
    )
    assert "gemauth login" in (error.next_step or "")


def test_nothing_to_advise() -> None:
    """A refusal that no row knows has no next step, rather than a wrong one."""
    assert refused(Code.PERMISSION_DENIED).next_step is None
    assert refused(Code.UNIMPLEMENTED).fault is Fault.SERVER


def test_the_error_tree() -> None:
    """401 is a credential's error and 404 a missing thing's, each with its exit code."""
    unauthenticated = refused(Code.UNAUTHENTICATED)
    assert isinstance(unauthenticated, NotAuthenticatedError)
    assert isinstance(unauthenticated, CredentialError)
    assert unauthenticated.exit_code == 3
    missing = refused(Code.NOT_FOUND)
    assert isinstance(missing, ResourceNotFoundError)
    assert isinstance(missing, NotFoundError)
    assert missing.exit_code == 6
    other = refused(Code.INVALID_ARGUMENT)
    assert isinstance(other, RefusedError)
    assert other.exit_code == 4


@pytest.mark.parametrize(
    "body", [b"", b"<html>Bad Gateway", b"[]", b"{}", b'{"error": "invalid_grant"}']
)
def test_an_answer_that_is_not_the_apis(body: bytes) -> None:
    """A proxy's page is no refusal."""
    error = refusal(Response(502, body=body))
    assert isinstance(error, UnreachableError)
    assert error.fault is Fault.SERVER
    assert "502" in error.message


def test_a_wrapped_error() -> None:
    """Streams wrap the envelope in a list of one (gemini-api.md section 4)."""
    body = json.dumps([Status(Code.INVALID_ARGUMENT, "no").to_json()]).encode()
    assert isinstance(refusal(Response(400, body=body)), StatusError)


@pytest.mark.parametrize("metadata", [None, [], {"consumer": 5}])
def test_odd_metadata_is_no_crash(metadata: Any) -> None:
    """What a server puts there may be anything."""
    details = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}
    error = refused(Code.PERMISSION_DENIED, "no", details | {"metadata": metadata})
    assert "Enable it at https://console.cloud.google.com/" in (error.next_step or "")


def test_an_emulator_has_commands() -> None:
    """What Google's console does, an emulator's own commands do; nobody is sent to the other."""
    details = info("SERVICE_DISABLED", consumer="projects/77", service=SERVICE)
    body = json.dumps(Status(Code.PERMISSION_DENIED, "no", [details]).to_json()).encode()
    error = refusal(Response(403, body=body), emulated=True)
    assert error.next_step == f"Enable it: gemauth emulator services enable 77 {SERVICE}"


def test_a_path_that_no_api_has() -> None:
    """The front answers 404 with a page: the path is wrong, and nobody else is at fault."""
    error = refusal(Response(404, body=b"<html>404"))
    assert isinstance(error, NotFoundError)
    assert error.fault is Fault.CALLER
    assert error.evidence == "<html>404"
    assert "Check the path" in (error.next_step or "")


@pytest.mark.parametrize(
    ("headers", "details"),
    [
        ({}, [retry_info(90)]),
        ({"Retry-After": "90"}, []),
        (
            {
                "Date": "Sun, 22 Nov 2026 20:00:00 GMT",
                "Retry-After": "Sun, 22 Nov 2026 20:01:30 GMT",
            },
            [],
        ),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], details: list[dict[str, Any]]) -> None:
    """What the server asks for, in whichever way, is in the error and in its next step."""
    body = json.dumps(Status(Code.RESOURCE_EXHAUSTED, "no", details).to_json()).encode()
    error = refusal(Response(429, Headers(headers), body))
    assert isinstance(error, StatusError)
    assert error.retry_after == 90
    assert "in 90 seconds" in str(error)
