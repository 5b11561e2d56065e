from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

import gemauth
from tests.client.sdk.fakes import credentials, installed, module


class Model:
    """What the package's models have in common: their fields, and a client that they make."""

    base_url: Any = None
    api_version = None
    client_args = None
    additional_headers: Any = None

    def __init__(self, **fields: Any) -> None:
        vars(self).update(fields)
        self.closed: list[bool] = []
        self.client = SimpleNamespace(close=lambda: self.closed.append(True))
        self._client_cleanup = Cleanup(self.client)
        made: Any = self
        made._gemauth_client()


class ChatGoogleGenerativeAI(Model):
    """The chat model."""


class GoogleGenerativeAIEmbeddings(Model):
    """The embeddings."""


class Cleanup:
    """Closes a client with its model."""

    def __init__(self, client: Any) -> None:
        self.client = client


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The adapter, with langchain-google-genai installed."""
    package = module(
        "langchain_google_genai",
        ChatGoogleGenerativeAI=ChatGoogleGenerativeAI,
        GoogleGenerativeAIEmbeddings=GoogleGenerativeAIEmbeddings,
    )
    pydantic = module(
        "pydantic", Field=lambda **how: how, model_validator=lambda **_: lambda method: method
    )
    adapter = installed(monkeypatch, "langchain", package, pydantic)
    monkeypatch.setattr(adapter, "version", lambda _: "4")
    made = module("gemauth.client.sdk.google_genai", for_genai=lambda *how, **more: (how, more))
    monkeypatch.setitem(__import__("sys").modules, made.__name__, made)
    return adapter


@pytest.mark.parametrize(
    ("function", "name"),
    [
        ("for_langchain", "ChatGoogleGenerativeAI"),
        ("for_langchain_embeddings", "GoogleGenerativeAIEmbeddings"),
    ],
)
def test_our_client(adapter: Any, function: str, name: str) -> None:
    """The model has gemauth's client with its own options, and the one of before is closed."""
    mine = credentials()
    model = getattr(adapter, function)(
        "m", mine, base_url={"api_endpoint": "https://x"}, additional_headers={"x-team": "blue"}
    )
    (who,), how = model.client
    assert who is mine
    options = how["http_options"]
    agent = f"langchain-google-genai/4-{name}"
    assert options["headers"] == {"user-agent": agent, "x-team": "blue"}
    assert options["base_url"] == "https://x"
    assert (model.model, model.vertexai, model.closed) == ("m", False, [True])
    assert model.google_api_key == adapter.NO_KEY
    if name == "ChatGoogleGenerativeAI":
        assert model._client_cleanup.client is model.client


def test_who_asks(adapter: Any) -> None:
    """An argument that says so too is refused, by its name."""
    with pytest.raises(gemauth.UsageError, match="vertexai"):
        adapter.for_langchain("m", credentials(), vertexai=True)
