"""Our typed client's generation, caches and files against google-ai-generativelanguage.

As test_retrieval.py: one recording server sees what each sends; the package's messages read our
bodies strictly, and write the answers that we read and write again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from google.ai import generativelanguage_v1beta as published
from google.longrunning import operations_pb2
from google.protobuf import json_format

from gemauth.client.gemini import AsyncGemini, Gemini
from gemauth.google.gemini.resources.content import Blob, Content, Part
from tests.interop.generativelanguage import read, rest_clients

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.client.credentials import Credentials
    from tests.interop.recorder import Recorder

pytestmark = pytest.mark.interop

HI = {"role": "user", "parts": [{"text": "Hi"}]}
IMAGE = {"inline_data": {"mime_type": "image/png", "data": b"\x89PNG\xff"}}
LOOK = {"role": "user", "parts": [{"text": "Look:"}, IMAGE]}
OURS: list[Any] = ["Look:", Part(inline_data=Blob(mime_type="image/png", data=b"\x89PNG\xff"))]
TALK = [HI, {"role": "model", "parts": [{"text": "Yes?"}]}, {**HI, "parts": [{"text": "Why?"}]}]
OUR_TALK: list[Any] = ["Hi", Content(role="model", parts=(Part(text="Yes?"),)), "Why?"]
CONFIG = {"temperature": 0.5, "maxOutputTokens": 9, "stopSequences": ["."]}
THEIR_CONFIG = {"temperature": 0.5, "max_output_tokens": 9, "stop_sequences": ["."]}
SAFETY = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
FULL = published.GenerateContentRequest(
    model="tunedModels/t",
    contents=[LOOK],
    system_instruction=HI,
    generation_config=THEIR_CONFIG,
    tools=[{"code_execution": {}}],
    safety_settings=SAFETY,
    cached_content="cachedContents/c",
)


def full(call: Callable[..., Any], model: str = "tunedModels/t") -> Any:
    """Call with all that a generation takes."""
    return call(
        model,
        OURS,
        system="Hi",
        config=CONFIG,
        tools=[{"codeExecution": {}}],
        fields={"safetySettings": SAFETY, "cachedContent": "cachedContents/c"},
    )


# A call of ours; the package's method and its request; the message that the body is (None: none)
ROWS: list[tuple[Callable[[Gemini], Any], str, Any, Any]] = [
    (
        lambda api: api.content.generate("g", OUR_TALK),
        "generate_content",
        published.GenerateContentRequest(model="models/g", contents=TALK),
        published.GenerateContentRequest,
    ),
    (
        lambda api: full(api.content.generate),
        "generate_content",
        FULL,
        published.GenerateContentRequest,
    ),
    (
        lambda api: api.content.count_tokens("g", "Hi"),
        "count_tokens",
        published.CountTokensRequest(model="models/g", contents=[HI]),
        published.CountTokensRequest,
    ),
    (
        lambda api: api.content.count_tokens("g", "Hi", system="Hi"),
        "count_tokens",
        published.CountTokensRequest(
            model="models/g",
            generate_content_request={
                "model": "models/g",
                "contents": [HI],
                "system_instruction": HI,
            },
        ),
        published.CountTokensRequest,
    ),
    (
        lambda api: api.content.embed(
            "e", "Hi", task="RETRIEVAL_DOCUMENT", title="T", dimensions=3
        ),
        "embed_content",
        published.EmbedContentRequest(
            model="models/e",
            content=HI,
            task_type="RETRIEVAL_DOCUMENT",
            title="T",
            output_dimensionality=3,
        ),
        published.EmbedContentRequest,
    ),
    (
        lambda api: api.content.embed_batch("e", ["Hi", OURS]),
        "batch_embed_contents",
        published.BatchEmbedContentsRequest(
            model="models/e",
            requests=[
                {"model": "models/e", "content": HI},
                {"model": "models/e", "content": LOOK},
            ],
        ),
        published.BatchEmbedContentsRequest,
    ),
    (
        lambda api: api.content.predict("i", [{"a": 1}], parameters={"b": 2}),
        "predict",
        published.PredictRequest.from_json(
            '{"model": "models/i", "instances": [{"a": 1}], "parameters": {"b": 2}}'
        ),
        published.PredictRequest,
    ),
    (
        lambda api: api.caches.create("g", "Hi", system="Hi", ttl=90.5, display_name="D"),
        "create_cached_content",
        published.CreateCachedContentRequest(
            cached_content={
                "model": "models/g",
                "contents": [HI],
                "system_instruction": HI,
                "ttl": {"seconds": 90, "nanos": 500_000_000},
                "display_name": "D",
            }
        ),
        published.CachedContent,
    ),
    (
        lambda api: api.caches.patch("c", ttl=3600),
        "update_cached_content",
        published.UpdateCachedContentRequest(
            cached_content={"name": "cachedContents/c", "ttl": {"seconds": 3600}},
            update_mask={"paths": ["ttl"]},
        ),
        published.CachedContent,
    ),
    (
        lambda api: api.caches.patch("c", expire_time="2026-12-01T00:00:00Z"),
        "update_cached_content",
        published.UpdateCachedContentRequest(
            cached_content={"name": "cachedContents/c", "expire_time": "2026-12-01T00:00:00Z"},
            update_mask={"paths": ["expire_time"]},
        ),
        published.CachedContent,
    ),
    (
        lambda api: api.caches.get("c"),
        "get_cached_content",
        published.GetCachedContentRequest(name="cachedContents/c"),
        None,
    ),
    (
        lambda api: list(api.caches.list(page_size=7)),
        "list_cached_contents",
        published.ListCachedContentsRequest(page_size=7),
        None,
    ),
    (
        lambda api: api.caches.delete("c"),
        "delete_cached_content",
        published.DeleteCachedContentRequest(name="cachedContents/c"),
        None,
    ),
    (
        lambda api: api.files.get("f"),
        "get_file",
        published.GetFileRequest(name="files/f"),
        None,
    ),
    (
        lambda api: list(api.files.list(page_size=7)),
        "list_files",
        published.ListFilesRequest(page_size=7),
        None,
    ),
    (
        lambda api: api.files.delete("files/f"),
        "delete_file",
        published.DeleteFileRequest(name="files/f"),
        None,
    ),
    (
        lambda api: api.operations.get("tunedModels/t/operations/o"),
        "get_operation",
        operations_pb2.GetOperationRequest(name="tunedModels/t/operations/o"),
        None,
    ),
    (
        lambda api: list(api.operations.list("tunedModels/t")),
        "list_operations",
        operations_pb2.ListOperationsRequest(name="tunedModels/t"),
        None,
    ),
]


@pytest.fixture(scope="module")
def clients(server: Recorder) -> list[Any]:
    """The package's clients, with its own REST transports."""
    return rest_clients(
        server,
        published.GenerativeServiceClient,
        published.CacheServiceClient,
        published.FileServiceClient,
        published.PredictionServiceClient,
    )


