"""google-auth-oauthlib: `InstalledAppFlow` with the downloaded file, a person at the pages."""

from __future__ import annotations

import json
import threading
import urllib.request
import webbrowser
from typing import TYPE_CHECKING, Any

import pytest
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import credentials, id_token
from google_auth_oauthlib.flow import Flow, InstalledAppFlow, WSGITimeoutError
from oauthlib.oauth2.rfc6749.errors import AccessDeniedError  # type: ignore[import-untyped]

from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, RETRIEVER, TUNING
from gemauth.testing.person import Person, SignInBlockedError
from tests.interop.local_google import ADA, EVE, GRACE, PROJECT
from tests.interop.test_google_auth import diverted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.interop.local_google import Google, Requests

pytestmark = pytest.mark.interop

QUICKSTART = [CLOUD_PLATFORM, RETRIEVER]
"""The scopes of Google's OAuth quickstart for Gemini."""


class Browser:
    """What `webbrowser` opens: a person, who follows the last redirect back to the app."""

    def __init__(self) -> None:
        self.person = Person(ADA)
        self.how: dict[str, Any] = {}
        self.blocked: SignInBlockedError | None = None
        self._threads: list[threading.Thread] = []

    def open(self, url: str, *_: object, **__: object) -> bool:
        """Sign in while the app waits for its redirect."""
        thread = threading.Thread(target=self._walk, args=[url])
        self._threads.append(thread)
        thread.start()
        return True

    def close(self) -> None:
        """Wait for the person to be done."""
        for thread in self._threads:
            thread.join(30)

    def _walk(self, url: str) -> None:
        try:
            redirect = self.person.consent(url, **self.how)
        except SignInBlockedError as blocked:
            self.blocked = blocked
            return
        with urllib.request.urlopen(redirect) as answer:
            answer.read()


@pytest.fixture
def browser() -> Iterator[Browser]:
    """The machine's browser, by the name `person`."""
    browser = Browser()
    webbrowser.register("person", None, browser)  # type: ignore[arg-type]  # duck-typed
    yield browser
    browser.close()


@pytest.fixture
def flow(google: Google, home: Path) -> InstalledAppFlow:
    """The flow of the quickstart, from the downloaded file."""
    return flow_for(google, home, QUICKSTART)


def flow_for(google: Google, home: Path, scopes: list[str]) -> InstalledAppFlow:
    """Return a flow from the client file on disk."""
    file = home / "client_secret.json"
    file.write_text(json.dumps(google.client_file))
    return InstalledAppFlow.from_client_secrets_file(str(file), scopes)


def sign_in(flow: InstalledAppFlow, **more: Any) -> credentials.Credentials:
    """Run the flow with the person's browser on any free port."""
    return flow.run_local_server(
        port=0, browser="person", authorization_prompt_message=None, **more
    )


def test_quickstart(
    google: Google, flow: InstalledAppFlow, browser: Browser, requests_seen: Requests
) -> None:
    """The sign-in of the quickstart brings credentials that list the models."""
    signed_in = sign_in(flow, prompt="consent")
    assert signed_in.refresh_token.startswith("1//emu-")
    assert set(signed_in.granted_scopes) == set(QUICKSTART)
    answer = AuthorizedSession(signed_in).get(f"{google.address}/v1beta/models")
    assert answer.status_code == 200
    assert requests_seen.count("POST /token 200") == 1


def test_refresh(google: Google, flow: InstalledAppFlow, browser: Browser) -> None:
    """The credentials of the flow keep the file's token endpoint, and refresh there."""
    signed_in = sign_in(flow, prompt="consent")
    before = signed_in.token
    signed_in.refresh(Request())
    assert signed_in.token != before
    told = Request()(f"{google.address}/tokeninfo?access_token={signed_in.token}").data
    assert json.loads(told)["aud"] == google.client_id


