from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

import gemauth
from tests.client.sdk.fakes import MODELS, Source, credentials, installed, module


class BytesPayload:
    """A body in memory."""


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The adapter, with an aiohttp installed that has middlewares."""
    aiohttp = module("aiohttp", ClientHandlerType=object, BytesPayload=BytesPayload)
    return installed(monkeypatch, "aiohttp_auth", aiohttp)


def send(adapter: Any, source: Source, *statuses: int, body: Any = b"") -> tuple[int, list[str]]:
    """Send one request; its status, and the tokens that went out."""
    request = SimpleNamespace(url=MODELS, headers={"x-goog-api-key": "AIza"}, body=body)
    left, tokens = list(statuses), []

    async def handler(request: Any) -> Any:
        assert "x-goog-api-key" not in request.headers
        assert request.headers["x-goog-user-project"] == "paying"
        tokens.append(request.headers["Authorization"].removeprefix("Bearer "))
        return SimpleNamespace(status=left.pop(0), release=lambda: None)

    middleware = adapter.for_aiohttp(credentials(source))
    assert "ya29" not in repr(middleware)
    answer = asyncio.run(middleware(request, handler))
    return answer.status, tokens


def test_authorizes(adapter: Any) -> None:
    """The token and the quota project; an API key that stands there goes."""
    assert send(adapter, Source(), 200) == (200, ["ya29.a0-0"])


@pytest.mark.parametrize("body", [b"", b"x", BytesPayload()])
def test_once_more_after_401(adapter: Any, body: Any) -> None:
    """Once, with a new token."""
    assert send(adapter, Source(), 401, 200, body=body) == (200, ["ya29.a0-0", "ya29.a0-1"])
    assert send(adapter, Source(), 401, 401, body=body)[0] == 401


def test_a_stream_is_not_sent_again(adapter: Any) -> None:
    """Its 401 is the caller's."""
    assert send(adapter, Source(), 401, body=object()) == (401, ["ya29.a0-0"])


def test_an_older_aiohttp(adapter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before 3.12 there were no client middlewares: say what to install."""
    monkeypatch.delattr(adapter.aiohttp, "ClientHandlerType")
    with pytest.raises(gemauth.UsageError, match="middlewares") as refused:
        adapter.for_aiohttp(credentials())
    assert "pip install" in str(refused.value)
