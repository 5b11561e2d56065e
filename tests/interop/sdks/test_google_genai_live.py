"""google-genai's live sessions with gemauth's credentials: judged by a web socket on loopback.

What it proves is the handshake that the package sends. Whether Google takes a token there is not
known here.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from google.genai import types
from websockets.asyncio.server import serve
from websockets.exceptions import InvalidStatus

import gemauth
from gemauth.google.endpoints import emulator
from tests.client.sdk.fakes import Source, credentials

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.interop

MODEL = "gemini-live-2.5-flash-preview"


class Socket:
    """A far side that says back what it was told, and refuses the first so many handshakes."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.setups: list[dict[str, Any]] = []

    def look(self, connection: Any, request: Any) -> Any:
        """Keep a handshake; None goes on."""
        self.paths.append(request.path)
        self.headers.append({name.lower(): value for name, value in request.headers.raw_items()})
        if len(self.headers) <= self.refusals:
            return connection.respond(401, "no\n")
        return None

    async def talk(self, connection: Any) -> None:
        """Open the session, and answer one turn."""
        self.setups.append(json.loads(await connection.recv()))
        await connection.send(json.dumps({"setupComplete": {}}))
        async for _ in connection:
            content = {"modelTurn": {"parts": [{"text": "Hello"}]}, "turnComplete": True}
            await connection.send(json.dumps({"serverContent": content}))

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[gemauth.Credentials]:
        """Listen; yield credentials whose Google this is."""
        server = await serve(self.talk, "127.0.0.1", 0, process_request=self.look)
        async with server:
            port = server.sockets[0].getsockname()[1]
            there = emulator(f"http://127.0.0.1:{port}")
            yield credentials(Source(stem="ya29.emu-"), endpoints=there)


async def said(session: Any) -> str:
    """Say something, and return the answer."""
    await session.send_client_content(turns=types.Content(role="user", parts=[{"text": "Hi"}]))
    return "".join([message.text or "" async for message in session.receive()])


@pytest.mark.usefixtures("gemini")
@pytest.mark.parametrize("version", [None, "v1alpha"])
def test_session(version: str | None) -> None:
    """A session is opened with the token and the project that pays, and with no key anywhere."""

    async def go(socket: Socket) -> None:
        async with socket.serving() as ours:
            client = gemauth.sdk.for_genai(ours, http_options={"api_version": version})
            async with client.aio.live.connect(model=MODEL) as session:
                assert await said(session) == "Hello"
            await client.aio.aclose()
            client.close()

    socket = Socket()
    asyncio.run(go(socket))
    (headers,), (path,) = socket.headers, socket.paths
    assert headers["authorization"] == "Bearer ya29.emu-0"
    assert headers["x-goog-user-project"] == "paying"
    assert "x-goog-api-key" not in headers
    assert "AIza" not in f"{headers} {path}"
    assert path.startswith("/ws/google.ai.generativelanguage.v1")
    assert path.endswith(".GenerativeService.BidiGenerateContent")
    assert "v1alpha" in path or version is None
    assert socket.setups[0]["setup"]["model"] == f"models/{MODEL}"


@pytest.mark.usefixtures("gemini")
@pytest.mark.parametrize("refusals", [1, 2])
def test_refused(refusals: int) -> None:
    """A handshake that is refused with 401 is made once more, with a new token, and no further."""

    async def go(socket: Socket) -> None:
        async with socket.serving() as ours:
            client = gemauth.sdk.for_genai(ours)
            async with client.aio.live.connect(model=MODEL) as session:
                assert await said(session) == "Hello"

    socket = Socket(refusals)
    if refusals == 2:
        with pytest.raises(InvalidStatus):
            asyncio.run(go(socket))
    else:
        asyncio.run(go(socket))
    tokens = [headers["authorization"] for headers in socket.headers]
    assert tokens == ["Bearer ya29.emu-0", "Bearer ya29.emu-1"]


@pytest.mark.usefixtures("gemini")
@pytest.mark.filterwarnings("ignore::google.genai.errors.ExperimentalWarning")
def test_music() -> None:
    """Live music's handshake is the same."""

    async def go(socket: Socket) -> None:
        async with socket.serving() as ours:
            client = gemauth.sdk.for_genai(ours)
            async with client.aio.live.music.connect(model="lyria") as session:
                await session.close()

    socket = Socket()
    asyncio.run(go(socket))
    (headers,) = socket.headers
    assert headers["authorization"] == "Bearer ya29.emu-0"
    assert "x-goog-api-key" not in headers
    assert socket.paths[0].endswith("BidiGenerateMusic")


@pytest.mark.usefixtures("gemini")
@pytest.mark.parametrize("typed", [False, True])
def test_no_token_goes_elsewhere(*, typed: bool) -> None:
    """A session's own address gets the token where it is the same Google, and else nothing does."""

    async def go(socket: Socket, other: Socket) -> None:
        async with socket.serving() as ours, other.serving() as theirs:
            options = {"base_url": theirs.endpoints.gemini}
            config: Any = {"http_options": options}
            config = types.LiveConnectConfig(**config) if typed else config
            client = gemauth.sdk.for_genai(ours)
            with pytest.raises(gemauth.UsageError, match="no token is sent"):
                async with client.aio.live.connect(model=MODEL, config=config):
                    pass
            options["base_url"] = ours.endpoints.gemini
            async with client.aio.live.connect(model=MODEL, config={"http_options": options}):
                pass

    socket, other = Socket(), Socket()
    asyncio.run(go(socket, other))
    assert len(socket.headers) == 1
    assert other.headers == []