@pytest.mark.parametrize(("ours", "method", "request_", "body"), ROWS)
def test_each_request_is_the_packages(
    ours: Callable[[Gemini], Any],
    method: str,
    request_: Any,
    body: Any,
    api: Gemini,
    clients: list[Any],
    server: Recorder,
) -> None:
    """Verb, path, query and body are those of its REST transport for the same request."""
    server.answer = "{}"
    client = next(client for client in clients if hasattr(client, method))
    getattr(client, method)(request=request_)
    expected = server.only()
    ours(api)
    sent = server.only()
    assert sent == expected
    if body is None:
        assert sent.body in {"", "{}"}
        return
    assert sent.headers["content-type"] == expected.headers["content-type"]
    assert read(sent.body, body) == read(expected.body, body)
    assert read(sent.body, body).ByteSize() > 0


ANSWER = published.GenerateContentResponse(
    candidates=[
        {
            "content": {
                "role": "model",
                "parts": [
                    {"text": "Hello "},
                    {"executable_code": {"language": "PYTHON", "code": "1 + 1"}},
                    {"function_call": {"name": "f", "args": {"x": [1, {"y": None}]}}},
                    IMAGE,
                    {"text": "you"},
                ],
            },
            "finish_reason": "STOP",
            "index": 0,
            "safety_ratings": [
                {"category": "HARM_CATEGORY_HARASSMENT", "probability": "NEGLIGIBLE"}
            ],
            "citation_metadata": {"citation_sources": [{"uri": "https://x", "start_index": 1}]},
            "grounding_metadata": {"web_search_queries": ["a"]},
            "avg_logprobs": -0.5,
        }
    ],
    prompt_feedback={"safety_ratings": []},
    usage_metadata={"prompt_token_count": 1, "candidates_token_count": 2, "total_token_count": 3},
    model_version="g-001",
)


def test_an_answer_is_read_and_written_again(api: Gemini, server: Recorder) -> None:
    """All of it, known to us or not: written again it is the package's message."""
    server.answer = json_format.MessageToJson(type(ANSWER).pb(ANSWER))
    answer = api.content.generate("g", "Hi")
    server.asked.clear()
    assert answer.text == "Hello you"
    assert [call.name for call in answer.function_calls] == ["f"]
    assert json_format.ParseDict(
        answer.to_json(), published.GenerateContentResponse.pb(published.GenerateContentResponse())
    ) == type(ANSWER).pb(ANSWER)
    # and the turn goes back as it came
    content = answer.candidates[0].content
    assert content is not None
    api.content.generate("g", ["Hi", content, "On."])
    back = read(server.only().body, published.GenerateContentRequest)
    assert back.contents[1] == type(ANSWER).pb(ANSWER).candidates[0].content


