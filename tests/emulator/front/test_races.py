"""Bad weather on the port: bursts, clients that vanish, bodies both ways, a stop amid all of it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import ssl
import time
from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.front import front as module
from gemauth.emulator.front.first_bytes import PREFACE
from gemauth.testing.emulator import EmulatorServer
from tests.emulator.front.port import (
    PART,
    Port,
    ask,
    client_hello,
    everything,
    reset,
    trust,
    until,
    until_blank_line,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.processes

OAUTH = "oauth2.googleapis.com"
HEAD = f"CONNECT {OAUTH}:443 HTTP/1.1\r\nHost: {OAUTH}:443\r\n\r\n".encode()
LARGE = 6 * 2**20


async def _cold(port: Port, *, tunnel: bool) -> None:
    """Connect, ask once, and leave."""
    if tunnel:
        reader, writer = await asyncio.open_connection("127.0.0.1", port.number)
        writer.write(HEAD)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        await writer.start_tls(trust(), server_hostname=OAUTH)
    else:
        reader, writer = await asyncio.open_connection("localhost", port.number, ssl=trust())
    writer.write(b"GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    assert b'"scheme": "https"' in await reader.read()
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def test_bursts_of_cold_connections() -> None:
    """Hundreds at a time by TLS, half of them through CONNECT: each is answered, none is left"""

    async def burst(port: Port, size: int) -> None:
        async with asyncio.timeout(60), asyncio.TaskGroup() as clients:
            for number in range(size):
                clients.create_task(_cold(port, tunnel=number % 2 == 0))

    with Port() as port:
        for _ in range(2):
            asyncio.run(burst(port, 150))
        port.idle()
        assert port.log == []


@pytest.mark.parametrize("end", [reset, socket.socket.close])
def test_clients_killed_in_mid_handshake(end: Callable[[socket.socket], None]) -> None:
    """Wherever in the handshake a client ends, and however, nothing is left and nothing is told"""
    hello = client_hello()
    chance = random.Random(1)
    with Port() as port:
        with port.tunnel() as tunnel:
            ask(tunnel)
        for number in range(100):
            connection = port.connect()
            connection.sendall(HEAD)
            until_blank_line(connection)
            connection.sendall(hello[: chance.randint(0, len(hello))])
            if number % 3 == 0:
                connection.sendall(hello[-20:])  # and out of form
            end(connection)
        # Those that go on up to the server's own flight.
        for _ in range(20):
            connection = port.connect()
            connection.sendall(hello)
            assert connection.recv(100)
            end(connection)
        port.idle()
        assert port.log == []
        with port.tunnel() as tunnel:
            assert ask(tunnel)["scheme"] == "https"


@pytest.mark.parametrize("sent", [b"", b"G", b"GET / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nContent"])
def test_half_closed_connections(sent: bytes) -> None:
    """A client that stops sending within a head is let go, by TLS too, and costs no more time"""
    with Port() as port:
        for connect in (port.connect, port.tls, port.tunnel):
            with connect() as connection:
                connection.sendall(sent)
                if isinstance(connection, ssl.SSLSocket):
                    with contextlib.suppress(OSError, ssl.SSLError):
                        connection.unwrap()
                else:
                    connection.shutdown(socket.SHUT_WR)
                    assert everything(connection) == b""
        port.idle()
        before = _cpu(port)
        time.sleep(0.1)
        assert _cpu(port) - before < 0.05


def _cpu(port: Port) -> float:
    async def spent() -> float:
        return time.thread_time()

    return asyncio.run_coroutine_threadsafe(spent(), port.loop).result(10)


def test_large_uploads() -> None:
    """Six megabytes arrive whole by each way, at the same time"""
    body = bytes(LARGE)
    with Port() as port:
        connections = [connect() for connect in (port.connect, port.tls, port.tunnel) * 2]
        for connection in connections:
            assert ask(connection, "/", body)["length"] == LARGE
            connection.close()
        port.idle()


def test_streams_are_not_held_back() -> None:
    """Each event is with the client before the app makes the next: the app waits for the test"""
    with Port() as port:
        for connect in (port.connect, port.tls, port.tunnel):
            with connect() as connection:
                connection.sendall(b"GET /steps HTTP/1.1\r\nHost: h\r\n\r\n")
                until_blank_line(connection)
                for number in range(3):
                    event = b""
                    while not event.endswith(b"\n\n\r\n"):
                        event += connection.recv(1)
                    assert f"data: {number}".encode() in event
                    port.app.go_on.release()
                assert connection.recv(10) == b"0\r\n\r\n"
        port.idle()


@pytest.mark.parametrize("way", ["connect", "tls", "tunnel"])
def test_a_slow_reader_slows_the_app(way: str) -> None:
    """What a client does not read the app does not send: memory does not grow"""
    with Port() as port, getattr(port, way)() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.sendall(b"GET /endless HTTP/1.1\r\nHost: h\r\n\r\n")
        sent = -1
        while sent != port.app.sent:
            sent = port.app.sent
            time.sleep(0.1)
        assert 0 < sent < 2**24
        # It goes on as soon as there is room.
        read = 0
        while read < 2 * sent:
            read += len(connection.recv(65536))
        until(lambda: port.app.sent > sent + len(PART))
        reset(connection)
        port.idle()


def test_who_goes_away_leaves_nothing() -> None:
    """In a stream, in an upload, between two requests: no task, descriptor or request stays"""
    with Port() as port:
        for end in (reset, socket.socket.close):
            left = []
            for connect in (port.connect, port.tls, port.tunnel):
                for sent in (
                    b"GET /endless HTTP/1.1\r\nHost: h\r\n\r\n",
                    b"GET /steps HTTP/1.1\r\nHost: h\r\n\r\n",
                    b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc",
                    b"GET / HTTP/1.1\r\nHost: h\r\n\r\n" * 3,
                    b"GET / HTT",
                    b"no http at all\r\n\r\n",
                ):
                    connection = connect()
                    connection.sendall(sent)
                    left.append(connection)
            until(lambda: port.app.open >= 9)
            for connection in left:
                end(connection)
            for _ in range(9):
                port.app.go_on.release()  # the steps go on to nobody
            port.idle()
            while port.app.go_on.acquire(blocking=False):
                pass
        assert port.log == []


def test_who_goes_away_leaves_no_transaction() -> None:
    """After clients that vanished within their bodies the emulator still writes, and stops"""
    with EmulatorServer() as emulator:
        number = int(emulator.address.rpartition(":")[2])
        for path in ("/token", "/v1/projects", "/_emulator/v1/accounts") * 10:
            connection = socket.create_connection(("127.0.0.1", number), 10)
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            connection.sendall(f'{head}Content-Length: 100\r\n\r\n{{"email":'.encode())
            reset(connection)
        emulator.control.create_account("ada@example.com")
        assert [account["email"] for account in emulator.control.accounts()] == ["ada@example.com"]


def test_a_stop_amid_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Handshakes, heads, bodies, streams, tunnels and idle connections are over soon after a stop;
    that no task is left is checked as the loop ends.
    """
    monkeypatch.setattr(module, "GRACE", 0.3)
    hello = client_hello()
    with contextlib.ExitStack() as stack, socket.create_server(("127.0.0.1", 0)) as target:
        port = stack.enter_context(Port())
        clients = []

        def client(connection: socket.socket, *sent: bytes) -> None:
            clients.append(stack.enter_context(connection))
            for part in sent:
                connection.sendall(part)

        for _ in range(10):
            client(port.connect())
            client(port.connect(), b"PRI * ")
            client(port.connect(), PREFACE + b"\0\0\0\4\0\0\0\0\0")  # and empty SETTINGS
            client(port.connect(), HEAD[:30])
            client(port.connect(), hello[:100])
            client(port.connect(), HEAD, hello)
            client(
                port.connect(), b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % target.getsockname()[1]
            )
            client(port.connect(), b"CONNECT storage.googleapis.com:443 HTTP/1.1\r\n\r\n")
            for connect in (port.connect, port.tls, port.tunnel):
                client(connect(), b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                client(connect(), b"GET /endless HTTP/1.1\r\nHost: h\r\n\r\n")
                client(connect(), b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab")
        until(lambda: port.app.open >= 60)
        begin = time.monotonic()
        port.stop()
        assert time.monotonic() - begin < 3
        for connection in clients:
            connection.settimeout(5)
            everything(connection)  # every one of them has ended
            connection.close()
        assert port.descriptors == -4  # the listener and the loop's own three are gone, too
        assert port.log == []
