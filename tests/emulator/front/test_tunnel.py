from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.emulator.front import tunnel
from gemauth.emulator.front.connect import Target
from gemauth.emulator.front.tunnel import NoTunnelError, reach
from tests.emulator.front.port import Port, everything, reset, until, until_blank_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run another server of the developer's, which talks on each connection; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            try:
                while True:
                    connection, _ = listener.accept()
                    connection.settimeout(20)
                    threading.Thread(target=run, args=[connection]).start()
            except OSError:
                return

        def run(connection: socket.socket) -> None:
            with connection:
                talk(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def echo(connection: socket.socket) -> None:
    """Send all back once it has ended."""
    connection.sendall(everything(connection))


def connect(target: str) -> bytes:
    """Return a CONNECT request."""
    return f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode()


def test_bytes_are_carried_as_they_are() -> None:
    """What follows the head at once, both directions, and the half-close in between"""
    data = bytes(range(256)) * 20_000
    with server(echo) as number, Port() as port, port.connect() as client:
        client.sendall(connect(f"127.0.0.1:{number}") + data)
        client.shutdown(socket.SHUT_WR)
        assert until_blank_line(client).startswith(b"HTTP/1.1 200 ")
        assert everything(client) == data
        assert port.told == [("127.0.0.1", number, 200)]
        client.close()
        port.idle()


@pytest.mark.parametrize("first", ["client", "target"])
def test_a_half_closed_tunnel_ends_in_silence(first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one side has ended and the other says nothing more; as long as it does, it goes on"""
    monkeypatch.setattr(tunnel, "HALF_OPEN_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener, Port() as port:
        with port.connect() as client:
            client.sendall(connect(f"127.0.0.1:{listener.getsockname()[1]}"))
            until_blank_line(client)
            target, _ = listener.accept()
            with target:
                one, other = (client, target) if first == "client" else (target, client)
                one.shutdown(socket.SHUT_WR)
                assert other.recv(1) == b""
                for _ in range(10):
                    other.sendall(b"x")
                    assert one.recv(1) == b"x"
                    time.sleep(0.1)
                assert everything(one) == b""
        port.idle()


def test_a_server_that_speaks_first_is_heard() -> None:
    """A tunnel is nobody's request and answer: SMTP and SSH greet first"""
    with (
        Port() as port,
        server(lambda c: c.sendall(b"220 hello")) as number,
        port.connect() as client,
    ):
        client.sendall(connect(f"localhost:{number}"))
        assert until_blank_line(client).startswith(b"HTTP/1.1 200 ")
        assert everything(client) == b"220 hello"


@pytest.mark.parametrize("who", ["client", "target"])
def test_a_broken_side_ends_the_other(who: str) -> None:
    """A reset of either side ends the tunnel and leaves nothing"""
    held: list[socket.socket] = []
    ended = threading.Event()

    def hold(connection: socket.socket) -> None:
        held.append(connection)
        everything(connection)
        ended.set()

    with Port() as port, server(hold) as number:
        client = port.connect()
        client.sendall(connect(f"127.0.0.1:{number}"))
        until_blank_line(client)
        until(lambda: held)
        if who == "client":
            reset(client)
            assert ended.wait(20)
        else:
            held[0].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            held[0].shutdown(socket.SHUT_RD)
            client.sendall(b"x")
            client.shutdown(socket.SHUT_WR)
            assert everything(client) == b""
            client.close()
        until(lambda: not port.front._meetings)


def test_nothing_listens_there() -> None:
    """A target that refuses is 502, in words"""
    with Port() as port, port.connect() as client:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            number = unused.getsockname()[1]
        client.sendall(connect(f"127.0.0.1:{number}") + b"bytes of a tunnel")
        answer = everything(client)
    assert answer.startswith(b"HTTP/1.1 502 127.0.0.1:%d cannot be reached" % number)
    assert b"Connection refused" in answer
    assert port.told == [("127.0.0.1", number, 502)]


@pytest.fixture
def no_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that knows no name below `.invalid`, and asks nobody (RFC 6761 section 6.4)."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host: str, *arguments: Any, **more: Any) -> Any:
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.usefixtures("no_dns")
def test_an_unknown_name_is_told() -> None:
    """So is one that does not resolve"""
    with Port() as port, port.connect() as client:
        client.sendall(connect("nowhere.invalid:8443"))
        answer = everything(client)
    assert answer.startswith(b"HTTP/1.1 502 nowhere.invalid:8443 cannot be reached")
    assert b"Name or service not known" in answer


@pytest.mark.parametrize("address", ["169.254.169.254", "fd20:ce::254", "::ffff:169.254.169.254"])
def test_no_name_leads_to_the_metadata_server(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Whatever a name resolves to, credentials of a real machine are out of reach"""

    async def main() -> None:
        async def getaddrinfo(*_: object, **__: object) -> object:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            return [(family, socket.SOCK_STREAM, 6, "", (address, 80))]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
        await reach(Target("metadata", 80), {}, 1)

    with pytest.raises(NoTunnelError, match="metadata server"):
        asyncio.run(main())


def test_a_target_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reaching one has an end"""
    monkeypatch.setattr(tunnel, "CONNECT_SECONDS", 0.01)

    async def main() -> None:
        async def never(*_: object) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", never)
        await reach(Target("127.0.0.1", 80), {}, 1)

    with pytest.raises(NoTunnelError, match="no answer"):
        asyncio.run(main())


def proxy(answer: bytes, asked: list[bytes]) -> Callable[[socket.socket], None]:
    """Return the talk of a proxy that answers so, then echoes."""

    def talk(connection: socket.socket) -> None:
        asked.append(until_blank_line(connection))
        connection.sendall(answer)
        echo(connection)

    return talk


def test_the_emulators_own_proxy_is_gone_through() -> None:
    """With HTTPS_PROXY set, a tunnel to another machine is asked of that proxy; bytes that come
    with its answer are kept.
    """
    asked: list[bytes] = []
    with server(proxy(b"HTTP/1.1 200 OK\r\nVia: x\r\n\r\nhello ", asked)) as number:
        environ = {"HTTPS_PROXY": f"http://ada:secret@127.0.0.1:{number}"}
        with Port(tunnel_other_hosts=True, environ=environ) as port, port.connect() as client:
            client.sendall(connect("db.example.com:443") + b"there")
            client.shutdown(socket.SHUT_WR)
            assert until_blank_line(client) == b"HTTP/1.1 200 Connection established\r\n\r\n"
            assert everything(client) == b"hello there"
    assert asked[0].startswith(b"CONNECT db.example.com:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic " in asked[0]


@pytest.mark.parametrize("answer", [b"HTTP/1.1 407 No\r\n\r\n", b"SSH-2.0\r\n\r\n", b"HTTP/1.1 2"])
def test_the_emulators_own_proxy_may_refuse(answer: bytes) -> None:
    """What is no 2xx is 502 to the client, and nothing of the proxy's answer is passed on"""

    def talk(connection: socket.socket) -> None:
        until_blank_line(connection)
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
        everything(connection)

    with server(talk) as number:
        environ = {"HTTPS_PROXY": f"http://127.0.0.1:{number}"}
        with Port(tunnel_other_hosts=True, environ=environ) as port, port.connect() as client:
            client.sendall(connect("db.example.com:443"))
            told = everything(client)
    assert told.startswith(b"HTTP/1.1 502 db.example.com:443 cannot be reached")
    assert b"HTTPS_PROXY answered" in told


def test_an_unusable_proxy_is_told() -> None:
    """An HTTPS_PROXY that cannot be gone through is 502, and its value is not repeated"""
    environ = {"HTTPS_PROXY": "socks5://ada:secret@proxy:1"}
    with Port(tunnel_other_hosts=True, environ=environ) as port, port.connect() as client:
        client.sendall(connect("db.example.com:443"))
        told = everything(client)
    assert told.startswith(b"HTTP/1.1 502 HTTPS_PROXY is unusable")
    assert b"secret" not in told


@pytest.mark.usefixtures("no_dns")
def test_an_emulator_that_is_its_own_proxy_does_not_ask_itself() -> None:
    """HTTPS_PROXY may name this very emulator, for the programs beside it: no endless chain"""
    with Port(tunnel_other_hosts=True) as port:
        port.front._environ = {"HTTPS_PROXY": f"http://127.0.0.1:{port.number}"}
        with port.connect() as client:
            client.sendall(connect("nowhere.invalid:443"))
            assert everything(client).startswith(b"HTTP/1.1 502 nowhere.invalid:443 ")
    assert port.told == [("nowhere.invalid", 443, 502)]


def test_this_network_goes_without_the_proxy() -> None:
    """Loopback targets are connected to directly"""
    environ = {"HTTPS_PROXY": "http://127.0.0.1:1"}
    with (
        Port(environ=environ) as port,
        server(lambda c: c.sendall(b"direct")) as number,
        port.connect() as client,
    ):
        client.sendall(connect(f"127.0.0.1:{number}"))
        until_blank_line(client)
        assert everything(client) == b"direct"


def test_a_slow_reader_slows_the_sender() -> None:
    """A tunnel holds no more than a few buffers, whatever is sent into it"""
    sent = 0
    stalled = threading.Event()

    def flood(connection: socket.socket) -> None:
        nonlocal sent
        connection.settimeout(0.5)
        try:
            while sent < 2**26:
                sent += connection.send(bytes(65536))
        except TimeoutError:
            stalled.set()

    with Port() as port, server(flood) as number, port.connect() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.sendall(connect(f"127.0.0.1:{number}"))
        until_blank_line(client)
        assert stalled.wait(20)
        assert sent < 2**25
        assert len(everything(client)) == sent
