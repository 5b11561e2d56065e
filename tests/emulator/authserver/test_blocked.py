from __future__ import annotations

import pytest

from gemauth.emulator.authserver.blocked import Blocked, Reason, request_details
from gemauth.emulator.pages.texts import TEXTS


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_page(reason: Reason) -> None:
    """Each reason has a client error's status, a name and texts."""
    assert reason.status in {400, 401, 403}
    assert reason.error
    assert {f"blocked.{reason.page}.heading", f"blocked.{reason.page}.lead"} <= TEXTS.keys()


def test_request_details_lists_what_google_lists() -> None:
    """The lines come in Google's order, with the flow's name (section 1.3)."""
    parameters = {
        "client_id": "c",
        "scope": "a b",
        "state": "s",
        "access_type": "offline",
        "prompt": "consent",
        "response_type": "code",
        "redirect_uri": "http://localhost",
    }
    assert request_details(parameters) == [
        "access_type=offline",
        "scope=a b",
        "response_type=code",
        "redirect_uri=http://localhost",
        "state=s",
        "prompt=consent",
        "flowName=GeneralOAuthFlow",
        "client_id=c",
    ]


def test_request_details_shows_nothing_else() -> None:
    """Secrets that somebody put into the URL by mistake are not repeated on the page."""
    lines = request_details({"client_secret": "GOCSPX-x", "code_verifier": "v", "nonce": "n"})
    assert lines == ["flowName=GeneralOAuthFlow"]


def test_repr_has_no_parameters() -> None:
    """A request's parameters do not reach a log by way of repr."""
    assert "hidden" not in repr(Blocked(Reason.STALE, "d", parameters={"state": "hidden"}))