def chunks() -> list[Any]:
    """Return an answer in three parts."""
    return [
        published.GenerateContentResponse(
            candidates=[{"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}]
        )
        for text in ("Hel", 'lo, ["', "}\\ 🎈")
    ]


@pytest.mark.parametrize("framed", ["events", "array"])
def test_a_streamed_answer(
    framed: str, api: Gemini, credentials: Credentials, clients: list[Any], server: Recorder
) -> None:
    """The same request but for `alt=sse`; what the package wrote is read from both framings."""
    texts = [json_format.MessageToJson(type(c).pb(c), indent=None) for c in chunks()]
    array = "[" + ",\r\n".join(texts) + "]"
    events = "".join(f"data: {text}\r\n\r\n" for text in texts)
    request = published.GenerateContentRequest(model="models/g", contents=[HI])
    try:
        server.answer = array  # the package knows no other framing
        theirs = list(clients[0].stream_generate_content(request=request))
        expected = server.only()
        if framed == "events":
            server.answer, server.answer_type = events, "text/event-stream"
        ours = list(api.content.stream("g", "Hi"))
        sent = server.only()

        async def on_a_loop() -> list[str]:
            async with AsyncGemini(credentials) as loop_api:
                return [part.text async for part in loop_api.content.stream("g", "Hi")]

        assert asyncio.run(on_a_loop()) == [part.text for part in ours]
        server.asked.clear()
    finally:
        server.answer, server.answer_type = "{}", "application/json; charset=UTF-8"
    assert "".join(part.text for part in ours) == 'Hello, ["}\\ 🎈'
    assert [part.text for part in ours] == [
        part.candidates[0].content.parts[0].text for part in theirs
    ]
    assert (sent.verb, sent.path, sent.query) == ("POST", expected.path, (("alt", "sse"),))
    assert expected.query == ()
    body = published.GenerateContentRequest
    assert read(sent.body, body) == read(expected.body, body)


TIMES = {"create_time": "2026-11-22T08:00:00.123456Z", "update_time": "2026-11-22T09:00:00Z"}
FILE = published.File(
    name="files/f",
    mime_type="video/mp4",
    size_bytes=9007199254740993,
    sha256_hash=b"00ff",
    state="FAILED",
    error={"code": 3, "message": "no"},
    video_metadata={"video_duration": {"seconds": 3}},
    **TIMES,
)
CACHE = published.CachedContent(
    name="cachedContents/c",
    model="models/g",
    expire_time="2026-12-01T00:00:00Z",
    usage_metadata={"total_token_count": 7},
    **TIMES,
)
COUNT = published.CountTokensResponse(total_tokens=5, cached_content_token_count=2)
VECTOR = published.ContentEmbedding(values=[0.5, -1, 3])

# An answer, the call of ours that reads it, and the messages it must have read
ANSWERS: list[tuple[Any, Callable[[Gemini], Any], list[Any]]] = [
    (FILE, lambda api: [api.files.get("f")], [FILE]),
    (
        published.ListFilesResponse(files=[FILE, published.File()]),
        lambda api: list(api.files.list()),
        [FILE, published.File()],
    ),
    (CACHE, lambda api: [api.caches.get("c")], [CACHE]),
    (
        published.ListCachedContentsResponse(cached_contents=[CACHE]),
        lambda api: list(api.caches.list()),
        [CACHE],
    ),
    (COUNT, lambda api: [api.content.count_tokens("g", "Hi")], [COUNT]),
    (
        published.EmbedContentResponse(embedding=VECTOR),
        lambda api: [api.content.embed("e", "Hi")],
        [VECTOR],
    ),
    (
        published.BatchEmbedContentsResponse(embeddings=[VECTOR, VECTOR]),
        lambda api: list(api.content.embed_batch("e", ["a", "b"])),
        [VECTOR, VECTOR],
    ),
]


@pytest.mark.parametrize(("answer", "call", "expected"), ANSWERS)
def test_each_answer_is_read(
    answer: Any,
    call: Callable[[Gemini], Any],
    expected: list[Any],
    api: Gemini,
    server: Recorder,
) -> None:
    """Each value, written again, is the message that the package wrote."""
    server.answer = json_format.MessageToJson(type(answer).pb(answer))
    found = call(api)
    server.asked.clear()
    assert len(found) == len(expected)
    for value, message in zip(found, expected, strict=True):
        kind = type(message)
        written = json_format.ParseDict(value.to_json(), kind.pb(kind()))
        assert written == kind.pb(message)


def test_an_operation_is_read(api: Gemini, server: Recorder) -> None:
    """With its metadata and its result, as the JSON that they are."""
    server.answer = (
        '{"name": "tunedModels/t/operations/o", "done": true,'
        ' "metadata": {"@type": "type.googleapis.com/google.protobuf.Duration", "value": "3s"},'
        ' "error": {"code": 3, "message": "no"}}'
    )
    operation = api.operations.get("tunedModels/t/operations/o")
    server.asked.clear()
    written = json_format.ParseDict(operation.to_json(), operations_pb2.Operation())
    assert written == json_format.Parse(server.answer, operations_pb2.Operation())
    assert (written.done, written.error.message) == (True, "no")
