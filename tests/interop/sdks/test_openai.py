"""openai's client on the compatible endpoint with gemauth's credentials."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import openai
import pytest

import gemauth
from tests.interop.sdks.conftest import MODEL, event

if TYPE_CHECKING:
    from tests.interop.sdks.conftest import Gemini

pytestmark = pytest.mark.interop

HI = [{"role": "user", "content": "Hi"}]
PATH = "/v1beta/openai/chat/completions"
WHOLE = {
    "id": "x",
    "object": "chat.completion",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}}],
}
PIECE = {
    "id": "x",
    "object": "chat.completion.chunk",
    "choices": [{"index": 0, "delta": {"content": "Hello"}}],
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("on_a_loop", [False, True])
def test_chat(gemini: Gemini, *, stream: bool, on_a_loop: bool) -> None:
    """Whole and streamed, on a loop and not: with the token, in the project that pays."""
    body = event(PIECE) + b"data: [DONE]\r\n\r\n" if stream else WHOLE
    gemini.server.answers[f"POST {PATH}"] = (200, body)

    def once() -> str:
        with gemauth.sdk.for_openai() as client:
            answer = client.chat.completions.create(model=MODEL, messages=HI, stream=stream)
            if stream:
                return "".join(piece.choices[0].delta.content for piece in answer)
            return str(answer.choices[0].message.content)

    async def once_async() -> str:
        async with gemauth.sdk.for_openai_async() as client:
            answer = await client.chat.completions.create(model=MODEL, messages=HI, stream=stream)
            if stream:
                return "".join([piece.choices[0].delta.content async for piece in answer])
            return str(answer.choices[0].message.content)

    assert (asyncio.run(once_async()) if on_a_loop else once()) == "Hello"
    assert gemini.calls() == [PATH]
    assert "sk-of" not in f"{gemini.server.asked}"


def test_models(gemini: Gemini) -> None:
    """The list of models as well; what Google refuses is openai's own error."""
    gemini.server.answers["GET /v1beta/openai/models"] = (
        200,
        {"object": "list", "data": [{"id": f"models/{MODEL}", "object": "model"}]},
    )
    with gemauth.sdk.for_openai(max_retries=0) as client:
        assert [model.id for model in client.models.list()] == [f"models/{MODEL}"]
        with pytest.raises(openai.NotFoundError):
            client.models.retrieve("none")
    assert len(gemini.calls()) == 2
