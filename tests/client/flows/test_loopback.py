from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from gemauth.client.flows.exchange import TokenRefused
from gemauth.client.flows.loopback import loopback
from gemauth.client.flows.sign_in import SignIn
from gemauth.errors import CredentialError, UsageError
from gemauth.flow import Bind, Now, OpenBrowser, Receive, Reply, Send, Show
from gemauth.google import scopes
from gemauth.google.endpoints import GOOGLE
from tests.client.transcript import CLIENT, answer, play, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.client.flows.sign_in import Granted
    from gemauth.flow import Flow

REDIRECT = "http://127.0.0.1:4711/"


class Run:
    """One sign-in; keeps its state and what the browser was shown."""

    def __init__(self) -> None:
        self.state = ""
        self.pages: list[tuple[int, str]] = []
        self.shown: list[str] = []

    def flow(self, **options: Any) -> Flow[Granted]:
        """Return the flow under test."""
        return loopback(SignIn(CLIENT, GOOGLE, scopes.DEFAULT), **options)

    def opening(self, *, opened: bool = True) -> tuple[tuple[Any, Any], ...]:
        """The lines up to the wait."""

        def browse(step: OpenBrowser) -> bool:
            self.state = parse_qs(urlsplit(step.url).query)["state"][0]
            return opened

        return (
            (Bind(0), REDIRECT),
            (OpenBrowser, browse),
            (Show, lambda step: self.shown.append(step.text)),
        )

    def comes(self, path: str = "", **query: str) -> tuple[Any, Callable[[Any], str]]:
        """A request; `state=""` is replaced by the right one."""

        def url(step: Receive) -> str:
            known = {name: value or self.state for name, value in query.items()}
            return f"{REDIRECT}{path}?{urlencode(known)}"

        return (Receive, url)

    def shows(self, status: int) -> tuple[Any, Callable[[Any], None]]:
        """An answer to it."""

        def keep(step: Reply) -> None:
            assert step.status == status
            self.pages.append((step.status, step.html))

        return (Reply, keep)


GRANTED = tokens(refresh_token="1//0", scope=" ".join(scopes.DEFAULT))


def test_a_sign_in() -> None:
    """Listen, open the browser, receive the code, exchange it, and only then say it worked."""
    run = Run()
    granted = play(
        run.flow(),
        *run.opening(),
        run.comes(code="4/0A", state="", iss=GOOGLE.issuer),
        (Send, GRANTED),
        run.shows(200),
    )
    assert granted.tokens.refresh_token == "1//0"
    assert "Signed in" in run.pages[0][1]
    assert "browser was opened" in run.shown[0]


def test_without_a_browser_the_address_is_shown() -> None:
    """A browser that does not start leaves the URL to be opened by hand."""
    run = Run()
    lines = (run.comes(code="4/0A", state=""), (Send, GRANTED), run.shows(200))
    play(run.flow(), *run.opening(opened=False), *lines)
    assert run.shown[0].startswith("Open this address")
    assert GOOGLE.authorization in run.shown[0]


def test_stray_requests_do_not_end_it() -> None:
    """A favicon, a bare prefetch and a wrong state are answered, and the wait goes on."""
    run = Run()
    play(
        run.flow(),
        *run.opening(),
        run.comes("favicon.ico"),
        run.shows(404),
        run.comes(),
        run.shows(404),
        run.comes("other", code="4/0A", state=""),
        run.shows(404),
        run.comes(code="4/evil", state="wrong"),
        run.shows(400),
        run.comes(error="access_denied", state="wrong"),
        run.shows(400),
        run.comes(code="4/evil"),
        run.shows(400),
        run.comes(code="4/0A", state=""),
        (Send, GRANTED),
        run.shows(200),
    )


def test_a_declined_consent_ends_it() -> None:
    """access_denied with our state is told in the browser and in the error."""
    run = Run()
    with pytest.raises(CredentialError, match="declined"):
        play(run.flow(), *run.opening(), run.comes(error="access_denied", state=""), run.shows(400))
    assert "declined" in run.pages[0][1]


def test_a_refused_code_ends_it() -> None:
    """The browser does not say "signed in" when the exchange failed."""
    run = Run()
    refused = answer(400, error="invalid_grant", error_description="Bad Request")
    lines = (run.comes(code="4/0A", state=""), (Send, refused), run.shows(400))
    with pytest.raises(TokenRefused):
        play(run.flow(), *run.opening(), *lines)


def test_a_page_repeats_no_markup() -> None:
    """What a server says is text on our page, never markup."""
    run = Run()
    refused = answer(400, error="<script>alert(1)</script>")
    lines = (run.comes(code="4/0A", state=""), (Send, refused), run.shows(400))
    with pytest.raises(TokenRefused):
        play(run.flow(), *run.opening(), *lines)
    assert "<script>" not in run.pages[0][1]


def test_nobody_comes() -> None:
    """A time-out names the case in which Google never redirects: not a test user."""
    run = Run()
    with pytest.raises(CredentialError, match="within 60 seconds") as caught:
        play(run.flow(timeout=60), *run.opening(), (Receive(60.0), None))
    assert "Test users" in (caught.value.next_step or "")
    assert "--no-browser" in (caught.value.next_step or "")


def test_stray_requests_do_not_prolong_it() -> None:
    """The wait is for the whole sign-in, not for each request."""
    run = Run()
    with pytest.raises(CredentialError, match="within 60 seconds"):
        play(
            run.flow(timeout=60),
            *run.opening(),
            (Now, 1000.0),
            (Now, 1000.0),
            (Receive(60.0), f"{REDIRECT}favicon.ico"),
            run.shows(404),
            (Now, 1059.0),
            (Receive(1.0), f"{REDIRECT}favicon.ico"),
            run.shows(404),
            (Now, 1061.0),
        )


def test_a_port_in_use_ends_it() -> None:
    """The listener's own error comes through."""
    with pytest.raises(UsageError, match="in use"):
        play(Run().flow(port=8085), (Bind(8085), UsageError("Port 8085 is in use.")))
