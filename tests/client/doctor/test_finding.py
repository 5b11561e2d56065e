from __future__ import annotations

from gemauth.client.calls.refusal import refusal
from gemauth.client.doctor import finding
from gemauth.client.doctor.finding import State
from gemauth.errors import CredentialError, Fault
from gemauth.http import Headers, Response
from tests.client.doctor.google import refused


def test_only_failures_have_an_exit_code() -> None:
    """The class of the error decides which."""
    assert finding.ok("x").exit_code == 0
    assert finding.skipped("x").exit_code == 0
    assert finding.warning("x", fault=Fault.CALLER, next_step="y").exit_code == 0
    assert finding.failed(CredentialError("x")).exit_code == 3


def test_an_errors_own_words() -> None:
    """They stand where the check has no better ones."""
    error = CredentialError("what", next_step="do", evidence="seen", fault=Fault.SERVER)
    found = finding.failed(error)
    assert (found.message, found.next_step, found.evidence) == ("what", "do", "seen")
    assert (found.state, found.fault) == (State.FAILED, Fault.SERVER)
    assert finding.failed(error, message="better", next_step="run").message == "better"


def test_evidence_of_a_refusal() -> None:
    """Status, ErrorInfo and challenge; other errors have their own evidence."""
    body = refused(403, "PERMISSION_DENIED", reason="SERVICE_DISABLED", metadata={"consumer": "p"})
    challenged = Response(403, Headers({"WWW-Authenticate": "Bearer x"}), body.body)
    assert finding.evidence(refusal(challenged)) == (
        "HTTP 403 PERMISSION_DENIED, SERVICE_DISABLED, consumer=p; WWW-Authenticate: Bearer x"
    )
    assert finding.evidence(CredentialError("x")) is None
