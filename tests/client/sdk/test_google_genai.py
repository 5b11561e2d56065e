from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

import gemauth
from tests.client.sdk.fakes import MODELS, Source, credentials, installed, module


class HttpOptions:
    """What the adapter sets of the package's options."""

    httpx_client: Any

    def __init__(self, **fields: Any) -> None:
        names = ("base_url", "httpx_client", "httpx_async_client", "aiohttp_client", "client_args")
        for name in (*names, "async_client_args", "api_version"):
            setattr(self, name, fields.get(name))

    @classmethod
    def model_validate(cls, fields: Any) -> HttpOptions:
        """As pydantic's."""
        return cls(**fields)

    def model_copy(self) -> HttpOptions:
        """As pydantic's."""
        return HttpOptions(**vars(self))


class Aio:
    """The asynchronous half."""

    async def aclose(self) -> None:
        """Close, but not what it was given."""


class Live:
    """Live sessions; `test_google_genai_live.py` has more of them."""

    def __init__(self, client: Any) -> None:
        self._api_client = client


class Client:
    """A client that keeps its arguments."""

    def __init__(self, **how: Any) -> None:
        self.how, self.aio, self._api_client = how, Aio(), None

    def close(self) -> None:
        """Close, but not what it was given."""


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The adapter, with google-genai installed."""
    types = module("google.genai.types", HttpOptions=HttpOptions)
    package = module("google.genai", Client=Client, types=types)
    live = module("google.genai.live", AsyncLive=Live)
    music = module("google.genai.live_music", AsyncLiveMusic=Live)
    errors = module("websockets.exceptions", InvalidStatus=Exception)
    return installed(monkeypatch, "google_genai", package, types, live, music, errors)


def answering(seen: list[Any]) -> Any:
    """Return a transport that answers everything, and keeps it."""

    def answer(request: Any) -> Any:
        seen.append(request)
        return httpx2.Response(200)

    return httpx2.MockTransport(answer)


def test_no_key(adapter: Any) -> None:
    """The key is one that nobody has, and no request carries it; no variable says where to go."""
    seen: list[Any] = []
    options = {"client_args": {"transport": answering(seen)}, "api_version": "v1beta"}
    client = adapter.for_genai(credentials(), http_options=options)
    given = client.how["http_options"]
    assert (client.how["vertexai"], client.how["api_key"]) == (False, adapter.NO_KEY)
    assert (given.base_url, given.api_version) == (
        "https://generativelanguage.googleapis.com",
        "v1beta",
    )
    given.httpx_client.get(MODELS, headers={"x-goog-api-key": client.how["api_key"]})
    assert "x-goog-api-key" not in seen[0].headers
    assert seen[0].headers["authorization"] == "Bearer ya29.a0-0"
    assert seen[0].headers["x-goog-user-project"] == "paying"
    client.close()
    assert given.httpx_client.is_closed


def test_event_loops(adapter: Any) -> None:
    """Each loop has connections of its own, closed with the client; options are not changed."""
    seen: list[Any] = []
    options = HttpOptions(async_client_args={"transport": answering(seen)})
    client = adapter.for_genai(credentials(), http_options=options)
    assert options.httpx_client is None
    http = client.how["http_options"].httpx_async_client

    async def go() -> Any:
        await http.get(MODELS)
        await http.get(MODELS)
        (mine,) = http._clients.values()
        await client.aio.aclose()
        await client.aio.aclose()
        return mine

    first, second = asyncio.run(go()), asyncio.run(go())
    assert first is not second
    assert (first.is_closed, second.is_closed, len(seen)) == (True, True, 4)


def test_event_loops_that_ended(adapter: Any) -> None:
    """A client that nobody closes holds nothing of them: programs call `asyncio.run` often."""
    client = adapter.for_genai(
        credentials(), http_options={"async_client_args": {"transport": answering([])}}
    )
    http = client.how["http_options"].httpx_async_client
    held = []  # alive, as a connection of theirs keeps them

    async def go() -> None:
        held.append(asyncio.get_running_loop())
        await http.get(MODELS)

    for _ in range(3):
        asyncio.run(go())
    assert list(http._clients) == held[-1:]


def test_clients_of_the_callers(adapter: Any) -> None:
    """An HTTP client that authorizes nothing would send the key that is none."""
    with pytest.raises(gemauth.UsageError, match="httpx_client"):
        adapter.for_genai(credentials(Source()), http_options={"httpx_client": object()})


def test_which_package(adapter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same that google-genai would take."""
    assert adapter._package({}) == "httpx2"
    assert adapter._package({"GOOGLE_GENAI_HTTP_CLIENT": " HTTPX"}) == "httpx"
    monkeypatch.setattr(adapter, "find_spec", lambda _: None)
    assert adapter._package({}) == "httpx"
