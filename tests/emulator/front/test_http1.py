from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from gemauth.emulator.front.http1 import LONGEST_HEAD
from gemauth.testing.emulator import EmulatorServer

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
