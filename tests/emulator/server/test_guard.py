from __future__ import annotations

import contextlib
import io
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from gemauth.emulator.server.guard import LIMIT, Guard
from gemauth.google.hosts import EMULATED, METADATA
from gemauth.testing.emulator import EmulatorServer
from tests.emulator.state import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.types import Message, Receive, Scope, Send

    from gemauth.emulator.ledger import Ledger

SECRET = "ya29.emu-secret"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the length of the body."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message["body"])
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


async def fail(scope: Scope, receive: Receive, send: Send) -> None:
    """Fail before answering, with a secret in the message."""
    raise ValueError(SECRET)


async def fail_late(scope: Scope, receive: Receive, send: Send) -> None:
    """Fail after the answer has begun."""
    await send({"type": "http.response.start", "status": 500, "headers": []})
    await send({"type": "http.response.body", "body": b"sent"})
    raise ValueError(SECRET)


Guarded = Any


@pytest.fixture
def state() -> Iterator[State]:
    """What the guard notes in, and its clock."""
    state = State()
    yield state
    state.close()


@pytest.fixture
def ledger(state: State) -> Ledger:
    """What the guard notes in."""
    return state.context.ledger


@pytest.fixture
def guarded(state: State) -> Iterator[Callable[..., tuple[TestClient, io.StringIO]]]:
    """Makes clients of guarded apps, with the logs."""
    clients: list[TestClient] = []

    def make(app: Any, base: str = "http://127.0.0.1:8085", **options: Any) -> Any:
        log = io.StringIO()
        client = TestClient(Guard(app, state.context, log, **options), base_url=base)
        clients.append(client)
        return client, log

    yield make
    for client in clients:
        client.close()


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8085", "127.0.0.1", "localhost:8085", "LOCALHOST:1", "[::1]:8085", "[::1]"],
)
def test_loopback_names_are_answered(guarded: Guarded, host: str) -> None:
    """The names of this machine are answered, on any port: a forwarded one has its own"""
    client, _ = guarded(echo)
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "oauth2.googleapis.com",
        "generativelanguage.googleapis.com:443",
        "0.0.0.0:8085",
        "127.0.0.2:8085",
        "127.0.0.1:8085@evil.example",
        "127.0.0.1:x",
        "[::2]",
        "",
    ],
)
def test_no_other_name_is_answered(guarded: Guarded, host: str) -> None:
    """Any other Host is 421: a page of another site may have its name resolve to this machine"""
    client, _ = guarded(fail)
    response = client.get("/", headers={"Host": host})
    assert response.status_code == 421
    assert "127.0.0.1, localhost and [::1]" in response.text
    assert "evil" not in response.text


# One path that each of Google's hosts serves, and one of another host.
PATHS = {
    "accounts.google.com": ("/o/oauth2/v2/auth", "/token"),
    "oauth2.googleapis.com": ("/token", "/o/oauth2/v2/auth"),
    "www.googleapis.com": ("/oauth2/v3/certs", "/v1/projects"),
    "openidconnect.googleapis.com": ("/v1/userinfo", "/v1/userinfo/more"),
    "generativelanguage.googleapis.com": ("/v1beta/models", "/token"),
    "iam.googleapis.com": ("/v1/projects/p/serviceAccounts", "/v3/projects"),
    "iamcredentials.googleapis.com": ("/v1/projects/-/serviceAccounts/a:signJwt", "/token"),
    "sts.googleapis.com": ("/v1/token", "/token"),
    "serviceusage.googleapis.com": ("/v1/projects/p/services", "/v2/projects"),
    "cloudresourcemanager.googleapis.com": ("/v3/projects", "/v2/projects"),
    "metadata.google.internal": ("/computeMetadata/v1/", "/token"),
    "169.254.169.254": ("/", "/_emulator/v1/accounts"),
}


@pytest.mark.parametrize("host", sorted(EMULATED))
def test_by_tls_each_of_googles_hosts_has_its_own_paths(guarded: Guarded, host: str) -> None:
    """Its path gets to the app, also with a port, a final dot and capitals; another's is 404 as
    at Google, in HTML.
    """
    right, wrong = PATHS[host]
    client, _ = guarded(echo, f"https://{host}")
    for name in (host, f"{host}:443", f"{host}.", host.upper()):
        assert client.get(right, headers={"Host": name}).status_code == 200
        answer = client.get(wrong, headers={"Host": name})
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert "gemauth emulator" in answer.text


