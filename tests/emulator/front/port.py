"""A front on a port of 127.0.0.1 with an app that tells what it was asked, and clients of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import struct
import threading
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from gemauth.emulator.authority import Authority
from gemauth.emulator.front.front import Front
from gemauth.emulator.server.listener import listen
from gemauth.testing.clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

PATIENCE = 20.0
"""Seconds after which a test has failed: far more than anything takes."""
PART = b"x" * 65536
"""What `/endless` sends, again and again."""


@cache
def authority() -> Authority:
    """An authority that all tests share: making one takes long."""
    return Authority()


@cache
def trust() -> ssl.SSLContext:
    """A client's context that trusts it."""
    return ssl.create_default_context(cadata=authority().certificate_pem)


class App:
    """Answers what it was asked; `/steps` and `/endless` are told by the test when to go on."""

    def __init__(self) -> None:
        self.go_on = threading.Semaphore(0)
        self.sent = 0
        self.open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self.open += 1
        try:
            await self._answer(scope, receive, send)
        finally:
            self.open -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/steps":
            await self._steps(send)
            return
        if scope["path"] == "/endless":
            await self._endless(receive, send)
            return
        length, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            length += len(message["body"])
            more = message["more_body"]
        told = {name: scope[name] for name in ("scheme", "http_version", "path", "method")}
        told |= {"client": scope["client"], "length": length}
        told["host"] = dict(scope["headers"]).get(b"host", b"").decode()
        body = json.dumps(told).encode()
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _steps(self, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number in range(3):
            event = b"data: %d\n\n" % number
            await send({"type": "http.response.body", "body": event, "more_body": True})
            await asyncio.to_thread(self.go_on.acquire)
        await send({"type": "http.response.body", "body": b""})

    async def _endless(self, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        gone = asyncio.create_task(self._gone(receive))
        while not gone.done():
            await send({"type": "http.response.body", "body": PART, "more_body": True})
            self.sent += len(PART)
            await asyncio.sleep(0)

    @staticmethod
    async def _gone(receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


class Port:
    """A front in a thread; nothing of it may be left at its end."""

    def __init__(self, app: Any = None, **options: Any) -> None:
        self.app = app or App()
        self.log: list[str] = []
        self.told: list[tuple[str, int, int]] = []
        self._listener = listen("127.0.0.1", 0)
        self.number: int = self._listener.getsockname()[1]
        self.front = Front(
            self.app,
            options.pop("authority", None) or authority(),
            FakeClock(),
            log=self.log.append,
            told=lambda *told: self.told.append(told),
            **options,
        )
        self.failure: BaseException | None = None

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._before = _descriptors()
        self._thread = threading.Thread(target=self._run, args=[ready])
        self._thread.start()
        assert ready.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop it, and wait for its end."""
        self.front.stop()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        if self.failure is not None:
            raise self.failure

    def _run(self, ready: threading.Event) -> None:
        async def serve() -> None:
            self.loop = asyncio.get_running_loop()
            await self.front.serve([self._listener], ready.set)
            left = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
            assert left == []

        try:
            asyncio.run(serve())
        except BaseException as error:  # noqa: BLE001  # raised in the test's own thread
            self.failure = error
            ready.set()

    # --- clients

    def connect(self) -> socket.socket:
        """Return a connection."""
        return socket.create_connection(("127.0.0.1", self.number), PATIENCE)

    def tls(self) -> ssl.SSLSocket:
        """Return a connection by TLS to the port itself."""
        return trust().wrap_socket(self.connect(), server_hostname="localhost")

    def tunnel(self, target: str = "oauth2.googleapis.com:443") -> ssl.SSLSocket:
        """Return a connection by TLS to one of Google's hosts, through CONNECT."""
        connection = self.connect()
        connection.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        assert until_blank_line(connection) == b"HTTP/1.1 200 Connection established\r\n\r\n"
        return trust().wrap_socket(connection, server_hostname=target.partition(":")[0])

    # --- what is left

    def idle(self) -> None:
        """Wait until nothing of any client is left: tasks, timers, descriptors, requests."""

        def is_idle() -> bool:
            return self._tasks() == (2, 0) and self.descriptors <= 0 and not self._open()

        until(is_idle, self.left)

    def left(self) -> str:
        """Say what is left."""
        tasks, timers = self._tasks()
        counts = f"{tasks} tasks, {timers} timers, {self.descriptors} descriptors more"
        return f"{counts}, open: {self._open()}"

    @property
    def descriptors(self) -> int:
        """How many descriptors there are more than without any client (but the loop's own)."""
        return _descriptors() - self._before - 3  # epoll, and a pair to wake it up

    def _open(self) -> object:
        requests = getattr(self.app, "open", 0)
        return self.front._connections or self.front._meetings or requests

    def _tasks(self) -> tuple[int, int]:
        async def count() -> tuple[int, int]:
            loop: Any = asyncio.get_running_loop()
            timers = [timer for timer in loop._scheduled if not timer.cancelled()]
            # serve() itself and this one aside: what waits for the stop, and the accept loop
            return len(asyncio.all_tasks()) - 2, len(timers)

        return asyncio.run_coroutine_threadsafe(count(), self.loop).result(PATIENCE)


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def until(true: Callable[[], object], what: Callable[[], object] = str) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, what()
        time.sleep(0.005)


def until_blank_line(connection: socket.socket) -> bytes:
    """Return what comes up to the first empty line, byte by byte and none more."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        assert byte, head
        head += byte
    return head


def everything(connection: socket.socket) -> bytes:
    """Return what comes until the connection ends, in whatever way."""
    answer = b""
    try:
        while more := connection.recv(65536):
            answer += more
    except (ConnectionError, ssl.SSLError):
        pass
    return answer


def ask(connection: socket.socket, path: str = "/", body: bytes = b"") -> dict[str, Any]:
    """Send one request, and return what the app says of it."""
    method = "POST" if body else "GET"
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)
    return answered(connection)


def answered(connection: socket.socket) -> dict[str, Any]:
    """Read one answer of the app's."""
    head = until_blank_line(connection)
    assert head.startswith(b"HTTP/1.1 200 "), head
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
    body = b""
    while len(body) < length:
        body += connection.recv(length - len(body))
    told: dict[str, Any] = json.loads(body)
    return told


def reset(connection: socket.socket) -> None:
    """End a connection at once, as a killed process may (SO_LINGER of zero sends RST)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def client_hello(host: str = "oauth2.googleapis.com") -> bytes:
    """Return a client's first flight."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trust().wrap_bio(incoming, outgoing, server_hostname=host)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()
