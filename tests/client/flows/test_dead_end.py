from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from gemauth.client.flows import dead_end
from gemauth.client.flows.dead_end import of_pasted, of_redirect
from gemauth.emulator.authserver.blocked import Reason
from gemauth.errors import Fault
from gemauth.google.endpoints import GOOGLE
from gemauth.google.error_page import ErrorPage
from gemauth.oauth.authorization import AuthorizationResponse
from tests.client.transcript import EMULATOR

if TYPE_CHECKING:
    from gemauth.client.advice import Advice

YOU, PROJECT, ADMINISTRATOR = Fault.CALLER, Fault.PROJECT, Fault.ADMINISTRATOR
# error, Google's text, whose fault, what the cause and what the next step say
PAGES = [
    ("access_denied", "demo has not completed the Google verification process", PROJECT,
     "none of its test users", "auth/audience?project=demo"),
    ("org_internal", "", PROJECT, "own organization", "auth/audience?project=demo"),
    ("admin_policy_enforced", "", ADMINISTRATOR, "administrator", "admin.google.com"),
    ("access_not_configured", "", ADMINISTRATOR, "not decided", "admin.google.com"),
    ("policy_enforced", "", YOU, "Advanced Protection", "another account"),
    ("restricted_client", "This app is blocked", PROJECT, "blocked", "client of your own"),
    ("disallowed_useragent", "", YOU, "inside another app", "browser of its own"),
    ("redirect_uri_mismatch", "It does not comply", YOU, "Web application", "Desktop app"),
    ("origin_mismatch", "", YOU, "web pages", "Desktop app"),
    ("invalid_client", "The OAuth client was not found.", YOU, "copied wrong", "add a secret"),
    ("invalid_client", "Invalid client type.", YOU, "for TVs", "Desktop app"),
    ("deleted_client", "The OAuth client was deleted.", PROJECT, "deleted", "auth/clients"),
    ("disabled_client", "The OAuth client was disabled.", PROJECT, "disabled", "auth/clients"),
    ("invalid_scope", "Some requested scopes were invalid. {invalid=[x]}", YOU, "scopes",
     "--scopes"),
    ("invalid_request", "The out-of-band (OOB) flow has been blocked", YOU, "since 2023",
     "--no-browser"),
    ("invalid_request", "Required parameter is missing: response_type", YOU, "not whole",
     "one line"),
    ("unsupported_response_type", "", YOU, "no such request", "gemauth login"),
    ("server_error", "", Fault.SERVER, "could not do it", "in a minute"),
    ("unheard_of", "What now?", Fault.SERVER, "answered unheard_of", "Start over"),
]  # fmt: skip


def google(step: Advice) -> str:
    """Advise as a sign-in at Google does."""
    return step.on(emulated=False, project="demo", email="ada@example.com")


def emulated(step: Advice) -> str:
    """Advise as a sign-in at an emulator does."""
    return step.on(emulated=True, project="demo", email="ada@example.com")


@pytest.mark.parametrize(("error", "text", "fault", "cause", "step"), PAGES)
def test_the_address_of_an_error_page(
    error: str, text: str, fault: Fault, cause: str, step: str
) -> None:
    """Its hidden words are read: the cause, whose fault it is, and what to do next."""
    url = ErrorPage(error, text, parameters={"redirect_uri": "http://127.0.0.1:1/"}).to_url()
    for pasted in (url, f" '{url}' "):
        found = of_pasted(pasted, GOOGLE.authorization, google)
        assert found is not None
        assert (found.error, found.fault) == (error, fault)
        assert cause in found.message
        assert step in (found.next_step or "")
        assert found.evidence is not None
        assert f"error={error}" in found.evidence
        assert text in found.evidence
        assert "redirect_uri=http://127.0.0.1:1/" in found.evidence


