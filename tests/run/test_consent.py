from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from gemauth.errors import UsageError
from gemauth.google.scopes import CLOUD_PLATFORM, TUNING
from gemauth.oauth.authorization import AuthorizationResponse
from gemauth.run import consent
from gemauth.run.person import SignInBlockedError
from tests.run.sign_in import ADA, EVE, App, Lab

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME = "http://127.0.0.1:8085"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """An emulator with an app and a tester."""
    with Lab() as lab:
        yield lab


@pytest.fixture
def nobody() -> str:
    """A redirect URI at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"


@pytest.mark.parametrize(
    ("url", "moved"),
    [
        ("https://accounts.google.com/o/oauth2/auth?a=b&c=d", f"{HOME}/o/oauth2/auth?a=b&c=d"),
        ("https://accounts.google.com/o/oauth2/v2/auth?a=b", f"{HOME}/o/oauth2/v2/auth?a=b"),
        ("http://localhost:8085/o/oauth2/v2/auth?a=b", f"{HOME}/o/oauth2/v2/auth?a=b"),
        ("http://localhost:8086/o/oauth2/v2/auth?a=b", None),
        ("https://localhost:8085/o/oauth2/v2/auth?a=b", None),
        ("http://accounts.google.com/o/oauth2/auth?a=b", None),
        ("https://accounts.google.com.example.com/o/oauth2/auth?a=b", None),
        ("https://accounts.google.com@example.com/o/oauth2/auth?a=b", None),
        ("https://accounts.google.com/ManageAccount", None),
        ("https://console.cloud.google.com/o/oauth2/auth", None),
        ("http://localhost:99999/o/oauth2/auth", None),
        ("nonsense", None),
    ],
)
def test_which_pages_are_the_emulators(url: str, moved: str | None) -> None:
    """Google's authorization URLs go to the emulator; whatever else stays what it is."""
    assert consent.at_emulator(url, HOME) == moved


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (
            ' gcloud auth application-default login --remote-bootstrap="https://a/?b=c"\n',
            "https://a/?b=c",
        ),
        ("gcloud auth login --remote-bootstrap='https://a/?b=c'", "https://a/?b=c"),
        (" https://a/?b=c ", "https://a/?b=c"),
    ],
)
def test_gclouds_command_is_unwrapped(text: str, url: str) -> None:
    """What gcloud prints for --no-browser may be given whole."""
    assert consent.unwrap(text) == url


def test_answers(lab: Lab) -> None:
    """Google's URL, shown by an app, becomes the redirect that the app waits for."""
    redirect = consent.answer(lab.url("http://localhost:1234/callback"), ADA, lab.address)
    assert redirect.startswith("http://localhost:1234/callback?")
    answer = AuthorizationResponse.from_url(redirect)
    assert answer.code is not None
    assert answer.state == "secret-state"
    assert set(answer.scopes) == {CLOUD_PLATFORM, TUNING}


def test_gclouds_bootstrap_url_gets_gclouds_redirect(lab: Lab) -> None:
    """A URL without redirect_uri is gcloud's --remote-bootstrap (google-oauth.md 7.1)."""
    redirect = consent.answer(lab.url(None, token_usage="remote"), ADA, lab.address)
    assert redirect.startswith(f"{consent.GCLOUD_REDIRECT}?")
    assert AuthorizationResponse.from_url(redirect).code is not None


def test_a_person_may_untick_and_decline(lab: Lab) -> None:
    """What a person can do on the page can be asked for."""
    url = lab.url("http://localhost:1234/", prompt="consent")
    some = consent.answer(url, ADA, lab.address, untick=["tuning"])
    assert AuthorizationResponse.from_url(some).scopes == (CLOUD_PLATFORM,)
    none = consent.answer(url, ADA, lab.address, decline=True)
    assert AuthorizationResponse.from_url(none).error == "access_denied"


def test_a_stranger_is_blocked(lab: Lab) -> None:
    """The page's own reason comes out."""
    with pytest.raises(SignInBlockedError) as caught:
        consent.answer(lab.url("http://localhost:1234/"), EVE, lab.address)
    assert caught.value.reason == "not_a_tester"


def test_other_pages_are_refused_without_their_query() -> None:
    """An address that is no sign-in is named without what may be secret in it."""
    with pytest.raises(UsageError, match=r"https://example\.com/page is no sign-in") as caught:
        consent.answer("https://example.com/page?code=secret", ADA, HOME)
    assert "secret" not in str(caught.value)
    with pytest.raises(UsageError, match="This text"):
        consent.answer("http://[::1/?code=secret", ADA, HOME)


def test_delivers() -> None:
    """The app gets its redirect with the query, and its own redirects are followed on loopback."""
    with App(locations=["/done?x=1", "https://example.com/welcome"]) as app:
        assert consent.deliver(f"{app.url}callback?code=c&state=s")
        assert app.paths == ["/callback?code=c&state=s", "/done?x=1"]


def test_a_circle_ends() -> None:
    """An app that redirects to itself for ever is left."""
    with App(locations=["/"] * 50) as app:
        assert consent.deliver(app.url)
        assert len(app.paths) == 5


def test_an_app_that_is_gone_after_its_redirect() -> None:
    """An app that redirects to an address at which nothing listens has had its answer."""
    with App(locations=["http://127.0.0.1:1/"]) as app:
        assert consent.deliver(app.url)


def test_nobody_listens(nobody: str) -> None:
    """Where nothing listens, nothing was delivered."""
    assert not consent.deliver(nobody)


def test_waits_for_the_listener(nobody: str) -> None:
    """An app may begin to listen after it has opened the browser."""
    port = int(nobody.rstrip("/").rpartition(":")[2])
    waited: list[float] = []
    apps: list[App] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            apps.append(App(port).__enter__())

    assert consent.deliver(f"{nobody}?code=c", patience=10, now=lambda: 0.0, sleep=sleep)
    apps[0].__exit__()
    assert apps[0].paths == ["/?code=c"]
    assert len(waited) == 3


def test_patience_ends(nobody: str) -> None:
    """It waits as long as it was told, and no longer."""
    times = iter(range(100))
    assert not consent.deliver(
        nobody, patience=3, now=lambda: float(next(times)), sleep=lambda _: None
    )
    assert next(times) == 4


def test_an_app_that_hangs_up() -> None:
    """A listener that closes without an answer has the request all the same."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            connection, _ = listener.accept()
            connection.recv(4096)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        assert consent.deliver(f"http://127.0.0.1:{listener.getsockname()[1]}/?code=c")
        thread.join()


@pytest.mark.parametrize(
    "url", ["https://localhost:1/", "http://example.com/?code=c", "http://localhost:99999/"]
)
def test_nothing_leaves_the_machine(url: str) -> None:
    """A redirect elsewhere is never opened."""
    with pytest.raises(UsageError, match="not on this machine"):
        consent.deliver(url)
