from __future__ import annotations

import pytest

from gemauth.cli.failure import redact, report
from gemauth.errors import CredentialError, Fault, RefusedError
from gemauth.google.status import Code, Status, StatusError, error_info
from tests.cli.terminal import Terminal

ERROR = RefusedError(
    "The API is off.",
    next_step="Turn it on.",
    fault=Fault.PROJECT,
    evidence='{"error": 403}',
)


def test_for_people() -> None:
    """A failure is its sentence, the evidence, whose fault, and the next step, on stderr."""
    there = Terminal()
    assert report(ERROR, there.console) == 4
    assert (there.out, there.err) == (
        "",
        (
            "error: The API is off.\n"
            '  evidence: {"error": 403}\n'
            "  fault: the Google Cloud project's settings\n"
            "  next: Turn it on.\n"
        ),
    )


def test_evidence_once() -> None:
    """Evidence that the sentence quotes already is not repeated to a person."""
    there = Terminal()
    report(CredentialError("Nothing found: tried x.", evidence="tried x"), there.console)
    assert there.err == "error: Nothing found: tried x.\n  fault: you\n"


def test_for_programs() -> None:
    """As json it is one object on stderr; what is not known is left out."""
    there = Terminal()
    there.console.format = "json"
    assert report(CredentialError("Signed out."), there.console) == 3
    assert there.out == ""
    assert there.error == {
        "type": "CredentialError",
        "message": "Signed out.",
        "fault": "you",
        "exitCode": 3,
    }


def test_refusal_of_an_api() -> None:
    """An API's refusal shows its status and reason."""
    there = Terminal()
    details = [error_info("SERVICE_DISABLED", domain="googleapis.com")]
    report(StatusError(Status(Code.PERMISSION_DENIED, "It is off.", details)), there.console)
    assert (
        "error: It is off.\n  evidence: HTTP 403 PERMISSION_DENIED, SERVICE_DISABLED" in there.err
    )
    plain = Terminal()
    report(StatusError(Status(Code.INTERNAL, "It broke.")), plain.console)
    assert "  evidence: HTTP 500 INTERNAL\n" in plain.err


def _defect(text: str) -> Exception:
    try:
        int(text)
    except ValueError as error:
        return error
    raise AssertionError


def test_defect() -> None:
    """An unforeseen exception is one short sentence that does not repeat its message."""
    there = Terminal()
    assert report(_defect("ya29.secret"), there.console) == 70
    assert "ValueError" in there.err
    assert "secret" not in there.err
    assert "Traceback" not in there.err
    assert "GEMAUTH_DEBUG=1" in there.err


def test_debug() -> None:
    """With GEMAUTH_DEBUG=1 the traceback follows, without what looks like a secret."""
    there = Terminal(environ={"GEMAUTH_DEBUG": "1"})
    report(_defect("token ya29.a0AfB_x-y in refresh_token=1//0gAbc-d"), there.console)
    assert "Traceback" in there.err
    assert "token [secret] in refresh_token=[secret]" in there.err


@pytest.mark.parametrize(
    "secret",
    [
        "ya29.a0AfB_byC-x.y",
        "ya29.emu-abc",
        "1//0gAbC-_x",
        "GOCSPX-abc_d-e",
        "AIzaSyD-1234567890abc",
        "4/0AfJohXn-abcdefghij",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln",
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
    ],
)
def test_redact(secret: str) -> None:
    """Every form of Google's secrets is recognised wherever it stands."""
    assert redact(f"before '{secret}'") in {"before '[secret]'", "before '[secret]"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("http://127.0.0.1:1/?code=abc&state=s", "http://127.0.0.1:1/?code=[secret]&state=s"),
        ("client_secret=abc&x=1", "client_secret=[secret]&x=1"),
        ("Authorization: Bearer abc", "Authorization: Bearer [secret]"),
        ("status code 403", "status code 403"),
    ],
)
def test_redact_named(text: str, left: str) -> None:
    """A value that is named as a secret goes, the words around it stay."""
    assert redact(text) == left


def test_a_server_that_repeats_a_secret() -> None:
    """Whatever an error carries, what looks like a secret is told to nobody."""
    there = Terminal()
    error = RefusedError(
        "No such token: ya29.secret.\n", next_step="Check 1//secret.", evidence="Bearer abc.def"
    )
    report(error, there.console)
    assert there.err == (
        "error: No such token: [secret]\n  evidence: Bearer [secret]\n  fault: you\n"
        "  next: Check [secret].\n"
    )
