from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import uvicorn

from gemauth.emulator.iam.first_party import GCLOUD_CLIENT_ID, install
from gemauth.emulator.storage.records import Account, AuthorizationCode, BrowserSession, TestUser
from gemauth.errors import UnreachableError, UsageError
from gemauth.google.client_secret import GCLOUD_CODE_PAGES
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, GCLOUD_ADC, OPENID, RETRIEVER, TUNING
from gemauth.oauth.authorization import AuthorizationResponse
from gemauth.run.person import Person, SignInBlockedError
from tests.emulator.authserver.room import ALL, LOOPBACK, Room

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def room() -> Iterator[Room]:
    """The sign-in pages over one app."""
    room = Room()
    yield room
    room.close()


@pytest.fixture
def base(room: Room) -> Iterator[str]:
    """The same pages on a port of 127.0.0.1."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(room.app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


def test_consents(room: Room, base: str) -> None:
    """A person walks from the authorization URL to the app's redirect URI, which stays unopened."""
    location = Person("Ada@example.com").consent(base + room.url())
    assert location.startswith(LOOPBACK)
    answer = AuthorizationResponse.from_url(location)
    assert answer.code is not None
    assert answer.scopes == ALL


def test_unticks(room: Room, base: str) -> None:
    """Scopes are left out by their full or their short names."""
    location = Person("ada@example.com").consent(base + room.url(), untick=["tuning", RETRIEVER])
    assert AuthorizationResponse.from_url(location).scopes == (CLOUD_PLATFORM, OPENID, EMAIL)


def test_declines(room: Room, base: str) -> None:
    """Cancel brings access_denied, without a code."""
    location = Person("ada@example.com").consent(base + room.url(), decline=True)
    assert AuthorizationResponse.from_url(location).error == "access_denied"
    assert room.all(AuthorizationCode) == []


def test_gclouds_code_page(room: Room, base: str) -> None:
    """Where Google would show gcloud's code, the emulator does; the redirect is not opened."""
    with room.write() as tx:
        install(tx, 0)
    url = room.url(
        client_id=GCLOUD_CLIENT_ID, scope=" ".join(GCLOUD_ADC), redirect_uri=GCLOUD_CODE_PAGES[0]
    )
    location = Person("ada@example.com").consent(base + url)
    assert location.startswith(f"{GCLOUD_CODE_PAGES[0]}?")
    assert AuthorizationResponse.from_url(location).code is not None


def test_is_remembered(room: Room, base: str) -> None:
    """The same person's browser stays signed in; another's is another."""
    ada = Person("ada@example.com")
    ada.consent(base + room.url())
    again = AuthorizationResponse.from_url(ada.consent(base + room.url()))
    assert again.more["prompt"] == "none"
    Person("ada@example.com").consent(base + room.url())
    assert len(room.all(BrowserSession)) == 2


def test_says_why_it_was_blocked(room: Room, base: str) -> None:
    """A page that never redirects becomes an error with the page's status, name and advice."""
    with pytest.raises(SignInBlockedError, match="not one of its test users") as caught:
        Person("bob@example.org").consent(base + room.url())
    blocked = caught.value
    assert (blocked.status, blocked.error, blocked.reason) == (403, "access_denied", "not_a_tester")
    assert blocked.next_step == "gemauth emulator test-users add demo bob@example.org"
    assert "st&te=1" not in str(blocked)


def test_a_bad_request_is_blocked(room: Room, base: str) -> None:
    """Also where the first page is the error page."""
    with pytest.raises(SignInBlockedError) as caught:
        Person("ada@example.com").consent(base + room.url(scope="nonsense"))
    assert caught.value.error == "invalid_scope"
    assert "invalid=[nonsense]" in caught.value.message


def test_an_account_that_is_not_there(room: Room, base: str) -> None:
    """Somebody without an account is told how to get one."""
    with pytest.raises(SignInBlockedError) as caught:
        Person("eve@example.com").consent(base + room.url())
    assert caught.value.next_step == "gemauth emulator accounts create eve@example.com"
    room.remove(Account, room.ada.sub)
    room.remove(Account, room.bob.sub)
    with pytest.raises(SignInBlockedError):
        Person("ada@example.com").consent(base + room.url())


def test_passes_the_warning_of_an_app_in_production(room: Room, base: str) -> None:
    """Where the way on is behind Advanced, a person finds it."""
    room.add(TestUser("demo", "bob@example.org", 0, None))
    location = Person("bob@example.org").consent(base + room.url(scope=TUNING))
    assert AuthorizationResponse.from_url(location).more["hd"] == "example.org"


def test_no_scope_of_that_name() -> None:
    """A misspelt scope to untick is an error before anything is sent."""
    with pytest.raises(UsageError, match="tunning"):
        Person("ada@example.com").consent("http://127.0.0.1:9/", untick=["tunning"])


def test_nothing_answers() -> None:
    """Where no emulator runs, the error says how to start one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(UnreachableError, match="gemauth emulator start"):
        Person("ada@example.com").consent(f"http://127.0.0.1:{port}/o/oauth2/v2/auth")


def test_what_answers_speaks_no_http() -> None:
    """An SSH server's greeting is nobody's defect: no emulator listens there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"SSH-2.0-judge\r\n")
                connection.recv(65536)

        thread = threading.Thread(target=greet)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/o/oauth2/v2/auth"
        with pytest.raises(UnreachableError, match="gemauth emulator start"):
            Person("ada@example.com").consent(url)
        thread.join()


def test_no_emulator_s_page(base: str) -> None:
    """An address that answers with something else is told apart from a refusal."""
    with pytest.raises(UnreachableError, match="HTTP 404"):
        Person("ada@example.com").consent(f"{base}/somewhere")


def test_a_circle_ends() -> None:
    """A server that redirects to itself for ever is left."""

    class Circle(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(303)
            self.send_header("Location", urlsplit(self.path).path)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Circle) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with pytest.raises(UnreachableError, match="circle"):
                Person("ada@example.com").consent(f"http://127.0.0.1:{server.server_port}/")
        finally:
            server.shutdown()
            thread.join()
