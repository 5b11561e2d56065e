"""google-genai with gemauth's credentials: whole conversations, streams and files."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from google.genai import types

import gemauth
from gemauth.google.endpoints import emulator
from tests.client.sdk.fakes import Source, credentials
from tests.interop.sdks.conftest import MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.interop.sdks.conftest import Gemini

pytestmark = pytest.mark.interop

OPTIONS = types.HttpOptions(api_version="v1beta")
CALLS = [f"/v1beta/models/{MODEL}:{verb}" for verb in ("generateContent", "streamGenerateContent")]


def test_conversations(gemini: Gemini) -> None:
    """At once, streamed and as a chat: with the token, whatever keys the environment has."""
    with gemauth.sdk.for_genai(http_options=OPTIONS) as client:
        assert client.models.generate_content(model=MODEL, contents="Hi").text == "Hello"
        pieces = client.models.generate_content_stream(model=MODEL, contents="Hi")
        assert "".join(piece.text for piece in pieces) == "Hello"
        chat = client.chats.create(model=MODEL)
        assert chat.send_message("Hi").text == "Hello"
        assert [piece.text for piece in chat.send_message_stream("Hi")] == ["Hello"]
    assert gemini.calls() == CALLS * 2


@pytest.mark.parametrize("has_aiohttp", [True, False])
def test_conversations_on_a_loop(
    gemini: Gemini, monkeypatch: pytest.MonkeyPatch, *, has_aiohttp: bool
) -> None:
    """The same on an event loop, with aiohttp installed and without."""
    monkeypatch.setattr("google.genai._api_client.has_aiohttp", has_aiohttp)

    async def go() -> None:
        async with gemauth.sdk.for_genai(http_options=OPTIONS).aio as client:
            answer = await client.models.generate_content(model=MODEL, contents="Hi")
            assert answer.text == "Hello"
            pieces = await client.models.generate_content_stream(model=MODEL, contents="Hi")
            assert [piece.text async for piece in pieces] == ["Hello"]
            chat = client.chats.create(model=MODEL)
            assert (await chat.send_message("Hi")).text == "Hello"

    asyncio.run(go())
    assert gemini.calls() == [*CALLS, CALLS[0]]


class Files:
    """Takes resumable uploads as Google's documents tell, and gives back what it took."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.kept = b""
        self.url = ""

    def answer(self, line: str, headers: dict[str, str], body: bytes) -> tuple[Any, dict[str, str]]:
        """Return an answer's body and headers."""
        self.seen.append((line, headers))
        file = {"name": "files/f", "uri": f"{self.url}/v1beta/files/f", "state": "ACTIVE"}
        if line.endswith(":download?alt=media"):
            return self.kept, {}
        if headers.get("x-goog-upload-command") == "start":
            return {}, {"x-goog-upload-url": f"{self.url}/upload/v1beta/files?upload_id=u"}
        if "upload_id" in line:
            self.kept += body
            final = "finalize" in headers["x-goog-upload-command"]
            status = {"x-goog-upload-status": "final" if final else "active"}
            return ({"file": file} if final else {}), status
        return file, {}


@contextmanager
def serving(files: Files) -> Iterator[gemauth.Credentials]:
    """Serve them; yield credentials whose Google this is."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            value, more = files.answer(f"{self.command} {self.path}", headers, body)
            raw = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(200)
            for name, text in (*more.items(), ("content-length", str(len(raw)))):
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_PUT = answer  # noqa: N815  # http.server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    files.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield credentials(Source(stem="ya29.emu-"), endpoints=emulator(files.url))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.usefixtures("gemini")
@pytest.mark.parametrize("on_a_loop", [False, True])
def test_files(tmp_path: Path, *, on_a_loop: bool) -> None:
    """A file of several chunks goes up, is looked at and comes back; every request is signed in."""
    path, content = tmp_path / "long.txt", b"0123456789" * 1_000_000  # the package's chunk is 8 MiB
    path.write_bytes(content)
    files = Files()

    async def go(client: Any) -> None:
        file = await client.aio.files.upload(file=path)
        assert (await client.aio.files.get(name=file.name)).state == "ACTIVE"
        assert await client.aio.files.download(file=file.name) == content
        await client.aio.aclose()

    with serving(files) as ours, gemauth.sdk.for_genai(ours, http_options=OPTIONS) as client:
        if on_a_loop:
            asyncio.run(go(client))
        else:
            file = client.files.upload(file=path)
            assert client.files.get(name=file.name).state == "ACTIVE"
            assert client.files.download(file=file.name) == content
    assert files.kept == content
    lines = [line for line, _ in files.seen]
    assert lines == [
        "POST /upload/v1beta/files",
        *["POST /upload/v1beta/files?upload_id=u"] * 2,
        "GET /v1beta/files/f",
        "GET /v1beta/files/f:download?alt=media",
    ]
    for line, headers in files.seen:
        assert headers["authorization"] == "Bearer ya29.emu-0", line
        assert headers["x-goog-user-project"] == "paying", line
        assert "x-goog-api-key" not in headers, line
