"""Our typed client's files, stores, caches, operations and content against google-genai.

Both are asked for the same, one recording server sees what each sends; every field that differs
stands in `REASONS` with its reason, and a reason without a difference has to go. google-genai
authenticates with a key here: OAuth is what it does not do (gemini-api.md section 12).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from google import genai
from google.genai import types

from gemauth.google.gemini.field_names import camel_case
from gemauth.google.gemini.resources.content import GenerateContentResponse
from gemauth.google.gemini.resources.file_search import FileSearchDocument, FileSearchStore
from gemauth.google.gemini.resources.files import CachedContent, File

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gemauth.client.gemini import Gemini
    from gemauth.google.gemini.resources.open_resource import OpenResource
    from tests.interop.recorder import Asked, Recorder

pytestmark = pytest.mark.interop

S, D = "fileSearchStores/s", "fileSearchStores/s/documents/d"
CHUNKING = {"whiteSpaceConfig": {"maxTokensPerChunk": 200, "maxOverlapTokens": 20}}
THEIR_CHUNKING = {"white_space_config": {"max_tokens_per_chunk": 200, "max_overlap_tokens": 20}}
METADATA: dict[str, str | list[str] | float] = {"author": "Ada", "tags": ["a"], "year": 1843.5}
THEIR_METADATA = [
    {"key": "author", "string_value": "Ada"},
    {"key": "tags", "string_list_value": {"values": ["a"]}},
    {"key": "year", "numeric_value": 1843.5},
]
SAFETY = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]

# name: what each of the two does; the path is a text file's
CALLS: dict[str, tuple[Callable[[Gemini, str], Any], Callable[[Any, str], Any]]] = {
    "upload": (
        lambda api, path: api.files.upload(path, display_name="D", name="x"),
        lambda c, path: c.files.upload(file=path, config={"display_name": "D", "name": "x"}),
    ),
    "get file": (
        lambda api, _: api.files.get("files/f"),
        lambda c, _: c.files.get(name="files/f"),
    ),
    "list files": (
        lambda api, _: list(api.files.list(page_size=7)),
        lambda c, _: list(c.files.list(config={"page_size": 7})),
    ),
    "delete file": (
        lambda api, _: api.files.delete("files/f"),
        lambda c, _: c.files.delete(name="files/f"),
    ),
    "download file": (
        lambda api, _: api.files.download("files/f"),
        lambda c, _: c.files.download(file="files/f"),
    ),
    "create store": (
        lambda api, _: api.file_search_stores.create("Mine", embedding_model="e"),
        lambda c, _: c.file_search_stores.create(
            config={"display_name": "Mine", "embedding_model": "models/e"}
        ),
    ),
    "get store": (
        lambda api, _: api.file_search_stores.get(S),
        lambda c, _: c.file_search_stores.get(name=S),
    ),
    "list stores": (
        lambda api, _: list(api.file_search_stores.list(page_size=7)),
        lambda c, _: list(c.file_search_stores.list(config={"page_size": 7})),
    ),
    "delete store": (
        lambda api, _: api.file_search_stores.delete(S, force=True),
        lambda c, _: c.file_search_stores.delete(name=S, config={"force": True}),
    ),
    "import file": (
        lambda api, _: api.file_search_stores.import_file(
            S, "f", metadata=METADATA, chunking=CHUNKING
        ),
        lambda c, _: c.file_search_stores.import_file(
            file_search_store_name=S,
            file_name="files/f",
            config={"custom_metadata": THEIR_METADATA, "chunking_config": THEIR_CHUNKING},
        ),
    ),
    "upload to store": (
        lambda api, path: api.file_search_stores.upload(
            S, path, display_name="D", metadata=METADATA, chunking=CHUNKING
        ),
        lambda c, path: c.file_search_stores.upload_to_file_search_store(
            file_search_store_name=S,
            file=path,
            config={
                "display_name": "D",
                "mime_type": "text/plain",
                "custom_metadata": THEIR_METADATA,
                "chunking_config": THEIR_CHUNKING,
            },
        ),
    ),
    "list documents": (
        lambda api, _: list(api.file_search_stores.list_documents(S, page_size=7)),
        lambda c, _: list(c.file_search_stores.documents.list(parent=S, config={"page_size": 7})),
    ),
    "get document": (
        lambda api, _: api.file_search_stores.get_document(D),
        lambda c, _: c.file_search_stores.documents.get(name=D),
    ),
    "delete document": (
        lambda api, _: api.file_search_stores.delete_document(D, force=True),
        lambda c, _: c.file_search_stores.documents.delete(name=D, config={"force": True}),
    ),
    "operation of an upload": (
        lambda api, _: api.operations.get(f"{S}/upload/operations/o"),
        lambda c, _: c.operations.get(
            types.UploadToFileSearchStoreOperation(name=f"{S}/upload/operations/o")
        ),
    ),
    "operation of an import": (
        lambda api, _: api.operations.get(f"{S}/operations/o"),
        lambda c, _: c.operations.get(types.ImportFileOperation(name=f"{S}/operations/o")),
    ),
    "create cache": (
        lambda api, _: api.caches.create("g", "Hi", system="Hi", ttl=90.5, display_name="D"),
        lambda c, _: c.caches.create(
            model="g",
            config={
                "contents": "Hi",
                "system_instruction": "Hi",
                "ttl": "90.5s",
                "display_name": "D",
            },
        ),
    ),
    "patch cache": (
        lambda api, _: api.caches.patch("c", ttl=3600),
        lambda c, _: c.caches.update(name="cachedContents/c", config={"ttl": "3600s"}),
    ),
    "get cache": (
        lambda api, _: api.caches.get("c"),
        lambda c, _: c.caches.get(name="cachedContents/c"),
    ),
    "list caches": (
        lambda api, _: list(api.caches.list(page_size=7)),
        lambda c, _: list(c.caches.list(config={"page_size": 7})),
    ),
    "delete cache": (
        lambda api, _: api.caches.delete("c"),
        lambda c, _: c.caches.delete(name="cachedContents/c"),
    ),
    "generate": (
        lambda api, _: api.content.generate(
            "g",
            "Hi",
            system="Hi",
            config={"temperature": 0.5},
            tools=[{"codeExecution": {}}],
            fields={"safetySettings": SAFETY, "cachedContent": "cachedContents/c"},
        ),
        lambda c, _: c.models.generate_content(
            model="g",
            contents="Hi",
            config={
                "system_instruction": "Hi",
                "temperature": 0.5,
                "tools": [{"code_execution": {}}],
                "safety_settings": SAFETY,
                "cached_content": "cachedContents/c",
            },
        ),
    ),
    "stream": (
        lambda api, _: list(api.content.stream("tunedModels/t", "Hi")),
        lambda c, _: list(c.models.generate_content_stream(model="tunedModels/t", contents="Hi")),
    ),
    "count tokens": (
        lambda api, _: api.content.count_tokens("g", "Hi"),
        lambda c, _: c.models.count_tokens(model="g", contents="Hi"),
    ),
    "embed": (
        lambda api, _: api.content.embed_batch("e", ["a", "b"], task="RETRIEVAL_QUERY"),
        lambda c, _: c.models.embed_content(
            model="e", contents=["a", "b"], config={"task_type": "RETRIEVAL_QUERY"}
        ),
    ),
}

_NAMES_ITSELF = "Each names itself; gemauth reports no statistics."
# (call, or "*" for each; field): why ours is not theirs.
REASONS = {
    ("*", "header.authorization"): "A token; google-genai takes keys alone.",
    ("*", "header.x-goog-api-key"): "The same.",
    ("*", "header.x-goog-api-client"): _NAMES_ITSELF,
    ("*", "header.user-agent"): _NAMES_ITSELF,
    ("*", "header.accept"): "JSON is what we can read; of a download, anything.",
    ("*", "header.accept-encoding"): "A stream's parts come when they are written, unpacked.",
    ("*", "header.connection"): "HTTP/1.1 keeps connections by itself (RFC 9112 section 9.3).",
    ("*", "header.content-type"): "A request without a body has none.",
    ("*", "header.content-length"): "The JSON has its own spaces.",
    ("delete store", "query.force"): "A boolean in JSON's form (ProtoJSON).",
    ("delete document", "query.force"): "A boolean in JSON's form (ProtoJSON).",
    ("patch cache", "query.updateMask"): "As GAPIC: what is changed is said, not guessed.",
    ("upload", "body.file.sizeBytes"): "Output only; the header says it.",
    ("upload", "header.x-goog-upload-file-name"): "What a file is called here is nobody's matter.",
    ("upload to store", "header.x-goog-upload-file-name"): "The same.",
    **{
        (f"{name}, its piece", f"header.{field}"): "Said at the start, and not again."
        for name in ("upload", "upload to store")
        for field in (
            "x-goog-upload-protocol",
            "x-goog-upload-header-content-length",
            "x-goog-upload-header-content-type",
            "x-goog-upload-file-name",
        )
    },
}


@pytest.fixture(scope="module")
def server(server: Recorder) -> Recorder:
    """It answers as for uploads, too."""
    server.answer = '{"file": {"name": "files/x"}}'
    server.answer_headers = {
        "X-Goog-Upload-URL": f"{server.address}/upload/v1beta/files?upload_id=1",
        "X-Goog-Upload-Status": "final",
    }
    return server


@pytest.fixture(scope="module")
def client(server: Recorder) -> Any:
    """Theirs."""
    options = types.HttpOptions(base_url=server.address, api_version="v1beta")
    return genai.Client(api_key="k", http_options=options)


def flat(asked: Asked) -> dict[str, Any]:
    """Return each field of a request by its path; JSON names in camelCase."""
    found: dict[str, Any] = {"verb": asked.verb, "path": asked.path}
    found |= {f"query.{name}": value for name, value in asked.query}
    found |= {f"header.{name}": value for name, value in asked.headers.items() if name != "host"}
    if asked.headers.get("x-goog-upload-command", "start") == "start":
        _spread("body", json.loads(asked.body or "{}"), found)
    else:
        found["body"] = asked.body
    return found


def _spread(path: str, value: Any, found: dict[str, Any]) -> None:
    if isinstance(value, dict) and value:
        for name, member in value.items():
            _spread(f"{path}.{camel_case(name)}", member, found)
    elif isinstance(value, list):
        for i, member in enumerate(value):
            _spread(f"{path}.{i}", member, found)
    elif value != {} or path != "body":
        found[path] = value


def differing(one: Asked, other: Asked) -> set[str]:
    """Return the fields that are not the same."""
    ours, theirs = flat(one), flat(other)
    return {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}


SEEN: set[tuple[str, str]] = set()


def both(
    name: str, api: Gemini, client: Any, server: Recorder, path: str
) -> tuple[list[Asked], list[Asked]]:
    """Return what we send for a call, and what they send."""
    found: list[list[Asked]] = []
    plain = server.answer, server.answer_type
    if name == "stream":
        server.answer, server.answer_type = "data: {}\r\n\r\n", "text/event-stream"
    try:
        for caller, call in zip((api, client), CALLS[name], strict=True):
            server.asked.clear()
            call(caller, path)
            found.append(list(server.asked))
    finally:
        server.answer, server.answer_type = plain
        server.asked.clear()
    ours, theirs = found
    return ours, theirs


@pytest.mark.parametrize("name", CALLS)
def test_each_request_is_google_genais(
    name: str, api: Gemini, client: Any, server: Recorder, tmp_path: Path
) -> None:
    """Verb, path, query, body and header fields, but for what `REASONS` says."""
    path = tmp_path / "a.txt"
    path.write_text("hello")
    sent, expected = both(name, api, client, server, str(path))
    assert len(sent) == len(expected)
    for i, (one, other) in enumerate(zip(sent, expected, strict=True)):
        call = name if i == 0 else f"{name}, its piece"
        for field in differing(one, other):
            key = (call, field) if (call, field) in REASONS else ("*", field)
            assert key in REASONS, (call, field, flat(one).get(field), flat(other).get(field))
            SEEN.add(key)


def test_each_reason_has_its_difference() -> None:
    """What has become the same needs no reason."""
    if len(SEEN) < len(CALLS) // 2:
        pytest.skip("the comparisons were not run")
    assert set(REASONS) - SEEN == set()


def test_pieces_carry_no_credentials(
    api: Gemini, client: Any, server: Recorder, tmp_path: Path
) -> None:
    """Neither theirs nor ours: the address is the capability."""
    path = tmp_path / "a.txt"
    path.write_text("hello")
    for upload in (lambda: api.files.upload(path), lambda: client.files.upload(file=str(path))):
        upload()
        _, piece = server.asked
        server.asked.clear()
        assert piece.body == "hello"
        assert not {"authorization", "x-goog-api-key"} & set(piece.headers)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (FileSearchStore, types.FileSearchStore),
        (FileSearchDocument, types.Document),
        (File, types.File),
        (CachedContent, types.CachedContent),
    ],
)
def test_the_same_fields(ours: type[OpenResource], theirs: Any) -> None:
    """What google-genai knows of them, we know; the rest of a file is in `others`."""
    known = {*ours.__struct_fields__} - {"others"}
    assert set(theirs.model_fields) - {"video_metadata"} == known


def test_an_answer_of_theirs_is_read() -> None:
    """What google-genai's types write, by alias, we read and write again."""
    answer = types.GenerateContentResponse(
        candidates=[
            types.Candidate(
                content=types.Content(
                    role="model",
                    parts=[
                        types.Part(text="a", thought=True, thought_signature=b"\x00\xff"),
                        types.Part(text="b"),
                    ],
                ),
                finish_reason=types.FinishReason.STOP,
                index=0,
            )
        ],
        usage_metadata=types.GenerateContentResponseUsageMetadata(prompt_token_count=3),
    )
    written = answer.model_dump(mode="json", by_alias=True, exclude_none=True)
    ours = GenerateContentResponse.from_json(written)
    assert ours.text == answer.text == "b"
    assert types.GenerateContentResponse.model_validate(ours.to_json()) == answer