def test_second_sign_in(google: Google, home: Path, browser: Browser) -> None:
    """No page comes where all was granted; a desktop client gets a refresh token all the same."""
    browser.person = Person(GRACE)
    first = sign_in(flow_for(google, home, QUICKSTART), prompt="consent")
    again = sign_in(flow_for(google, home, QUICKSTART))
    assert first.refresh_token
    assert again.token
    assert again.refresh_token
    assert again.refresh_token != first.refresh_token


def test_id_token(google: Google, home: Path, browser: Browser) -> None:
    """With `openid` the flow brings an id token, which google-auth verifies against our keys."""
    signed_in = sign_in(flow_for(google, home, [OPENID, EMAIL]), prompt="consent")
    claims = id_token.verify_oauth2_token(
        signed_in.id_token, diverted(google), audience=google.client_id
    )
    assert claims["email"] == ADA
    assert claims["iss"] == "https://accounts.google.com"


def test_partial_consent_is_reported(
    google: Google, flow: InstalledAppFlow, browser: Browser
) -> None:
    """A box left unticked is oauthlib's `Scope has changed`, raised as a Warning."""
    browser.how = {"untick": [RETRIEVER]}
    with pytest.raises(Warning, match="Scope has changed") as caught:
        sign_in(flow, prompt="consent")
    granted = caught.value.new_scope  # type: ignore[attr-defined]  # oauthlib adds it
    assert granted == [CLOUD_PLATFORM]


def test_partial_consent_relaxed(
    google: Google, flow: InstalledAppFlow, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who relax oauthlib's comparison get a token that the API then refuses with 403."""
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")
    browser.how = {"untick": [RETRIEVER]}
    signed_in = sign_in(flow, prompt="consent")
    assert signed_in.granted_scopes == [CLOUD_PLATFORM]
    answer = AuthorizedSession(signed_in).get(f"{google.address}/v1beta/models")
    assert answer.status_code == 403
    (info,) = answer.json()["error"]["details"]
    assert info["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert f"{TUNING} " in answer.headers["WWW-Authenticate"]


def test_declined(flow: InstalledAppFlow, browser: Browser, requests_seen: Requests) -> None:
    """Cancel on the consent page is `access_denied`; no code is asked for."""
    browser.how = {"decline": True}
    with pytest.raises(AccessDeniedError):
        sign_in(flow, prompt="consent")
    assert not [line for line in requests_seen.seen() if line.startswith("POST /token")]


def test_not_a_tester(flow: InstalledAppFlow, browser: Browser) -> None:
    """Who is no tester ends on a page that never redirects: the app waits until its time is up."""
    browser.person = Person(EVE)
    with pytest.raises(WSGITimeoutError):
        sign_in(flow, prompt="consent", timeout_seconds=2)
    browser.close()
    assert browser.blocked is not None
    assert (browser.blocked.status, browser.blocked.error) == (403, "access_denied")


def test_disabled_client(google: Google, flow: InstalledAppFlow, browser: Browser) -> None:
    """A client that is switched off refreshes no more, and works again when it is switched on."""
    signed_in = sign_in(flow, prompt="consent")
    google.control.call("POST", "clients", google.client_id, "disable")
    try:
        with pytest.raises(Exception, match="disabled_client"):
            signed_in.refresh(Request())
    finally:
        google.control.call("POST", "clients", google.client_id, "enable")
    signed_in.refresh(Request())
    assert signed_in.valid


def test_web_client_file(google: Google, home: Path) -> None:
    """The downloaded file of a web client is one for `Flow`, with its registered redirect."""
    made = google.control.call(
        "POST",
        "projects",
        PROJECT,
        "clients",
        body={"kind": "web", "name": "site", "redirectUris": ["https://site.example.com/back"]},
    )
    web = Flow.from_client_config(
        made["file"], QUICKSTART, redirect_uri="https://site.example.com/back"
    )
    url, _ = web.authorization_url(access_type="offline", prompt="consent")
    redirect = Person(ADA).consent(url)
    assert redirect.startswith("https://site.example.com/back?")
    web.fetch_token(authorization_response=redirect)
    assert web.credentials.refresh_token
