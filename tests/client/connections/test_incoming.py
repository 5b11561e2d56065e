from __future__ import annotations

import asyncio
import gc
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.transport import AsyncTransport, ConnectionLostError, Transport
from gemauth.client.world import AsyncNetwork, Network
from gemauth.errors import UnreachableError, UsageError
from gemauth.flow import Open, Read, arun, run
from gemauth.http import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gemauth.flow import Flow, Incoming

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


class Peer:
    """A server that writes what a test tells it to, and sees when the client hangs up."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self.steps: list[bytes | Callable[[], Any]] = []
        self.scripts: list[list[bytes | Callable[[], Any]]] = []  # for one request each, first
        self.asked: list[bytes] = []
        self.hung_up = threading.Event()
        self.connections = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=[connection], daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the client may hang up while we write
            while asked := connection.recv(65536):
                self.asked.append(asked)
                for step in self.scripts.pop(0) if self.scripts else self.steps:
                    if callable(step):
                        if step() == "hang up":
                            return
                    else:
                        connection.sendall(step)
        self.hung_up.set()

    def close(self) -> None:
        """Stop."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    """A running peer."""
    made = Peer()
    yield made
    made.close()


@pytest.fixture
def transport() -> Iterator[Transport]:
    """A transport without proxies."""
    with Transport({}, timeout=5) as made:
        yield made


def chunk(data: bytes) -> bytes:
    """Return one chunk (RFC 9112 section 7.1)."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def test_parts_come_as_they_are_sent(peer: Peer, transport: Transport) -> None:
    """The first part is had while the server has not written the second; then the end."""
    gate = threading.Event()
    peer.steps = [CHUNKED + chunk(b"one"), lambda: gate.wait(5), chunk(b"two") + b"0\r\n\r\n"]
    body = transport.open(Request("GET", peer.url))
    assert (body.status, body.headers["content-type"]) == (200, "text/plain")
    assert body.read() == b"one"
    gate.set()
    assert body.read() == b"two"
    assert body.read() == b""
    assert body.read() == b""


def test_the_connection_is_used_again(peer: Peer, transport: Transport) -> None:
    """An answer read to its end gives its connection back; one that was closed does not."""
    peer.steps = [CHUNKED + chunk(b"one") + b"0\r\n\r\n"]
    for _ in range(3):
        body = transport.open(Request("GET", peer.url))
        while body.read():
            pass
    assert peer.connections == 1
    transport.open(Request("GET", peer.url)).close()
    assert peer.hung_up.wait(5)
    transport.open(Request("GET", peer.url)).close()
    assert peer.connections == 2


def test_a_large_body_in_small_parts(peer: Peer, transport: Transport) -> None:
    """No part is larger than 64 KiB, however much the server sends at once."""
    data = bytes(1_000_000)
    peer.steps = [HEAD + b"Content-Length: 1000000\r\n\r\n" + data]
    body = transport.open(Request("GET", peer.url))
    sizes = []
    while part := body.read():
        sizes.append(len(part))
    assert sum(sizes) == len(data)
    assert max(sizes) <= 64 * 1024


@pytest.mark.parametrize(
    "sent",
    [CHUNKED + chunk(b"one"), CHUNKED + b"ff\r\nhalf", HEAD + b"Content-Length: 9\r\n\r\none"],
)
def test_a_connection_that_breaks_off(peer: Peer, transport: Transport, sent: bytes) -> None:
    """Half an answer is an error that names the host, never an end."""
    peer.steps = [sent, lambda: "hang up"]
    body = transport.open(Request("GET", peer.url))
    with pytest.raises(ConnectionLostError, match=r"127\.0\.0\.1"):
        list(iter(body.read, b""))
    assert body.read() == b""


def test_a_lost_answer_is_told_from_no_http(peer: Peer, transport: Transport) -> None:
    """Only what was cut may be asked for again."""
    peer.steps = [lambda: "hang up"]
    with pytest.raises(ConnectionLostError):
        transport.send(Request("GET", peer.url))
    peer.steps = [b"220 smtp\r\n", lambda: "hang up"]
    with pytest.raises(UnreachableError, match="does not speak HTTP") as caught:
        transport.send(Request("GET", peer.url))
    assert not isinstance(caught.value, ConnectionLostError)