@pytest.mark.parametrize(
    "line", ["Error 403: {}", "錯誤 403：{}", "Fehler 400: {} Mehr", "401 : {}"]
)
@pytest.mark.parametrize("error", [error for error, *_ in PAGES if error != "invalid_request"])
def test_the_line_that_every_page_has(line: str, error: str) -> None:
    """The status and the name of the error, in whichever language the page is."""
    found = of_pasted(line.format(error), EMULATOR.authorization, emulated)
    assert found is not None
    assert found.error == error


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Access blocked: demo has not completed the Google verification process", "test users"),
        ("can only be accessed by developer-approved testers.", "test users"),
        ("Access blocked: demo can only be used within its organization", "own organization"),
        ("This app is blocked", "blocked"),
        ("The out-of-band (OOB) flow has been blocked in order to keep users secure.", "2023"),
        ("The OAuth client was not found.", "copied wrong"),
        ("The OAuth client was deleted.", "deleted"),
        ("The OAuth client was disabled.", "disabled"),
        ("Some requested scopes cannot be shown", "scopes"),
        ("Invalid client type.", "for TVs"),
    ],
)
def test_a_pages_words(text: str, cause: str) -> None:
    """A person may copy the sentence that they see, without the line below it."""
    found = of_pasted(text, GOOGLE.authorization, google)
    assert found is not None
    assert cause in found.message


def test_the_advice_is_the_sides() -> None:
    """The emulator's pages lead to its commands, Google's to its console."""
    found = of_pasted("Error 403: access_denied", EMULATOR.authorization, emulated)
    assert found is not None
    assert "gemauth emulator test-users add demo ada@example.com" in (found.next_step or "")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "4/0AbC",
        "hello there",
        "http://127.0.0.1:4711/?code=4/0A&state=s",
        "http://127.0.0.1:4711/?error=access_denied&x=Error 403: access_denied",
        "code=4/0A&state=s",
        GOOGLE.authorization + "?client_id=x",
        "https://elsewhere.example/signin/oauth/error?authError=x",
        "http://[::1",
    ],
)
def test_what_is_no_page(line: str) -> None:
    """The redirect, a code and nonsense are for the sign-in itself to judge."""
    assert of_pasted(line, GOOGLE.authorization, google) is None


def test_a_page_that_does_not_tell() -> None:
    """A page of the server's with nothing in its address: the usual reason is named."""
    found = of_pasted("https://accounts.google.com/v3/signin/x", GOOGLE.authorization, google)
    assert found is not None
    assert (found.error, found.fault) == (None, PROJECT)
    assert "Test users" in (found.next_step or "")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("access_denied", r"was declined .* \(access_denied\)"),
        ("admin_policy_enforced", "administrator"),
        ("server_error", "could not do it"),
        ("invalid_scope", "scopes"),
        ("odd", "answered odd"),
        (None, "neither a code nor an error"),
    ],
)
def test_a_redirect_without_a_code(error: str | None, message: str) -> None:
    """access_denied in a redirect is the person's No; on a page it is no tester's."""
    found = of_redirect(AuthorizationResponse(error=error, error_description="why"), google)
    assert re.search(message, found.message)
    assert found.next_step
    assert "why" in (found.evidence or "")


def test_the_evidence_is_short() -> None:
    """A page of any length is cut, and in one line."""
    found = of_pasted("Error 403: access_denied\n" + "x " * 5000, GOOGLE.authorization, google)
    assert found is not None
    assert found.evidence is not None
    assert "\n" not in found.evidence
    assert len(found.evidence) < 400


@pytest.mark.parametrize("reason", [r for r in Reason if r.error != "invalid_request"])
def test_whatever_page_an_emulator_shows_is_explained(reason: Reason) -> None:
    """Every page of google-oauth.md 1.3 that the emulator has is one that this knows."""
    line = f"Error {reason.status}: {reason.error}"
    found = of_pasted(line, EMULATOR.authorization, emulated)
    assert found is not None
    assert found.error == reason.error
    assert "answered" not in found.message


def test_every_reason_can_be_reached() -> None:
    """No row stands in the table for nothing."""
    reached = {dead_end._key(error, text) for error, text, *_ in PAGES} | {"declined"}
    assert set(dead_end._REFUSALS) <= reached
