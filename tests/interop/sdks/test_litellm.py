"""LiteLLM's Gemini models with gemauth's credentials: judged by what the far side saw."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

import gemauth
from tests.interop.sdks.conftest import EMBEDDER, MODEL

if TYPE_CHECKING:
    from tests.interop.sdks.conftest import Gemini

pytestmark = pytest.mark.interop

HI = [{"role": "user", "content": "Hi"}]
CALLS = [f"/v1beta/models/{MODEL}:{verb}" for verb in ("generateContent", "streamGenerateContent")]


def test_completion(gemini: Gemini) -> None:
    """At once and streamed, and embeddings: with the token, whatever keys the environment has."""
    import litellm

    ours = gemauth.sdk.for_litellm()
    answer = litellm.completion(model=f"gemini/{MODEL}", messages=HI, **ours)
    assert answer.choices[0].message.content == "Hello"
    pieces = litellm.completion(model=f"gemini/{MODEL}", messages=HI, stream=True, **ours)
    assert "".join(piece.choices[0].delta.content or "" for piece in pieces) == "Hello"
    found = litellm.embedding(model=f"gemini/{EMBEDDER}", input=["Hi"], **ours)
    assert found.data[0]["embedding"] == [1.0, 2.0]
    assert gemini.calls() == [*CALLS, f"/v1beta/models/{EMBEDDER}:batchEmbedContents"]
    ours["client"].close()


def test_acompletion(gemini: Gemini) -> None:
    """On an event loop too."""
    import litellm

    async def go() -> None:
        ours = gemauth.sdk.for_litellm_async(timeout=20)
        answer = await litellm.acompletion(model=f"gemini/{MODEL}", messages=HI, **ours)
        assert answer.choices[0].message.content == "Hello"
        pieces = await litellm.acompletion(
            model=f"gemini/{MODEL}", messages=HI, stream=True, **ours
        )
        text = [piece.choices[0].delta.content or "" async for piece in pieces]
        assert "".join(text) == "Hello"
        await ours["client"].close()

    asyncio.run(go())
    asyncio.run(go())
    assert gemini.calls() == CALLS * 2


def test_refused_once(gemini: Gemini) -> None:
    """A client that LiteLLM makes anew authorizes as well, and a 401 leads to a new token."""
    import litellm

    ours = gemauth.sdk.for_litellm()
    ours["client"].close()  # LiteLLM makes the next one
    gemini.server.answers[f"POST /v1beta/models/{MODEL}:generateContent"] = (401, {"error": {}})
    with pytest.raises(litellm.AuthenticationError):
        litellm.completion(model=f"gemini/{MODEL}", messages=HI, **ours)
    assert gemini.calls() == [CALLS[0]] * 2
    assert gemini.server.lines.count("POST /token") == 2


def test_by_the_compatible_endpoint(gemini: Gemini) -> None:
    """Its `openai/` models take gemauth's client of openai, synchronous or not, streamed or not."""
    import litellm

    says = {"message": {"role": "assistant", "content": "Hello"}, "index": 0}
    path = "POST /v1beta/openai/chat/completions"
    gemini.server.answers[path] = (200, {"id": "x", "object": "chat.completion", "choices": [says]})
    found = {"object": "embedding", "index": 0, "embedding": [1.0, 2.0]}
    gemini.server.answers["POST /v1beta/openai/embeddings"] = (
        200,
        {"object": "list", "data": [found], "usage": {"prompt_tokens": 1, "total_tokens": 1}},
    )
    base = f"{gemini.server.url}/v1beta/openai/"
    answer = litellm.completion(
        model=f"openai/{MODEL}", messages=HI, client=gemauth.sdk.for_openai(), api_base=base
    )
    assert answer.choices[0].message.content == "Hello"

    async def go() -> None:
        client = gemauth.sdk.for_openai_async()
        answer = await litellm.aembedding(
            model=f"openai/{EMBEDDER}", input=["Hi"], client=client, api_base=base
        )
        assert answer.data[0]["embedding"] == [1.0, 2.0]
        await client.close()

    asyncio.run(go())
    assert gemini.calls() == ["/v1beta/openai/chat/completions", "/v1beta/openai/embeddings"]


@pytest.mark.parametrize("function", ["for_litellm", "for_litellm_async"])
def test_the_router(gemini: Gemini, function: str) -> None:
    """Its Router would leave the client behind: that is said at once, and nothing is sent."""
    import litellm

    ours = getattr(gemauth.sdk, function)()
    deployment = {"model": f"gemini/{MODEL}", **ours}
    with pytest.raises(gemauth.UsageError, match="Router"):
        litellm.Router(model_list=[{"model_name": "g", "litellm_params": deployment}])
    assert gemini.calls() == []


def test_nothing_secret_shows(gemini: Gemini) -> None:
    """What is handed over says who asks, and not with what."""
    ours = gemauth.sdk.for_litellm()
    for secret in ("AIza", "ya29", "1//"):
        assert secret not in f"{ours} {vars(ours['client'])}"
    assert gemini.calls() == []