def test_silence_in_the_middle(peer: Peer, transport: Transport) -> None:
    """The time-out is between two parts, too."""
    gate = threading.Event()
    peer.steps = [CHUNKED + chunk(b"one"), lambda: gate.wait(5)]
    body = transport.open(Request("GET", peer.url), 0.1)
    assert body.read() == b"one"
    with pytest.raises(UnreachableError, match=r"within 0\.1 seconds"):
        body.read()
    gate.set()


def test_closed_by_another_thread(peer: Peer, transport: Transport) -> None:
    """Closing wakes the thread that reads, at once; for it the body is over."""
    gate = threading.Event()
    peer.steps = [CHUNKED + chunk(b"one"), lambda: gate.wait(5)]
    body = transport.open(Request("GET", peer.url))
    assert body.read() == b"one"
    ended: list[bytes] = []
    reader = threading.Thread(target=lambda: ended.append(body.read()))
    reader.start()
    threading.Event().wait(0.05)  # until it reads
    body.close()
    reader.join(2)
    assert ended == [b""]
    gate.set()
    assert peer.hung_up.wait(5)


def opened(url: str) -> Flow[Incoming]:
    """Open an answer."""
    incoming: Incoming = yield Open(Request("GET", url))
    return incoming


def read(incoming: Incoming) -> Flow[bytes]:
    """Read a part."""
    part: bytes = yield Read(incoming)
    return part


def test_in_flows(peer: Peer, transport: Transport) -> None:
    """The steps Open and Read, in both worlds."""
    peer.steps = [CHUNKED + chunk(b"one") + b"0\r\n\r\n"]
    world = Network(transport)
    incoming = run(opened(peer.url), world)
    assert [run(read(incoming), world) for _ in range(2)] == [b"one", b""]

    async def both() -> list[bytes]:
        sender = AsyncTransport({})
        network = AsyncNetwork(sender)
        incoming = await arun(opened(peer.url), network)
        try:
            return [await arun(read(incoming), network) for _ in range(2)]
        finally:
            await sender.close()

    assert asyncio.run(both()) == [b"one", b""]


def test_a_cancelled_task_hangs_up(peer: Peer) -> None:
    """While it reads, and while it waits for the answer: no connection is left to the server."""
    gate = threading.Event()

    async def cancelled(work: Callable[[AsyncNetwork], Any]) -> None:
        sender = AsyncTransport({})
        task = asyncio.ensure_future(work(AsyncNetwork(sender)))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gate.set()
        await asyncio.to_thread(peer.hung_up.wait, 5)
        assert peer.hung_up.is_set()
        await sender.close()

    async def reading(network: AsyncNetwork) -> None:
        incoming = await arun(opened(peer.url), network)
        while await arun(read(incoming), network):
            pass

    peer.steps = [CHUNKED + chunk(b"one"), lambda: gate.wait(5)]
    asyncio.run(cancelled(reading))
    peer.hung_up.clear()
    gate.clear()
    peer.steps = [lambda: gate.wait(5), CHUNKED + chunk(b"one")]
    asyncio.run(cancelled(lambda network: arun(opened(peer.url), network)))


def test_an_answer_that_everybody_forgot(peer: Peer, transport: Transport) -> None:
    """It closes its connection with itself."""
    peer.steps = [CHUNKED + chunk(b"one")]
    transport.open(Request("GET", peer.url)).read()
    gc.collect()
    assert peer.hung_up.wait(5)


def test_a_transport_that_only_sends() -> None:
    """Named, rather than an AttributeError."""

    class Only:
        def send(self, request: Request, timeout: float | None = None) -> Any:
            raise AssertionError

    with pytest.raises(UsageError, match="in parts"):
        run(opened("http://127.0.0.1:1/"), Network(Only()))
