from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.errors import RefusedError
from gemauth.google.status import (
    Code,
    Status,
    StatusError,
    bad_request,
    error_info,
    help_link,
    localized,
    retry_info,
)

DETAILS = st.lists(
    st.builds(lambda reason: error_info(reason, domain="googleapis.com"), st.text())
    | st.builds(help_link, st.text(), st.text())
    | st.builds(localized, st.text()),
    max_size=3,
).map(tuple)


@given(st.builds(Status, st.sampled_from(Code), st.text(), DETAILS))
def test_a_status_reads_back(status: Status) -> None:
    """Envelope in, envelope out; also wrapped in a list of one, as streams do."""
    assert Status.from_json(status.to_json()) == status
    assert Status.from_json([status.to_json()]) == status


@pytest.mark.parametrize("code", Code)
def test_codes_are_googles(code: Code) -> None:
    """Numbers 1 to 16 as in google.rpc.Code, each with an HTTP status that is an error."""
    assert code.number == list(Code).index(code) + 1
    assert 400 <= code.http <= 504
    body = Status(code, "x").to_json()["error"]
    assert body == {"code": code.http, "message": "x", "status": code.name}


OLD_REASONS = [
    (Status(Code.INVALID_ARGUMENT, "m"), "badRequest"),
    (Status(Code.UNAUTHENTICATED, "m"), "authError"),
    (Status(Code.PERMISSION_DENIED, "m"), "forbidden"),
    (
        Status(
            Code.PERMISSION_DENIED,
            "m",
            (error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", domain="googleapis.com"),),
        ),
        "insufficientPermissions",
    ),
    (
        Status(
            Code.PERMISSION_DENIED, "m", (error_info("SERVICE_DISABLED", domain="googleapis.com"),)
        ),
        "accessNotConfigured",
    ),
    (Status(Code.NOT_FOUND, "m"), "notFound"),
    (Status(Code.INTERNAL, "m"), "backendError"),
]


@pytest.mark.parametrize(("status", "reason"), OLD_REASONS)
def test_the_older_format(status: Status, reason: str) -> None:
    """A list `errors` with a reason stands before `status`; else the envelope is the same."""
    error = status.to_json(with_errors=True)["error"]
    domain = "usageLimits" if reason == "accessNotConfigured" else "global"
    assert error["errors"] == [{"message": "m", "domain": domain, "reason": reason}]
    assert list(error)[:4] == ["code", "message", "errors", "status"]
    del error["errors"]
    assert error == status.to_json()["error"]


def test_retry_info() -> None:
    """A delay is a Duration's JSON."""
    assert retry_info(5)["retryDelay"] == "5s"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["NOT_FOUND"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text() | st.sampled_from(["error", "status", "details", "message"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_a_status_or_none(body: Any) -> None:
    """Whatever a server answers, reading it does not crash."""
    status = Status.from_json({"error": body})
    assert status is None or isinstance(status.reason, str | None)
    Status.from_json(body)


@pytest.mark.parametrize("details", [5, "x", {"a": 1}, [1, None, {"@type": "t"}]])
def test_odd_details(details: Any) -> None:
    """Only objects in a list count."""
    body = {"error": {"status": "NOT_FOUND", "details": details}}
    status = Status.from_json(body)
    assert status is not None
    assert status.details == (({"@type": "t"},) if isinstance(details, list) else ())


def test_the_reason() -> None:
    """ErrorInfo's, wherever it stands among the details; None without one."""
    info = error_info("SERVICE_DISABLED", domain="googleapis.com", consumer="projects/1")
    status = Status(Code.PERMISSION_DENIED, "no", (localized("no"), info))
    assert status.reason == "SERVICE_DISABLED"
    assert status.info["metadata"] == {"consumer": "projects/1"}
    assert Status(Code.NOT_FOUND, "no").reason is None
    assert "domain" not in error_info("X", domain=None)


def test_violations() -> None:
    """With a field and without (gemini-api.md section 10 row 20)."""
    body = bad_request([("contents[0]", "a"), (None, "b")])
    assert body["fieldViolations"] == [
        {"field": "contents[0]", "description": "a"},
        {"description": "b"},
    ]


def test_the_error() -> None:
    """It is a refusal with Google's text, its status and the challenge."""
    status = Status(Code.PERMISSION_DENIED, "Google's words")
    error = StatusError(status, www_authenticate="Bearer", next_step="Do.")
    assert isinstance(error, RefusedError)
    assert str(error) == "Google's words\nDo."
    assert (error.status, error.www_authenticate) == (status, "Bearer")
