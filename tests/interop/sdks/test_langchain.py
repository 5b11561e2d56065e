"""LangChain's models for Gemini with gemauth's credentials: judged by what the far side saw."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.runnables import ConfigurableField
from langchain_google_genai import ChatGoogleGenerativeAI, GoogleGenerativeAIEmbeddings

import gemauth
from gemauth.client.sdk.bearer import NO_KEY
from tests.interop.sdks.conftest import EMBEDDER, MODEL

if TYPE_CHECKING:
    from tests.interop.sdks.conftest import Gemini

pytestmark = pytest.mark.interop


def test_chat(gemini: Gemini) -> None:
    """Invoked and streamed, on event loops too, it is Ada who asks, whatever keys there are."""
    chat = gemauth.sdk.for_langchain(MODEL, temperature=0)
    assert chat.invoke("Hi").content == "Hello"
    assert "".join(str(piece.content) for piece in chat.stream("Hi")) == "Hello"

    async def go() -> None:
        assert (await chat.ainvoke("Hi")).content == "Hello"
        assert "".join([str(piece.content) async for piece in chat.astream("Hi")]) == "Hello"

    asyncio.run(go())
    asyncio.run(go())
    model = f"/v1beta/models/{MODEL}"
    assert gemini.calls() == [f"{model}:generateContent", f"{model}:streamGenerateContent"] * 3


def test_embeddings(gemini: Gemini) -> None:
    """Embeddings too."""
    embeddings = gemauth.sdk.for_langchain_embeddings(EMBEDDER)
    assert embeddings.embed_query("Hi") == [1.0, 2.0]
    assert embeddings.embed_documents(["Hi"]) == [[1.0, 2.0]]
    assert asyncio.run(embeddings.aembed_query("Hi")) == [1.0, 2.0]
    assert gemini.calls() == [f"/v1beta/models/{EMBEDDER}:batchEmbedContents"] * 3


def test_models_made_of_one(gemini: Gemini) -> None:
    """A model that LangChain configures, binds or copies is signed in as well."""
    chat = gemauth.sdk.for_langchain(MODEL)
    field = ConfigurableField(id="temperature")
    configurable = chat.configurable_fields(temperature=field)
    assert configurable.with_config(configurable={"temperature": 0.5}).invoke("Hi").content
    assert chat.bind(stop=["."]).invoke("Hi").content
    assert chat.model_copy(update={"temperature": 0.1}).invoke("Hi").content
    assert len(gemini.calls()) == 3


def test_it_is_the_packages_own(gemini: Gemini) -> None:
    """The models are LangChain's, by class and by name, with its options; no key shows in them."""
    chat = gemauth.sdk.for_langchain(
        MODEL, api_version="v1", additional_headers={"x-team": "blue"}, client_args={"verify": True}
    )
    embeddings = gemauth.sdk.for_langchain_embeddings(EMBEDDER)
    assert isinstance(chat, ChatGoogleGenerativeAI)
    assert isinstance(embeddings, GoogleGenerativeAIEmbeddings)
    assert type(chat).__name__ == "ChatGoogleGenerativeAI"
    chat.invoke("Hi")
    assert gemini.calls() == [f"/v1/models/{MODEL}:generateContent"]
    headers = gemini.server.asked[-1][1]
    assert headers["x-team"] == "blue"
    assert "langchain-google-genai/" in headers["user-agent"]
    for text in (repr(chat), repr(embeddings), str(chat), repr(chat.model_dump())):
        for secret in ("AIza", "ya29", "1//", NO_KEY):
            assert secret not in text


@pytest.mark.parametrize("name", ["api_key", "google_api_key", "vertexai", "client"])
def test_who_asks_is_decided_here(gemini: Gemini, name: str) -> None:
    """An argument that would have somebody else ask is refused."""
    other: Any = {name: True}
    with pytest.raises(gemauth.UsageError, match=name):
        gemauth.sdk.for_langchain(MODEL, **other)
    with pytest.raises(gemauth.UsageError, match=name):
        gemauth.sdk.for_langchain_embeddings(EMBEDDER, **other)
    assert gemini.calls() == []