@pytest.mark.parametrize("host", sorted(EMULATED))
def test_without_tls_only_the_metadata_server_has_a_name(guarded: Guarded, host: str) -> None:
    """Over plain http the metadata names are answered, for their own paths; Google's others are
    421, since no client of Google's would call them so.
    """
    right, wrong = PATHS[host]
    client, _ = guarded(echo, f"http://{host}")
    assert client.get(right).status_code == (200 if host in METADATA else 421)
    assert client.get(wrong).status_code == (404 if host in METADATA else 421)


@pytest.mark.parametrize(
    "host", ["storage.googleapis.com", "www.google.com", "x.googleusercontent.com:443"]
)
def test_a_host_of_googles_that_is_not_emulated_is_told(guarded: Guarded, host: str) -> None:
    """By TLS it is 502 with its name: a 404 would be taken for Google's word"""
    client, _ = guarded(fail, f"https://{host}")
    answer = client.get("/")
    assert answer.status_code == 502
    assert f"does not emulate {host.partition(':')[0]}." in answer.text


def test_by_tls_loopback_names_have_every_path(guarded: Guarded) -> None:
    """TLS at the port itself is the same emulator"""
    client, _ = guarded(echo, "https://localhost:8085")
    for path in ("/token", "/v1beta/models", "/_emulator/v1/status"):
        assert client.get(path).status_code == 200
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 421


def test_requests_are_noted(guarded: Guarded, ledger: Ledger, state: State) -> None:
    """The ledger has who called what by which way, and what became of it; no query"""
    client, _ = guarded(echo, "https://oauth2.googleapis.com")
    client.post(f"/token?code={SECRET}", headers={"User-Agent": "judge/1"})
    client.post("/nowhere", headers={"Content-Type": "application/grpc+proto"})
    first, second = (entry.to_json() for entry in ledger.after())
    assert first == {
        "number": 1,
        "at": state.clock.now(),
        "transport": "http/1.1",
        "tls": True,
        "host": "oauth2.googleapis.com",
        "verb": "POST",
        "path": "/token",
        "userAgent": "judge/1",
        "status": 200,
    }
    assert (second["transport"], second["status"]) == ("grpc", 404)


def test_the_ledger_keeps_nothing_endless(guarded: Guarded, ledger: Ledger) -> None:
    """A thousand requests with heads of a megabyte do not fill the memory"""
    client, _ = guarded(echo)
    client.request("G" * 10_000, "/v1beta/" + "x" * 10_000)
    (entry,) = ledger.after()
    assert (len(entry.verb), len(entry.path)) == (2000, 2000)
    assert entry.path.startswith("/v1beta/xxx")


def test_the_emulators_own_paths_are_not_noted(guarded: Guarded, ledger: Ledger) -> None:
    """What a person does to the emulator is no client's call"""
    client, _ = guarded(echo)
    client.get("/_emulator/v1/accounts")
    client.get("/_emulator/pages/style.css")
    client.get("/v1beta/models")
    assert [entry.path for entry in ledger.after()] == ["/v1beta/models"]


async def _call(guard: Guard, headers: list[tuple[bytes, bytes]]) -> int:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": "GET",
        "raw_path": b"/",
        "path": "/",
        "headers": headers,
    }
    await guard(scope, receive, send)
    status: int = sent[0]["status"]
    return status


@pytest.mark.parametrize(
    "headers",
    [[], [(b"host", b"localhost"), (b"host", b"localhost")]],
)
def test_a_request_has_one_host(state: State, headers: list[tuple[bytes, bytes]]) -> None:
    """No Host and two Hosts are refused (RFC 9112 section 3.2)"""
    import anyio

    assert anyio.run(_call, Guard(echo, state.context, io.StringIO()), headers) == 421


