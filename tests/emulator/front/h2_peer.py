"""The other end of HTTP/2 in tests: hyper-h2 as a client, on a loopback connection to a server."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    InformationalResponseReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.settings import Settings

from gemauth.emulator.front.http2 import Http2Protocol
from gemauth.testing.clock import FakeClock

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterable

    from starlette.types import ASGIApp, Receive, Scope, Send

_PATIENCE = 20.0  # seconds


def run(test: Coroutine[Any, Any, None]) -> None:
    """Run a test on a loop of its own."""
    asyncio.run(test)


async def reply(
    send: Send,
    body: bytes = b"",
    status: int = 200,
    headers: list[tuple[bytes, bytes]] | None = None,
) -> None:
    """Answer at once."""
    await send({"type": "http.response.start", "status": status, "headers": headers or []})
    await send({"type": "http.response.body", "body": body})


async def read(receive: Receive) -> bytes:
    """Return a request's body."""
    body = b""
    more = True
    while more:
        message = await receive()
        assert message["type"] == "http.request"
        body += message["body"]
        more = message["more_body"]
    return body


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the request's body."""
    await reply(send, await read(receive))


async def settled(true: Callable[[], object]) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110  # most of it is true of others' state
            await asyncio.sleep(0.005)


@dataclass
class Answer:
    """What came on one stream; `parts` are the DATA frames as they came."""

    headers: dict[str, str] = field(default_factory=dict)
    parts: list[bytes] = field(default_factory=list)
    trailers: dict[str, str] = field(default_factory=dict)
    informational: list[str] = field(default_factory=list)
    ended: bool = False
    reset: int | None = None

    @property
    def status(self) -> int:
        """The HTTP status, 0 before there is one."""
        return int(self.headers.get(":status", 0))

    @property
    def body(self) -> bytes:
        """All data so far."""
        return b"".join(self.parts)

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self.ended or self.reset is not None


class Peer:
    """A client's connection. `reads` False leaves what comes in the windows, unacknowledged."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, settings: dict[Any, int]
    ) -> None:
        self.h2 = H2Connection(
            H2Configuration(
                client_side=True,
                header_encoding="utf-8",
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        self.h2.local_settings = Settings(client=True, initial_values=settings)
        self.writer = writer
        self.answers: dict[int, Answer] = {}
        self.goaway: ConnectionTerminated | None = None
        self.closed = False
        self.reads = True
        self._reader = reader
        self._changed = asyncio.Event()
        self.h2.initiate_connection()
        self.send()
        self._pump = asyncio.create_task(self._receive())

    async def close(self) -> None:
        """Hang up."""
        self._pump.cancel()
        await asyncio.gather(self._pump, return_exceptions=True)
        self.writer.transport.abort()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()

    def send(self) -> None:
        """Send what h2 has prepared."""
        if (data := self.h2.data_to_send()) and not self.writer.is_closing():
            self.writer.write(data)

    def begin(
        self,
        path: str = "/",
        *,
        method: str = "GET",
        headers: Iterable[tuple[str, str]] = (),
        end: bool = True,
        authority: str = "localhost",
    ) -> int:
        """Send a request's headers and return the number of its stream."""
        number = self.h2.get_next_available_stream_id()
        self.answers[number] = Answer()
        pseudo = [(":method", method), (":authority", authority)]
        if method != "CONNECT":
            pseudo += [(":scheme", "http"), (":path", path)]
        self.h2.send_headers(number, [*pseudo, *headers], end_stream=end)
        self.send()
        return number

    async def upload(self, number: int, data: bytes, *, end: bool = True) -> None:
        """Send a body as the windows allow."""
        while data:
            await self.until(lambda: self.h2.local_flow_control_window(number) > 0)
            size = min(
                self.h2.local_flow_control_window(number),
                self.h2.max_outbound_frame_size,
                len(data),
            )
            self.h2.send_data(number, data[:size], end_stream=end and size == len(data))
            data = data[size:]
            self.send()
            await self.writer.drain()

    async def answer(self, number: int) -> Answer:
        """Return an answer when it is complete."""
        await self.until(lambda: self.answers[number].over)
        return self.answers[number]

    async def get(self, path: str = "/", **options: Any) -> Answer:
        """Send a request without a body and return its answer."""
        return await self.answer(self.begin(path, **options))

    async def post(self, body: bytes, path: str = "/", **options: Any) -> Answer:
        """Send a request with a body and return its answer."""
        number = self.begin(path, method="POST", end=False, **options)
        await self.upload(number, body)
        return await self.answer(number)

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something is true of what has come."""
        async with asyncio.timeout(_PATIENCE):
            while not true():
                if self.closed:
                    raise ConnectionError("the server has closed the connection")
                self._changed.clear()
                await self._changed.wait()

    async def hung_up(self) -> None:
        """Wait until the server has closed the connection."""
        async with asyncio.timeout(_PATIENCE):
            while not self.closed:
                self._changed.clear()
                await self._changed.wait()

    async def _receive(self) -> None:
        with contextlib.suppress(OSError):
            while data := await self._reader.read(2**16):
                for event in self.h2.receive_data(data):
                    self._take(event)
                self.send()
                self._changed.set()
        self.closed = True
        self._changed.set()

    def _take(self, event: Any) -> None:
        if isinstance(event, ConnectionTerminated):
            self.goaway = event
            return
        answer = self.answers.get(getattr(event, "stream_id", None) or 0)
        if answer is None:
            return
        if isinstance(event, InformationalResponseReceived):
            answer.informational.append(dict(event.headers)[":status"])  # type: ignore[arg-type,index]
        elif isinstance(event, ResponseReceived):
            answer.headers = dict(event.headers)  # type: ignore[arg-type]
        elif isinstance(event, TrailersReceived):
            answer.trailers = dict(event.headers)  # type: ignore[arg-type]
        elif isinstance(event, DataReceived):
            answer.parts.append(event.data)
            if self.reads:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, StreamEnded):
            answer.ended = True
        elif isinstance(event, StreamReset):
            answer.reset = int(event.error_code)


class Server:
    """A server on a loopback port, each connection of which is an Http2Protocol."""

    def __init__(self, app: ASGIApp, port: int, connections: set[Any], log: list[str]) -> None:
        self.app = app
        self.port = port
        self.connections = connections
        self.log = log

    @asynccontextmanager
    async def peer(
        self, settings: dict[Any, int] | None = None, tls: ssl.SSLContext | None = None
    ) -> AsyncIterator[Peer]:
        """Connect to it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=tls, limit=2**20)
        peer = Peer(reader, writer, settings or {})
        try:
            yield peer
        finally:
            await peer.close()


@asynccontextmanager
async def serving(
    app: ASGIApp, *, keep_alive: float = 30.0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    """Serve an app; at the end nothing of it may be left: no task, no connection, no defect."""
    loop = asyncio.get_running_loop()
    connections: set[Any] = set()
    log: list[str] = []
    before = asyncio.all_tasks()

    def protocol() -> Http2Protocol:
        return Http2Protocol(
            app,
            connections=connections,
            scheme="http" if tls is None else "https",
            log=log.append,
            clock=FakeClock(),
            keep_alive=keep_alive,
        )

    problems: list[Any] = []
    loop.set_exception_handler(lambda _, context: problems.append(context))
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
    try:
        yield Server(app, server.sockets[0].getsockname()[1], connections, log)
    finally:
        server.close()
    async with asyncio.timeout(_PATIENCE):
        while connections or asyncio.all_tasks() - before:
            if sys.exc_info()[0] is not None:
                break
            await asyncio.sleep(0.01)
    assert not problems
