from __future__ import annotations

import socket
from contextlib import closing

import pytest

from gemauth.emulator.server.listener import PortTakenError, listen, loopback, url_of
from gemauth.errors import UsageError


@pytest.mark.parametrize(
    ("host", "start"),
    [
        ("127.0.0.1", "http://127.0.0.1:"),
        ("localhost", "http://127.0.0.1:"),
        ("127.0.0.2", "http://127.0.0.2:"),
        ("::1", "http://[::1]:"),
        ("[::1]", "http://[::1]:"),
    ],
)
def test_any_loopback_address_may_be_listened_on(host: str, start: str) -> None:
    """A free port is taken, and the address tells it"""
    with closing(listen(host, 0)) as listener:
        assert url_of(listener).startswith(start)
        assert not url_of(listener).endswith(":0")


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.7", "203.0.113.1", "example.com", "", "::ffff:10.0.0.1"]
)
def test_nothing_else_may(host: str) -> None:
    """What others could reach is refused before a socket is made"""
    with pytest.raises(UsageError, match="only this machine may reach it"):
        loopback(host)
    with pytest.raises(UsageError):
        listen(host, 0)


def test_a_taken_port_is_named() -> None:
    """A port that something listens on is refused with a way out"""
    with closing(listen("127.0.0.1", 0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTakenError, match=str(port)) as caught:
            listen("127.0.0.1", port)
    assert "--port 0" in str(caught.value)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    """Ports go from 0 to 65535"""
    with pytest.raises(UsageError, match="is no port"):
        listen("127.0.0.1", port)


def test_a_port_of_the_administrators_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system keeps a port for its administrator, the error says so"""

    class Refusing:
        def __init__(self, *_: object) -> None: ...

        def setsockopt(self, *_: object) -> None: ...

        def bind(self, _: object) -> None:
            raise PermissionError(13, "Permission denied")

        def close(self) -> None: ...

    monkeypatch.setattr("socket.socket", Refusing)
    with pytest.raises(UsageError, match="only its administrator listen on port 80"):
        listen("127.0.0.1", 80)


def test_small_answers_do_not_wait() -> None:
    """The connections of a listener are TCP by name, so asyncio switches Nagle's algorithm off"""
    with closing(listen("127.0.0.1", 0)) as listener:
        assert listener.proto == socket.IPPROTO_TCP
