from __future__ import annotations

import asyncio
from typing import Any

import pytest

import gemauth
from tests.client.sdk.fakes import Source, credentials, installed, module


class Client:
    """A client that keeps its arguments."""

    def __init__(self, **how: Any) -> None:
        self.how = how


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The adapter, with openai installed."""
    openai = module("openai", OpenAI=Client, AsyncOpenAI=Client)
    return installed(monkeypatch, "openai_client", openai)


def test_a_function_instead_of_a_key(adapter: Any) -> None:
    """The token is asked for at each request; the quota project goes along."""
    source = Source()
    how = adapter.for_openai(credentials(source), max_retries=0).how
    assert how.pop("api_key")() == "ya29.a0-0"
    assert how == {
        "max_retries": 0,
        "base_url": "https://generativelanguage.googleapis.com/v1beta/openai/",
        "default_headers": {"x-goog-user-project": "paying"},
    }
    assert source.asked == 1


def test_on_an_event_loop(adapter: Any) -> None:
    """The same, awaited; headers of the caller's stay."""
    mine = credentials(quota_project=None)
    how = adapter.for_openai_async(mine, default_headers={"a": "b"}).how
    assert asyncio.run(how["api_key"]()) == "ya29.a0-0"
    assert how["default_headers"] == {"a": "b"}


def test_another_endpoint(adapter: Any) -> None:
    """One of Google's is taken; OpenAI's own would get a token of Google's."""
    regional = "https://example-generativelanguage.googleapis.com/v1beta/openai/"
    assert adapter.for_openai(credentials(), base_url=regional).how["base_url"] == regional
    with pytest.raises(gemauth.UsageError, match="no token is sent"):
        adapter.for_openai(credentials(), base_url="https://api.openai.com/v1")
