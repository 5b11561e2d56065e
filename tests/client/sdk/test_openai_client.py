from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

import gemauth
from tests.client.sdk.fakes import Source, credentials, installed, module


class Client:
    """A client that keeps its arguments."""

    def __init__(self, **how: Any) -> None:
        self.how = how


@pytest.fixture
def seen() -> list[Any]:
    """The requests that were sent."""
    return []


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch, seen: list[Any]) -> Any:
    """The adapter, with openai installed, whose HTTP clients are answered 401 once."""

    def answer(request: Any) -> Any:
        seen.append(dict(request.headers))
        return httpx2.Response(401 if len(seen) == 1 else 200)

    transport = httpx2.MockTransport(answer)
    openai = module(
        "openai",
        OpenAI=Client,
        AsyncOpenAI=Client,
        DefaultHttpxClient=lambda **how: httpx2.Client(**how, transport=transport),
        DefaultAsyncHttpxClient=lambda **how: httpx2.AsyncClient(**how, transport=transport),
    )
    return installed(monkeypatch, "openai_client", openai)


def test_tokens_instead_of_a_key(adapter: Any, seen: list[Any]) -> None:
    """What the package writes as its key never goes out; a refused token is renewed."""
    how = adapter.for_openai(credentials(Source()), max_retries=0).how
    assert (how["max_retries"], how["base_url"]) == (
        0,
        "https://generativelanguage.googleapis.com/v1beta/openai/",
    )
    with how["http_client"] as http:
        headers = {"Authorization": f"Bearer {how['api_key']}"}
        assert http.get(how["base_url"], headers=headers).status_code == 200
    assert [headers["authorization"] for headers in seen] == [
        "Bearer ya29.a0-0",
        "Bearer ya29.a0-1",
    ]
    assert seen[0]["x-goog-user-project"] == "paying"


def test_on_an_event_loop(adapter: Any, seen: list[Any]) -> None:
    """The same, awaited."""
    how = adapter.for_openai_async(credentials()).how

    async def go() -> None:
        async with how["http_client"] as http:
            await http.get(how["base_url"])

    asyncio.run(go())
    assert len(seen) == 2


def test_another_endpoint(adapter: Any, seen: list[Any]) -> None:
    """OpenAI's own would get a token of Google's: nothing is sent there."""
    how = adapter.for_openai(credentials(), base_url="https://api.openai.com/v1").how
    with how["http_client"] as http, pytest.raises(gemauth.UsageError, match="no token is sent"):
        http.get(how["base_url"])
    assert seen == []


@pytest.mark.parametrize("name", ["api_key", "http_client"])
def test_what_is_ours(adapter: Any, name: str) -> None:
    """A key or an HTTP client of the caller's would be dropped in silence, so it is refused."""
    with pytest.raises(gemauth.UsageError, match=name):
        adapter.for_openai(credentials(), **{name: "x"})