def test_a_body_may_be_as_long_as_the_limit(guarded: Guarded) -> None:
    """The limit itself is read; one byte more is 413 and the connection closes"""
    client, _ = guarded(echo, limit=1000)
    assert client.post("/", content=b"x" * 1000).text == "1000"
    response = client.post("/", content=b"x" * 1001)
    assert response.status_code == 413
    assert response.headers["connection"] == "close"


def test_a_body_without_a_length_is_counted(guarded: Guarded) -> None:
    """A chunked body is 413 as soon as it has grown past the limit"""
    client, log = guarded(echo, limit=1000)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 100

    def parts() -> Iterator[bytes]:
        for _ in range(11):
            yield b"x" * 100

    assert client.post("/", content=parts()).status_code == 413
    assert log.getvalue() == ""


def test_a_defect_shows_nothing_from_inside(guarded: Guarded) -> None:
    """A defect is 500 INTERNAL in the API's shape; the log says where, and no message"""
    client, log = guarded(fail)
    response = client.get(f"/path?access_token={SECRET}")
    assert response.status_code == 500
    assert response.json()["error"]["status"] == "INTERNAL"
    assert "ValueError" in log.getvalue()
    assert "in GET request" in log.getvalue()
    assert SECRET not in response.text + log.getvalue()


def test_a_defect_after_the_answer_ends_only_that_request(guarded: Guarded) -> None:
    """What was sent stays, the log has the defect, and the next request is answered"""
    client, log = guarded(fail_late)
    assert client.get("/").text == "sent"
    assert "ValueError" in log.getvalue()
    assert client.get("/").status_code == 500


def test_requests_are_logged_without_their_query(guarded: Guarded) -> None:
    """With the option each request's method, path and status are told; without it nothing is"""
    client, log = guarded(echo, requests=True)
    client.post(f"/token/%0a?code={SECRET}", headers={"Authorization": f"Bearer {SECRET}"})
    assert log.getvalue() == "POST /token/%0a 200\n"
    client, log = guarded(echo)
    client.get("/")
    assert log.getvalue() == ""


def test_a_log_that_nobody_reads_stops_nothing(guarded: Guarded) -> None:
    """When standard error is closed, requests are still answered"""
    client, log = guarded(echo, requests=True)
    log.close()
    assert client.get("/").status_code == 200


def test_only_http_is_spoken(state: State) -> None:
    """Other ASGI protocols end without an answer"""
    import anyio

    async def never(*_: object) -> Any:
        raise AssertionError

    guard = Guard(never, state.context, io.StringIO())
    anyio.run(guard, {"type": "websocket"}, never, never)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[EmulatorServer, io.StringIO]]:
    """The guard before the app itself, and its log."""
    log = io.StringIO()
    with EmulatorServer(log=log) as emulator:
        yield emulator, log


BODY_PATHS = ["/token", "/v1/projects", "/_emulator/v1/accounts", "/v1beta/tunedModels/x:generate"]


@pytest.mark.parametrize("path", BODY_PATHS)
def test_a_client_that_leaves_is_no_defect(
    running: tuple[EmulatorServer, io.StringIO], path: str
) -> None:
    """A connection that ends within a body is not told in the log: it is the client's affair"""
    emulator, log = running
    parts = urlsplit(emulator.address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 10) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 5\r\n\r\n"
        connection.sendall(head.encode() + b"ab")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) in {b"", b"H"}  # a path that reads no body may be answered
    assert not log.getvalue()


@pytest.mark.parametrize("path", ["/v1/projects", "/_emulator/v1/accounts", "/v1beta/models/x:y"])
def test_a_body_without_a_length_is_too_long_for_the_app_too(
    running: tuple[EmulatorServer, io.StringIO], path: str
) -> None:
    """The app does not take the end of a long body for a defect of its own"""
    emulator, log = running
    parts = urlsplit(emulator.address)
    chunk = b"%x\r\n" % 2**20 + b"x" * 2**20 + b"\r\n"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0), 10) as connection:
        answer = b""
        with contextlib.suppress(ConnectionError):  # cut off while we are still sending
            connection.sendall(head.encode() + chunk * (LIMIT // 2**20 + 1))
            answer = connection.recv(65536)
    assert not answer or answer.startswith((b"HTTP/1.1 413 ", b"HTTP/1.1 404 "))
    assert not log.getvalue()
