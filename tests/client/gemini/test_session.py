from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.calls.streams import BrokenStreamError
from gemauth.client.gemini import AsyncGemini, Gemini
from gemauth.client.transport import ConnectionLostError
from gemauth.errors import UnreachableError
from tests.client.calls.test_streams import Parts, event
from tests.client.gemini.flows.api import MINE
from tests.client.transcript import Sender, answer

if TYPE_CHECKING:
    from gemauth.http import Request, Response


def part(text: str) -> bytes:
    """Return one part of an answer."""
    return event(candidates=[{"content": {"parts": [{"text": text}]}}])


class Opener:
    """A transport that opens one answer."""

    def __init__(self, *parts: bytes | Exception) -> None:
        self.parts = Parts(*parts)
        self.opened: list[Request] = []
        self.timeouts: list[float | None] = []

    def send(self, request: Request, timeout: float | None = None) -> Response:
        """Send nothing."""
        raise AssertionError(request)

    def open(self, request: Request, timeout: float | None = None) -> Parts:
        """Open it."""
        self.opened.append(request)
        self.timeouts.append(timeout)
        return self.parts


class AsyncOpener:
    """The same on an event loop."""

    def __init__(self, opener: Opener) -> None:
        self.opener = opener

    async def send(self, request: Request, timeout: float | None = None) -> Response:  # noqa: ASYNC109
        """Send nothing."""
        raise AssertionError(request)

    async def open(self, request: Request, timeout: float | None = None) -> Parts:  # noqa: ASYNC109
        """Open it."""
        return self.opener.open(request, timeout)


def read(opener: Opener, *, asynchronous: bool, at_most: int = 99) -> list[str]:
    """Return the texts of a stream's parts, and leave it after so many."""

    def sync() -> list[str]:
        found: list[str] = []
        with Gemini(MINE, transport=opener) as gemini:
            for answer in gemini.content.stream("g", "Hi"):
                found.append(answer.text)
                if len(found) == at_most:
                    break
        return found

    async def on_a_loop() -> list[str]:
        found: list[str] = []
        async with AsyncGemini(MINE, transport=AsyncOpener(opener)) as gemini:
            stream = gemini.content.stream("g", "Hi")
            async for answer in stream:
                found.append(answer.text)
                if len(found) == at_most:
                    break
            await stream.aclose()
        return found

    return asyncio.run(on_a_loop()) if asynchronous else sync()


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_stream(asynchronous: Any) -> None:
    """Parts in their order; the answer is closed at its end."""
    opener = Opener(part("Hel"), part("lo"))
    assert read(opener, asynchronous=asynchronous) == ["Hel", "lo"]
    assert opener.parts.closed
    (request,) = opener.opened
    assert request.url.endswith("/models/g:streamGenerateContent?alt=sse")
    assert json.loads(request.body)["contents"][0]["parts"] == [{"text": "Hi"}]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_leaving_the_loop_ends_the_request(asynchronous: Any) -> None:
    """What is not wanted is not read."""
    opener = Opener(part("Hel"), part("lo"))
    assert read(opener, asynchronous=asynchronous, at_most=1) == ["Hel"]
    assert opener.parts.closed
    assert len(opener.parts.parts) == 1


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_stream_that_breaks(asynchronous: Any) -> None:
    """The error is raised in the loop, after what had come."""
    opener = Opener(part("Hel"), ConnectionLostError("cut"))
    with pytest.raises(BrokenStreamError, match="after 1 part"):
        read(opener, asynchronous=asynchronous)
    assert opener.parts.closed


def test_nothing_is_asked_before_the_first_part() -> None:
    """A stream that nobody reads costs nothing."""
    opener = Opener(part("Hel"))
    Gemini(MINE, transport=opener).content.stream("g", "Hi")
    assert opener.opened == []


def test_a_timeout_for_every_call() -> None:
    """The client's is each call's that has none of its own, streams and uploads included."""
    sender = Sender(*[answer() for _ in range(4)])
    with Gemini(MINE, transport=sender, timeout=7) as gemini:
        list(gemini.models.list())
        gemini.content.generate("g", "Hi")
        gemini.content.generate("g", "Hi", timeout=3)
        with pytest.raises(UnreachableError):
            gemini.files.upload(b"x", mime_type="text/plain")
    assert sender.timeouts == [7, 7, 3, 7]
    opener = Opener(part("Hel"))
    list(Gemini(MINE, transport=opener, timeout=7).content.stream("g", "Hi"))
    assert opener.timeouts == [7]
