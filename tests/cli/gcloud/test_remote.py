"""The sign-ins without a listener, step by step, with neither a clock nor a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from gemauth.cli.gcloud.errors import GcloudError
from gemauth.cli.gcloud.remote import at_once, helper, other_machine, shown_code
from gemauth.client.flows.sign_in import SignIn
from gemauth.errors import CredentialError, UsageError
from gemauth.flow import Ask, Bind, Now, OpenBrowser, Receive, Reply, Send, Show
from gemauth.google.client_secret import GCLOUD_CLIENT_ID, GCLOUD_CODE_PAGES, ClientSecret
from gemauth.google.endpoints import GOOGLE, emulator
from gemauth.google.scopes import CLOUD_PLATFORM

if TYPE_CHECKING:
    from gemauth.client.flows.sign_in import Granted
    from gemauth.flow import Flow

HERE = "http://127.0.0.1:8085"
COMMAND = "gcloud auth application-default login"
CLIENT = ClientSecret(
    "installed", GCLOUD_CLIENT_ID, "GOCSPX-emu-x", None, GOOGLE.authorization, GOOGLE.token
)
SIGN_IN = SignIn(CLIENT, emulator(HERE), (CLOUD_PLATFORM,))


def form(step: object) -> dict[str, list[str]]:
    """Return the form that is sent to the token endpoint."""
    assert isinstance(step, Send)
    assert step.request.url == f"{HERE}/token"
    return parse_qs(step.request.body.decode())


def shown(flow: Flow[Granted]) -> str:
    """Return what is shown first."""
    step = next(flow)
    assert isinstance(step, Show)
    return step.text


def state(url: str) -> str:
    """Return an authorization URL's state."""
    return parse_qs(urlsplit(url).query)["state"][0]


def test_the_redirect_uri_is_the_helpers() -> None:
    """The code is exchanged with the port of the answer, and the name localhost."""
    flow = other_machine(SIGN_IN, COMMAND)
    url = shown(flow).partition('--remote-bootstrap="')[2].partition('"')[0]
    asked = next(flow)
    assert isinstance(asked, Ask)
    answer = f"https://127.0.0.1:8177/?code=4/0Acode&state={state(url)}&iss={GOOGLE.issuer}"
    sent = form(flow.send(answer))
    assert sent["redirect_uri"] == ["http://localhost:8177/"]
    assert sent["code"] == ["4/0Acode"]
    assert "code_verifier" in sent


def test_another_state() -> None:
    """An answer with another state is refused, and nothing is sent."""
    flow = other_machine(SIGN_IN, COMMAND)
    shown(flow)
    next(flow)
    with pytest.raises(CredentialError, match="another sign-in"):
        flow.send("https://localhost:8085/?code=4/0Acode&state=other")


def test_no_answer() -> None:
    """A line without code and state is no answer."""
    flow = other_machine(SIGN_IN, COMMAND)
    shown(flow)
    next(flow)
    with pytest.raises(GcloudError, match="state, code"):
        flow.send("4/0Acode")


def test_the_code_page() -> None:
    """The code is exchanged with the page's address."""
    flow = shown_code(SIGN_IN, GCLOUD_CODE_PAGES[0])
    assert "token_usage=remote" in shown(flow)
    next(flow)
    sent = form(flow.send("4/0Acode"))
    assert sent["redirect_uri"] == [GCLOUD_CODE_PAGES[0]]


@pytest.mark.parametrize("way", ["at once", "other machine", "code"])
def test_somebody_who_answers(way: str) -> None:
    """With somebody who answers nobody is asked."""
    asked: list[str] = []

    def respond(url: str) -> str:
        asked.append(url)
        return f"http://localhost:8085/?code=4/0Acode&state={state(url)}"

    flow = {
        "at once": lambda: at_once(SIGN_IN, respond),
        "other machine": lambda: other_machine(SIGN_IN, COMMAND, respond),
        "code": lambda: shown_code(SIGN_IN, GCLOUD_CODE_PAGES[0], respond),
    }[way]()
    shown(flow)
    assert form(next(flow))["code"] == ["4/0Acode"]
    assert len(asked) == 1


class TestHelper:
    URL = shown(other_machine(SIGN_IN, COMMAND)).partition('bootstrap="')[2].partition('"')[0]
    STATE = state(URL)

    def test_listens_and_prints(self) -> None:
        """The browser is sent to the emulator's page with our address; its answer is the result."""
        flow = helper(self.URL, SIGN_IN.endpoints)
        assert isinstance(next(flow), Bind)
        opened = flow.send("http://127.0.0.1:50123/")
        assert isinstance(opened, OpenBrowser)
        assert opened.url.startswith(f"{HERE}/o/oauth2/v2/auth?")
        query = parse_qs(urlsplit(opened.url).query)
        assert query["redirect_uri"] == ["http://localhost:50123/"]
        assert query["state"] == [self.STATE]
        told = flow.send(True)  # noqa: FBT003  # the answer to OpenBrowser
        assert isinstance(told, Show)
        assert isinstance(next(flow), Now)
        assert isinstance(flow.send(0.0), Now)
        for path, status in (("favicon.ico", 404), ("?code=4/0A&state=foreign", 400)):
            assert isinstance(flow.send(1.0), Receive)
            reply = flow.send(f"http://127.0.0.1:50123/{path}")
            assert isinstance(reply, Reply)
            assert reply.status == status
            assert isinstance(next(flow), Now)
        assert isinstance(flow.send(1.0), Receive)
        done = flow.send(f"http://127.0.0.1:50123/?code=4/0A&state={self.STATE}")
        assert isinstance(done, Reply)
        assert done.status == 200
        with pytest.raises(StopIteration) as end:
            next(flow)
        assert end.value.value == f"https://localhost:50123/?code=4/0A&state={self.STATE}"

    def test_nobody_comes_back(self) -> None:
        """The wait has an end."""
        flow = helper(self.URL, SIGN_IN.endpoints)
        next(flow)
        flow.send("http://127.0.0.1:50123/")
        flow.send(False)  # noqa: FBT003  # the answer to OpenBrowser
        next(flow)
        flow.send(0.0)
        flow.send(1.0)
        with pytest.raises(CredentialError, match="No sign-in came back"):
            flow.send(None)

    def test_a_foreign_page(self) -> None:
        """Nothing is opened that is no sign-in page of the emulator's, or has no PKCE."""
        for url in (
            self.URL.replace("accounts.google.com", "evil.example"),
            self.URL.replace("code_challenge", "x"),
        ):
            with pytest.raises(UsageError, match="no --remote-bootstrap address") as caught:
                next(helper(url, SIGN_IN.endpoints))
            assert caught.value.next_step == "Copy the whole command that the other gcloud printed."
