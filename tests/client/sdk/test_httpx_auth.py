from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from gemauth.client.sdk import httpx_auth
from gemauth.client.sdk.httpx_auth import for_httpx
from tests.client.sdk.fakes import MODELS, Source, credentials, module

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


class Answers(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Answers with these statuses, and keeps what came; reads a body as the network does."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.requests: list[Any] = []
        self.tokens: list[str] = []

    def handle_request(self, request: Any) -> Any:
        """Answer a `Client`."""
        for _ in request.stream:
            pass
        return self.answer(request)

    async def handle_async_request(self, request: Any) -> Any:
        """Answer an `AsyncClient`."""
        async for _ in request.stream:
            pass
        return self.answer(request)

    def answer(self, request: Any) -> Any:
        """Answer."""
        self.requests.append(request)
        self.tokens.append(request.headers["Authorization"])
        return httpx2.Response(self.statuses.pop(0))


def send(answers: Answers, source: Source, *, on_a_loop: bool, **more: Any) -> int:
    """Send one request to Google; its status."""
    facts: Any = {
        "auth": for_httpx(credentials(source)),
        "transport": answers,
    }

    async def go() -> int:
        async with httpx2.AsyncClient(**facts) as client:
            return int((await client.post(MODELS, **more)).status_code)

    if on_a_loop:
        return asyncio.run(go())
    with httpx2.Client(**facts) as client:
        return int(client.post(MODELS, **more).status_code)


@pytest.mark.parametrize("on_a_loop", [False, True])
def test_authorizes(*, on_a_loop: bool) -> None:
    """The token and the quota project; an API key that an SDK put there goes."""
    answers = Answers(200)
    assert send(answers, Source(), on_a_loop=on_a_loop, headers={"X-Goog-Api-Key": "A"}) == 200
    headers = answers.requests[0].headers
    assert headers["Authorization"] == "Bearer ya29.a0-0"
    assert headers["x-goog-user-project"] == "paying"
    assert "x-goog-api-key" not in headers


@pytest.mark.parametrize("on_a_loop", [False, True])
def test_once_more_after_401(*, on_a_loop: bool) -> None:
    """Once, with a new token; a second 401 is the caller's."""
    answers, source = Answers(401, 200), Source()
    assert send(answers, source, on_a_loop=on_a_loop, content=b"body") == 200
    assert answers.tokens == ["Bearer ya29.a0-0", "Bearer ya29.a0-1"]
    assert send(Answers(401, 401), source, on_a_loop=on_a_loop) == 401


@pytest.mark.parametrize("on_a_loop", [False, True])
def test_a_generator_is_not_sent_again(*, on_a_loop: bool) -> None:
    """Its 401 is the caller's."""

    def pieces() -> Iterator[bytes]:
        yield b"1"

    async def apieces() -> AsyncIterator[bytes]:
        yield b"1"

    content = apieces() if on_a_loop else pieces()
    assert send(Answers(401), Source(), on_a_loop=on_a_loop, content=content) == 401


def test_of_every_package_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where httpx and httpx2 are installed, either takes it."""

    class Auth:
        pass

    both = {"httpx": module("httpx", Auth=Auth), "httpx2": httpx2}
    monkeypatch.setattr(httpx_auth, "find_spec", both.get)
    monkeypatch.setattr(httpx_auth, "import_module", both.__getitem__)
    auth = for_httpx(credentials())
    assert isinstance(auth, Auth)
    assert isinstance(auth, httpx2.Auth)


def test_no_secret_shows() -> None:
    """Its repr names whose it is."""
    auth = for_httpx(credentials())
    assert "ada@example.com" in repr(auth)
    assert "ya29" not in repr(auth)
