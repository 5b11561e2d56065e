from __future__ import annotations

import asyncio
import copy
from typing import Any

import httpx2
import pytest

from gemauth.errors import UsageError
from gemauth.google.endpoints import emulator
from tests.client.sdk.fakes import MODELS, Source, credentials, installed, module

SEEN: list[Any] = []


def answer(request: Any) -> Any:
    """Answer everything, and keep it."""
    SEEN.append(request)
    return httpx2.Response(200)


class Handler:
    """LiteLLM's client: makes one of httpx, and another one where that is closed."""

    kind: Any = httpx2.Client

    def __init__(self, timeout: Any = None) -> None:
        self.timeout = timeout
        self.client = self.create_client()

    def create_client(self, **how: Any) -> Any:
        """Return a new one."""
        return self.kind(transport=httpx2.MockTransport(answer), **how)


class AsyncHandler(Handler):
    """The same on an event loop."""

    kind = httpx2.AsyncClient


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The adapter, with LiteLLM installed."""
    SEEN.clear()
    names = {"AsyncHTTPHandler": AsyncHandler, "HTTPHandler": Handler}
    handlers = module("litellm.llms.custom_httpx.http_handler", **names)
    return installed(monkeypatch, "litellm", handlers)


@pytest.mark.parametrize("on_a_loop", [False, True])
def test_every_client_authorizes(adapter: Any, *, on_a_loop: bool) -> None:
    """The first and every further one sends the token and drops the key."""
    function = adapter.for_litellm_async if on_a_loop else adapter.for_litellm
    ours = function(credentials(), timeout=3.0)
    handler, headers = ours["client"], {"x-goog-api-key": ours["api_key"]}
    assert handler.timeout == 3.0
    clients = [handler.client, handler.create_client(timeout=2)]

    async def go() -> None:
        for client in clients:
            await client.get(MODELS, headers=headers)
            await client.aclose()

    if on_a_loop:
        asyncio.run(go())
    else:
        for client in clients:
            client.get(MODELS, headers=headers)
            client.close()
    assert [request.headers["authorization"] for request in SEEN] == ["Bearer ya29.a0-0"] * 2
    assert not any("x-goog-api-key" in request.headers for request in SEEN)


def test_where(adapter: Any) -> None:
    """The address is that of the credentials' own Google, and no variable's."""
    google = adapter.for_litellm(credentials())
    assert google["api_base"] == "https://generativelanguage.googleapis.com/v1beta"
    there = emulator("http://127.0.0.1:9")
    mine = credentials(Source(stem="ya29.emu-"), endpoints=there)
    assert adapter.for_litellm(mine)["api_base"] == "http://127.0.0.1:9/v1beta"


@pytest.mark.parametrize("function", ["for_litellm", "for_litellm_async"])
def test_not_copied(adapter: Any, function: str) -> None:
    """A copy would be a client that nobody uses, and a call without credentials."""
    with pytest.raises(UsageError, match="Router"):
        copy.deepcopy(getattr(adapter, function)(credentials()))
