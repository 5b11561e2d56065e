"""Uploads and downloads over real sockets: resets on the way, and what memory they take."""

from __future__ import annotations

import asyncio
import io
import socket
import struct
import threading
import tracemalloc
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.calls import uploads
from gemauth.client.credentials import Credentials
from gemauth.client.gemini import AsyncGemini, Gemini
from gemauth.client.gemini.flows import files
from gemauth.client.transport import AsyncTransport, Transport
from gemauth.client.world import AsyncNetwork, Network
from gemauth.flow import arun, run
from gemauth.google.endpoints import emulator
from tests.client.calls.test_retry import Emulated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE = 8 * 1024 * 1024
CONTENT = bytes(SIZE)  # made before anybody counts memory
DATA = bytes(range(256)) * 100 + b"the end"
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST instead of what is left


class Google(ThreadingHTTPServer):
    """Takes resumable uploads and resets the connection within the pieces it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received = bytearray()
        self.pieces = 0
        self.resets = {2, 4}
        self.commands: list[str] = []

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Google

    def do_POST(self) -> None:
        """Do a step of the upload."""
        server = self.server
        command = self.headers["X-Goog-Upload-Command"]
        server.commands.append(command)
        length = int(self.headers["Content-Length"])
        headers = {"X-Goog-Upload-Status": "active"}
        if command == "start":
            self.rfile.read(length)
            headers["X-Goog-Upload-URL"] = f"{server.url}/upload/session?upload_id=1"
            return self._answer(headers)
        if command == "query":
            headers["X-Goog-Upload-Size-Received"] = str(len(server.received))
            return self._answer(headers)
        server.pieces += 1
        assert int(self.headers["X-Goog-Upload-Offset"]) == len(server.received)
        if server.pieces in server.resets:
            server.received += self.rfile.read(length // 3)
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.connection.close()
            return None
        server.received += self.rfile.read(length)
        if command == "upload":
            return self._answer(headers)
        return self._answer({"X-Goog-Upload-Status": "final"}, b'{"file": {"name": "files/x"}}')

    def do_GET(self) -> None:
        """Hand out a large file."""
        self._answer({}, CONTENT)

    def _answer(self, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(200)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Stay silent."""


@pytest.fixture
def google() -> Iterator[Google]:
    """A running server."""
    made = Google()
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let 8 KiB be a piece."""
    monkeypatch.setattr(uploads, "PIECE", 8192)


def do(google: Google) -> files.Files:
    """Return the flows of files, toward the server."""
    return files.Files(Credentials("authorized_user", Emulated(), emulator(google.url)))


def test_an_upload_goes_on_after_each_reset(google: Google) -> None:
    """In the middle of a piece, twice; every byte arrives once."""
    told: list[int] = []
    with Transport({}) as transport:
        world = Network(transport, sleep=lambda _: None)
        flow = do(google).upload(
            io.BytesIO(DATA), mime_type="a/b", progress=lambda arrived, _: told.append(arrived)
        )
        assert run(flow, world).name == "files/x"
    assert bytes(google.received) == DATA
    assert google.commands.count("query") == 2
    assert told == sorted(told)
    assert told[-1] == len(DATA)


def test_the_same_on_an_event_loop(google: Google) -> None:
    """The worker threads' errors come back as the steps' answers."""
    google.resets = {1}

    async def upload() -> str:
        transport = AsyncTransport({})
        flow = do(google).upload(DATA, mime_type="a/b")
        try:
            return (await arun(flow, AsyncNetwork(transport, chance=lambda: 0.0))).name
        finally:
            await transport.close()

    assert asyncio.run(upload()) == "files/x"
    assert bytes(google.received) == DATA


def test_a_download_takes_little_memory(google: Google, tmp_path: Path) -> None:
    """A file of 8 MiB is written with less than two in memory, imports and the server included."""
    credentials = Credentials("authorized_user", Emulated(), emulator(google.url))
    target = tmp_path / "a.bin"
    with Gemini(credentials) as gemini:
        gemini.files.delete  # noqa: B018  # loads the family before the count
        tracemalloc.start()
        try:
            assert gemini.files.download_to("x", str(target)) == SIZE
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert target.stat().st_size == SIZE
    assert peak < 2 * 1024 * 1024

    async def on_a_loop() -> int:
        async with AsyncGemini(credentials) as gemini:
            return await gemini.files.download_to("x", str(target))

    assert asyncio.run(on_a_loop()) == SIZE
