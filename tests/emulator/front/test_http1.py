from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from gemauth.emulator.front import http1
from gemauth.emulator.front.http1 import LONGEST_HEAD, Http1
from gemauth.testing.clock import FakeClock
from gemauth.testing.emulator import EmulatorServer
from tests.emulator.front.port import App, Port, answered, ask, everything, until_blank_line

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def emulator() -> Iterator[EmulatorServer]:
    """An emulator, of which nothing is changed."""
    with EmulatorServer() as emulator:
        yield emulator


def send(emulator: EmulatorServer, request: bytes) -> bytes:
    """Send bytes and return everything that comes until the connection is closed."""
    parts = urlsplit(emulator.address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def test_no_request_is_carried_to_another_host(emulator: EmulatorServer) -> None:
    """An absolute-form request for another host, which only a proxy gets, is 502"""
    for url in (
        b"http://example.com/x?token=s",
        b"https://127.0.0.1/x",
        b"http://u:p@example.com/",
    ):
        answer = send(emulator, b"GET " + url + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 502 ")
        assert b"token=" not in answer
        assert b"u:p" not in answer


def test_an_absolute_form_for_itself_is_answered(emulator: EmulatorServer) -> None:
    """A server accepts the absolute form of its own address (RFC 9112 section 3.2.2)"""
    host = emulator.address.removeprefix("http://").encode()
    target = emulator.address.encode() + b"/_emulator/v1/status"
    request = b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
    assert send(emulator, request).startswith(b"HTTP/1.1 200 ")


def test_a_connect_behind_another_request_is_refused_too(emulator: EmulatorServer) -> None:
    """A CONNECT on a connection that is being answered ends it, and no tunnel begins, not even to
    a host that a connection of its own would get to.
    """
    first = b"GET /_emulator/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n"
    connect = b"CONNECT oauth2.googleapis.com:443 HTTP/1.1\r\nHost: oauth2.googleapis.com\r\n\r\n"
    answer = send(emulator, first + connect)
    assert b"200 Connection" not in answer


def test_what_is_no_http_is_refused_and_harmless(emulator: EmulatorServer) -> None:
    """Garbage and TLS end their own connection only"""
    for noise in (b"\x16\x03\x01\x02\x00\x01", b"hello\r\n\r\n", b"GET /\r\n\r\n"):
        assert not send(emulator, noise).startswith(b"HTTP/1.1 2")
    assert emulator.control.status()


def test_a_websocket_is_not_spoken(emulator: EmulatorServer) -> None:
    """An upgrade is ignored, and the request answered as what it is (RFC 9110 section 7.8)"""
    request = (
        b"GET /_emulator/v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n"
    )
    assert send(emulator, request).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /?" + b"a" * 2 * LONGEST_HEAD,
        b"GET / HTTP/1.1\r\nX: " + b"a" * 2 * LONGEST_HEAD,
        b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * (LONGEST_HEAD // 3),
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET /?" + b"a" * 2 * LONGEST_HEAD,
    ],
)
def test_a_head_without_end_is_cut_off(emulator: EmulatorServer, head: bytes) -> None:
    """What comes before a body has a limit, too: no request fills the memory"""
    parts = urlsplit(emulator.address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 10) as connection:
        answer = b""
        with contextlib.suppress(ConnectionError):  # cut off while we are still sending
            connection.sendall(head)
            while chunk := connection.recv(65536):
                answer += chunk
    assert not answer or b"HTTP/1.1 431 " in answer or answer.count(b"HTTP/1.1 200 ") == 1


def test_a_long_body_is_not_a_long_head(emulator: EmulatorServer) -> None:
    """The limit is the head's: a body of more bytes is read"""
    body = b"a=" + b"x" * 2 * LONGEST_HEAD
    request = b"POST /v1/projects HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
    answer = send(emulator, request % len(body) + body)
    assert answer.startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize(
    "target", ["http://metadata.google.internal/x", "http://169.254.169.254:80/x"]
)
def test_an_absolute_form_for_the_metadata_server_is_answered(target: str) -> None:
    """A proxy client's plain request for it gets to the app; the target's host counts, not Host's
    (RFC 9112 section 3.2.2).
    """
    with Port() as port, port.connect() as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode())
        told = answered(connection)
    assert (told["host"], told["path"]) == (target.split("/")[2], "/x")


@pytest.mark.parametrize("sent", [b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nX: "])
def test_a_slow_head_is_cut_off(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    """A head has an end in time, also by TLS and after another request; a body has not"""
    monkeypatch.setattr(http1, "HEAD_SECONDS", 0.1)
    with Port() as port:
        for connect in (port.connect, port.tls):
            with connect() as connection:
                ask(connection)
                connection.sendall(sent)
                assert everything(connection).startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        port.idle()


def test_a_body_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the head has come its limit is over"""
    monkeypatch.setattr(http1, "HEAD_SECONDS", 0.05)
    with Port() as port, port.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na")
        time.sleep(0.2)
        connection.sendall(b"b")
        assert answered(connection)["length"] == 2


def test_an_idle_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before its first request, by TLS, and after one; empty lines are no request"""
    monkeypatch.setattr(http1, "KEEP_ALIVE", 0.1)
    with Port() as port:
        with port.tls() as connection:
            assert everything(connection) == b""
        with port.connect() as connection:
            ask(connection)
            assert everything(connection) == b""
        for before in (False, True):
            with port.connect() as connection:
                if before:
                    ask(connection)
                connection.sendall(b"\r\n")
                assert everything(connection) == b""
        port.idle()


def test_answers_have_the_clocks_date() -> None:
    """The Date header is the emulator's own time, told anew each second (RFC 9110 section 6.6.1)"""
    clock = FakeClock()
    state = Http1(App(), set(), clock)._state
    first = state.default_headers
    assert first == [(b"date", b"Thu, 01 Jan 2026 00:00:00 GMT")]
    assert state.default_headers is first
    clock.advance(1)
    assert state.default_headers == [(b"date", b"Thu, 01 Jan 2026 00:00:01 GMT")]
    with Port() as port, port.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        head = until_blank_line(connection)
    assert b"date: Thu, 01 Jan 2026 00:00:00 GMT\r\n" in head
    assert b"server:" not in head
