from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.gemini.flows.content import Generation
from gemauth.errors import UnreachableError, UsageError
from gemauth.flow import Open, Send
from gemauth.google.endpoints import GOOGLE
from gemauth.google.gemini.resources.content import ContentEmbedding
from tests.client.calls.test_streams import Parts, event, rest
from tests.client.gemini.flows.api import MINE, expects
from tests.client.transcript import answer, play

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow

DO = Generation(MINE)
HI = [{"role": "user", "parts": [{"text": "Hi"}]}]
BE = {"role": "user", "parts": [{"text": "Be brief."}]}
EMBED = {"content": HI[0]}
CODE: list[dict[str, Any]] = [{"codeExecution": {}}]

# operation, path, body (gemini-api.md section 4)
ROWS: list[tuple[Callable[[], Flow[Any]], str, Any]] = [
    (lambda: DO.generate("g", "Hi"), "models/g:generateContent", {"contents": HI}),
    (
        lambda: DO.generate(
            "tunedModels/t",
            "Hi",
            system="Be brief.",
            config={"temperature": 0.5},
            tools=CODE,
            fields={"cachedContent": "cachedContents/c"},
        ),
        "tunedModels/t:generateContent",
        {
            "contents": HI,
            "systemInstruction": BE,
            "generationConfig": {"temperature": 0.5},
            "tools": CODE,
            "cachedContent": "cachedContents/c",
        },
    ),
    (lambda: DO.count_tokens("g", "Hi"), "models/g:countTokens", {"contents": HI}),
    (
        lambda: DO.count_tokens("g", "Hi", system="Be brief."),
        "models/g:countTokens",
        {
            "generateContentRequest": {
                "model": "models/g",
                "contents": HI,
                "systemInstruction": BE,
            }
        },
    ),
    (
        lambda: DO.embed("e", "Hi", task="RETRIEVAL_DOCUMENT", title="T", dimensions=3),
        "models/e:embedContent",
        {**EMBED, "taskType": "RETRIEVAL_DOCUMENT", "title": "T", "outputDimensionality": 3},
    ),
    (
        lambda: DO.embed_batch("e", ["Hi"], dimensions=3),
        "models/e:batchEmbedContents",
        {"requests": [{"model": "models/e", **EMBED, "outputDimensionality": 3}]},
    ),
    (lambda: DO.predict("i", [{"a": 1}]), "models/i:predict", {"instances": [{"a": 1}]}),
    (
        lambda: DO.predict_long_running("i", [1], parameters={"b": 2}),
        "models/i:predictLongRunning",
        {"instances": [1], "parameters": {"b": 2}},
    ),
]


@pytest.mark.parametrize(("operation", "path", "body"), ROWS)
def test_each_operation_is_one_request(
    operation: Callable[[], Flow[Any]], path: str, body: Any
) -> None:
    """Path and body as the API has them."""
    play(operation(), expects("POST", path, body))


def test_vectors() -> None:
    """One, or as many as there are contents, in their order."""
    vector = ContentEmbedding(values=(0.5, 1.0))
    answer = {"embedding": {"values": [0.5, 1]}}
    assert play(DO.embed("e", "Hi"), expects("POST", "models/e:embedContent", EMBED, answer)) == (
        vector
    )
    answers = {"embeddings": [{"values": [0.5, 1]}, {}]}
    body = {"requests": [{"model": "models/e", **EMBED}] * 2}
    line = expects("POST", "models/e:batchEmbedContents", body, answers)
    assert play(DO.embed_batch("e", ["Hi", "Hi"]), line) == (vector, ContentEmbedding())


def test_a_streamed_answer() -> None:
    """Its parts' texts are the whole text; nothing is sent before it is opened."""
    parts = Parts(
        event(candidates=[{"content": {"parts": [{"text": "Hel"}]}}]),
        event(candidates=[{"content": {"parts": [{"text": "lo"}]}, "finishReason": "STOP"}]),
    )

    def check(step: Open) -> Parts:
        path = "v1beta/tunedModels/t:streamGenerateContent?alt=sse"
        assert step.request.url == f"{GOOGLE.gemini}/{path}"
        assert json.loads(step.request.body) == {"contents": HI}
        assert step.timeout == 7
        return parts

    messages = play(DO.stream("tunedModels/t", "Hi", timeout=7).open(), (Open, check))
    found = rest(messages, parts)
    assert "".join(part.text for part in found) == "Hello"
    assert found[-1].candidates[0].finish_reason == "STOP"


def test_a_model_that_is_none() -> None:
    """Tuned models do not count tokens (gemini-api.md section 5)."""
    with pytest.raises(UsageError, match="models"):
        play(DO.count_tokens("tunedModels/t", "Hi"))


@pytest.mark.parametrize("body", [{}, {"embedding": None, "embeddings": None}])
def test_no_vectors(body: dict[str, Any]) -> None:
    """What is not there is empty."""
    assert play(DO.embed("m", "x"), (Send, answer(200, **body))).values == ()
    assert play(DO.embed_batch("m", ["x"]), (Send, answer(200, **body))) == ()


@pytest.mark.parametrize("embeddings", [3, [None], ["x"]])
def test_vectors_that_make_no_sense(embeddings: Any) -> None:
    """It is said whose fault that is, and by no traceback."""
    with pytest.raises(UnreachableError, match="The server answered"):
        play(DO.embed_batch("m", ["x"]), (Send, answer(200, embeddings=embeddings)))
