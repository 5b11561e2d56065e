"""Our typed client against the published package google-ai-generativelanguage.

Models, tuned models, permissions, retrieval and answers; test_content.py has the rest.

Both are asked for the same; one recording server sees what each sends. The package's message types
read our bodies strictly, and write the answers that our client reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.ai import generativelanguage_v1beta as published
from google.protobuf import json_format

from gemauth.google.gemini.resources.models import Model
from gemauth.google.gemini.resources.permissions import Permission
from gemauth.google.gemini.resources.retrieval import (
    Chunk,
    Corpus,
    Document,
    MetadataFilter,
    RelevantChunk,
)
from gemauth.google.gemini.resources.tuned_models import TunedModel
from tests.interop.generativelanguage import read, rest_clients

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.client.gemini import Gemini
    from gemauth.google.gemini.resources.resource import Resource
    from tests.interop.recorder import Recorder

pytestmark = pytest.mark.interop

C, D, K = "corpora/c", "corpora/c/documents/d", "corpora/c/documents/d/chunks/k"
P = f"{C}/permissions/1"
X = "tunedModels/x"
DATA: dict[str, str | list[str] | float] = {"author": "Ada", "tags": ["a", "b"], "year": 1843.5}
ENTRIES = [
    published.CustomMetadata(key="author", string_value="Ada"),
    published.CustomMetadata(key="tags", string_list_value={"values": ["a", "b"]}),
    published.CustomMetadata(key="year", numeric_value=1843.5),
]
OURS = MetadataFilter.of("document.custom_metadata.year", (">=", 1800), ("!=", 1843.5))
THEIRS = published.MetadataFilter(
    key="document.custom_metadata.year",
    conditions=[
        {"numeric_value": 1800, "operation": "GREATER_EQUAL"},
        {"numeric_value": 1843.5, "operation": "NOT_EQUAL"},
    ],
)
WHY = published.Content(role="user", parts=[{"text": "why?"}])
BECAUSE = published.Content(role="user", parts=[{"text": "Because."}])
TEXTS = published.MetadataFilter(
    key="chunk.custom_metadata.tags", conditions=[{"string_value": "a", "operation": "INCLUDES"}]
)
FILTERS = [OURS, MetadataFilter.of("chunk.custom_metadata.tags", ("includes", "a"))]
READER = {"grantee_type": "USER", "email_address": "ada@example.com", "role": "READER"}


def chunk(text: str, **more: Any) -> published.Chunk:
    """Return the package's chunk."""
    return published.Chunk(data={"string_value": text}, **more)


# A call of ours; the package's method and its request; the message that the body is (None: none)
ROWS: list[tuple[Callable[[Gemini], Any], str, Any, Any]] = [
    (
        lambda api: list(api.models.list(page_size=7)),
        "list_models",
        published.ListModelsRequest(page_size=7),
        None,
    ),
    (
        lambda api: api.models.get("models/m"),
        "get_model",
        published.GetModelRequest(name="models/m"),
        None,
    ),
    (
        lambda api: list(api.tuned_models.list(filter="owner:me é", page_size=7)),
        "list_tuned_models",
        published.ListTunedModelsRequest(filter="owner:me é", page_size=7),
        None,
    ),
    (
        lambda api: api.tuned_models.get(X),
        "get_tuned_model",
        published.GetTunedModelRequest(name=X),
        None,
    ),
    (
        lambda api: api.tuned_models.patch(X, {"displayName": "Mine", "topK": 4}),
        "update_tuned_model",
        published.UpdateTunedModelRequest(
            tuned_model={"name": X, "display_name": "Mine", "top_k": 4},
            update_mask={"paths": ["display_name", "top_k"]},
        ),
        published.TunedModel,
    ),
    (
        lambda api: api.tuned_models.delete(X),
        "delete_tuned_model",
        published.DeleteTunedModelRequest(name=X),
        None,
    ),
    (
        lambda api: api.tuned_models.transfer_ownership(X, "bob@example.com"),
        "transfer_ownership",
        published.TransferOwnershipRequest(name=X, email_address="bob@example.com"),
        published.TransferOwnershipRequest,
    ),
    (
        lambda api: api.permissions.create(X, "writer", everyone=True),
        "create_permission",
        published.CreatePermissionRequest(
            parent=X, permission={"grantee_type": "EVERYONE", "role": "WRITER"}
        ),
        published.Permission,
    ),
    (
        lambda api: api.permissions.update(f"{X}/permissions/1", "reader"),
        "update_permission",
        published.UpdatePermissionRequest(
            permission={"name": f"{X}/permissions/1", "role": "READER"},
            update_mask={"paths": ["role"]},
        ),
        published.Permission,
    ),
    (
        lambda api: api.corpora.create("Mine", name=C),
        "create_corpus",
        published.CreateCorpusRequest(corpus={"name": C, "display_name": "Mine"}),
        published.Corpus,
    ),
    (lambda api: api.corpora.get(C), "get_corpus", published.GetCorpusRequest(name=C), None),
    (
        lambda api: list(api.corpora.list(page_size=7)),
        "list_corpora",
        published.ListCorporaRequest(page_size=7),
        None,
    ),
    (
        lambda api: api.corpora.patch(C, display_name="Ours"),
        "update_corpus",
        published.UpdateCorpusRequest(
            corpus={"name": C, "display_name": "Ours"}, update_mask={"paths": ["display_name"]}
        ),
        published.Corpus,
    ),
    (
        lambda api: api.corpora.delete(C, force=True),
        "delete_corpus",
        published.DeleteCorpusRequest(name=C, force=True),
        None,
    ),
    (
        lambda api: api.corpora.query(C, "why?", filters=FILTERS, results=5),
        "query_corpus",
        published.QueryCorpusRequest(
            name=C, query="why?", metadata_filters=[THEIRS, TEXTS], results_count=5
        ),
        published.QueryCorpusRequest,
    ),
    (
        lambda api: api.documents.create(C, "Notes", metadata=DATA, name=D),
        "create_document",
        published.CreateDocumentRequest(
            parent=C, document={"name": D, "display_name": "Notes", "custom_metadata": ENTRIES}
        ),
        published.Document,
    ),
    (lambda api: api.documents.get(D), "get_document", published.GetDocumentRequest(name=D), None),
    (
        lambda api: list(api.documents.list(C, page_size=7)),
        "list_documents",
        published.ListDocumentsRequest(parent=C, page_size=7),
        None,
    ),
    (
        lambda api: api.documents.patch(D, display_name="N", metadata=DATA),
        "update_document",
        published.UpdateDocumentRequest(
            document={"name": D, "display_name": "N", "custom_metadata": ENTRIES},
            update_mask={"paths": ["display_name", "custom_metadata"]},
        ),
        published.Document,
    ),
    (
        lambda api: api.documents.delete(D, force=True),
        "delete_document",
        published.DeleteDocumentRequest(name=D, force=True),
        None,
    ),
    (
        lambda api: api.documents.query(D, "why?", filters=FILTERS[1:], results=100),
        "query_document",
        published.QueryDocumentRequest(
            name=D, query="why?", metadata_filters=[TEXTS], results_count=100
        ),
        published.QueryDocumentRequest,
    ),
    (
        lambda api: api.chunks.create(D, "because", metadata=DATA, name=K),
        "create_chunk",
        published.CreateChunkRequest(
            parent=D, chunk=chunk("because", name=K, custom_metadata=ENTRIES)
        ),
        published.Chunk,
    ),
    (lambda api: api.chunks.get(K), "get_chunk", published.GetChunkRequest(name=K), None),
    (
        lambda api: list(api.chunks.list(D, page_size=7)),
        "list_chunks",
        published.ListChunksRequest(parent=D, page_size=7),
        None,
    ),
    (
        lambda api: api.chunks.patch(K, text="so", metadata=DATA),
        "update_chunk",
        published.UpdateChunkRequest(
            chunk=chunk("so", name=K, custom_metadata=ENTRIES),
            update_mask={"paths": ["data", "custom_metadata"]},
        ),
        published.Chunk,
    ),
    (lambda api: api.chunks.delete(K), "delete_chunk", published.DeleteChunkRequest(name=K), None),
    (
        lambda api: api.chunks.batch_create(D, [Chunk.of("a", DATA), Chunk.of("b", name=K)]),
        "batch_create_chunks",
        published.BatchCreateChunksRequest(
            parent=D,
            requests=[
                {"parent": D, "chunk": chunk("a", custom_metadata=ENTRIES)},
                {"parent": D, "chunk": chunk("b", name=K)},
            ],
        ),
        published.BatchCreateChunksRequest,
    ),
    (
        lambda api: api.chunks.batch_update(D, [Chunk.of("a", DATA, name=K)]),
        "batch_update_chunks",
        published.BatchUpdateChunksRequest(
            parent=D,
            requests=[
                {
                    "chunk": chunk("a", name=K, custom_metadata=ENTRIES),
                    "update_mask": {"paths": ["data", "custom_metadata"]},
                }
            ],
        ),
        published.BatchUpdateChunksRequest,
    ),
    (
        lambda api: api.chunks.batch_delete(D, [K]),
        "batch_delete_chunks",
        published.BatchDeleteChunksRequest(parent=D, requests=[{"name": K}]),
        published.BatchDeleteChunksRequest,
    ),
    (
        lambda api: api.answers.generate(
            "why?", source=C, style="verbose", filters=FILTERS, max_chunks=3, minimum_relevance=0.5
        ),
        "generate_answer",
        published.GenerateAnswerRequest(
            model="models/aqa",
            contents=[WHY],
            answer_style="VERBOSE",
            semantic_retriever={
                "source": C,
                "query": WHY,
                "metadata_filters": [THEIRS, TEXTS],
                "max_chunks_count": 3,
                "minimum_relevance_score": 0.5,
            },
        ),
        published.GenerateAnswerRequest,
    ),
    (
        lambda api: api.answers.generate("why?", passages={"a": "Because."}, temperature=0.5),
        "generate_answer",
        published.GenerateAnswerRequest(
            model="models/aqa",
            contents=[WHY],
            answer_style="ABSTRACTIVE",
            inline_passages={"passages": [{"id": "a", "content": BECAUSE}]},
            temperature=0.5,
        ),
        published.GenerateAnswerRequest,
    ),
    (
        lambda api: api.tuned_models.create(
            "models/b", [("1", "2")], name="tunedModels/x", display_name="X", temperature=0.5
        ),
        "create_tuned_model",
        published.CreateTunedModelRequest(
            tuned_model_id="x",
            tuned_model={
                "base_model": "models/b",
                "display_name": "X",
                "temperature": 0.5,
                "tuning_task": {
                    "training_data": {
                        "examples": {"examples": [{"text_input": "1", "output": "2"}]}
                    }
                },
            },
        ),
        published.TunedModel,
    ),
    (
        lambda api: api.permissions.create(C, "reader", user="ada@example.com"),
        "create_permission",
        published.CreatePermissionRequest(parent=C, permission=READER),
        published.Permission,
    ),
    (
        lambda api: api.share(C, "reader", user="ada@example.com"),
        "create_permission",
        published.CreatePermissionRequest(parent=C, permission=READER),
        published.Permission,
    ),
    (
        lambda api: list(api.permissions.list(C, page_size=7)),
        "list_permissions",
        published.ListPermissionsRequest(parent=C, page_size=7),
        None,
    ),
    (
        lambda api: api.permissions.get(P),
        "get_permission",
        published.GetPermissionRequest(name=P),
        None,
    ),
    (
        lambda api: api.permissions.update(P, "writer"),
        "update_permission",
        published.UpdatePermissionRequest(
            permission={"name": P, "role": "WRITER"}, update_mask={"paths": ["role"]}
        ),
        published.Permission,
    ),
    (
        lambda api: api.permissions.delete(P),
        "delete_permission",
        published.DeletePermissionRequest(name=P),
        None,
    ),
]


@pytest.fixture(scope="module")
def clients(server: Recorder) -> list[Any]:
    """The package's clients, with its own REST transports."""
    return rest_clients(
        server,
        published.RetrieverServiceClient,
        published.PermissionServiceClient,
        published.GenerativeServiceClient,
        published.ModelServiceClient,
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
    assert read(sent.body, body) == read(expected.body, body)
    assert read(sent.body, body).ByteSize() > 0


TIMES = {"create_time": "2026-11-22T08:00:00.123456Z", "update_time": "2026-11-22T09:00:00Z"}
MODEL = published.Model(
    name="models/m",
    base_model_id="m",
    version="001",
    display_name="M",
    input_token_limit=1_000_000,
    supported_generation_methods=["generateContent"],
    temperature=0.9,
    top_k=40,
)
TUNED = published.TunedModel(
    name=X,
    base_model="models/m",
    state="ACTIVE",
    temperature=0.0,
    reader_project_numbers=[2**53 + 1],
    tuning_task={
        "start_time": TIMES["create_time"],
        "snapshots": [{"step": 1, "mean_loss": 0.1, "compute_time": TIMES["update_time"]}],
        "hyperparameters": {"epoch_count": 5, "learning_rate": 0.001},
    },
    **TIMES,
)
GOING_ON = published.TunedModel(tuned_model_source={"tuned_model": X, "base_model": "models/m"})
CORPUS = published.Corpus(name=C, display_name="Mine", **TIMES)
DOCUMENT = published.Document(name=D, display_name="N", custom_metadata=ENTRIES, **TIMES)
CHUNK = chunk("because", name=K, custom_metadata=ENTRIES, state="STATE_ACTIVE", **TIMES)
FAILED = chunk("", name=f"{K}2", state="STATE_FAILED")
FOUND = published.RelevantChunk(chunk_relevance_score=0.1, chunk=CHUNK)
PERMISSION = published.Permission(name=P, **READER)

# An answer, the call of ours that reads it, and what it must have read
ANSWERS: list[tuple[Any, Callable[[Gemini], Any], list[Any], type[Resource]]] = [
    (
        published.ListModelsResponse(models=[MODEL, published.Model()]),
        lambda api: list(api.models.list()),
        [MODEL, published.Model()],
        Model,
    ),
    (
        published.ListTunedModelsResponse(tuned_models=[TUNED, GOING_ON]),
        lambda api: list(api.tuned_models.list()),
        [TUNED, GOING_ON],
        TunedModel,
    ),
    (CORPUS, lambda api: [api.corpora.get(C)], [CORPUS], Corpus),
    (
        published.ListCorporaResponse(corpora=[CORPUS, published.Corpus()]),
        lambda api: list(api.corpora.list()),
        [CORPUS, published.Corpus()],
        Corpus,
    ),
    (
        published.QueryCorpusResponse(relevant_chunks=[FOUND, FOUND]),
        lambda api: api.corpora.query(C, "?"),
        [FOUND, FOUND],
        RelevantChunk,
    ),
    (DOCUMENT, lambda api: [api.documents.get(D)], [DOCUMENT], Document),
    (
        published.ListDocumentsResponse(documents=[DOCUMENT]),
        lambda api: list(api.documents.list(C)),
        [DOCUMENT],
        Document,
    ),
    (
        published.QueryDocumentResponse(relevant_chunks=[FOUND]),
        lambda api: api.documents.query(D, "?"),
        [FOUND],
        RelevantChunk,
    ),
    (CHUNK, lambda api: [api.chunks.get(K)], [CHUNK], Chunk),
    (
        published.ListChunksResponse(chunks=[CHUNK, FAILED]),
        lambda api: list(api.chunks.list(D)),
        [CHUNK, FAILED],
        Chunk,
    ),
    (
        published.BatchCreateChunksResponse(chunks=[CHUNK, FAILED]),
        lambda api: api.chunks.batch_create(D, [Chunk.of("a"), Chunk.of("b")]),
        [CHUNK, FAILED],
        Chunk,
    ),
    (
        published.BatchUpdateChunksResponse(chunks=[CHUNK]),
        lambda api: api.chunks.batch_update(D, [Chunk.of("a", name=K)]),
        [CHUNK],
        Chunk,
    ),
    (
        published.ListPermissionsResponse(permissions=[PERMISSION]),
        lambda api: list(api.permissions.list(C)),
        [PERMISSION],
        Permission,
    ),
]


def test_an_answer_and_its_sources_are_read(api: Gemini, server: Recorder) -> None:
    """All of it, unknown members too: written again it is the package's message."""
    source = {"semantic_retriever_chunk": {"source": C, "chunk": K}}
    answer = published.GenerateAnswerResponse(
        answer={
            "content": BECAUSE,
            "grounding_attributions": [{"source_id": source, "content": BECAUSE}],
        },
        answerable_probability=0.25,
        input_feedback={"block_reason": "OTHER"},
    )
    server.answer = json_format.MessageToJson(type(answer).pb(answer))
    read_back = api.answers.generate("why?", source=C)
    server.asked.clear()
    assert read_back.text == "Because."
    (attribution,) = read_back.attributions
    assert attribution.source_id is not None
    assert attribution.source_id.semantic_retriever_chunk is not None
    assert attribution.source_id.semantic_retriever_chunk.chunk == K
    assert json_format.ParseDict(
        read_back.to_json(), published.GenerateAnswerResponse.pb(published.GenerateAnswerResponse())
    ) == type(answer).pb(answer)


@pytest.mark.parametrize("enums_as_ints", [False, True])
@pytest.mark.parametrize(("answer", "call", "expected", "kind"), ANSWERS)
def test_each_answer_is_read(
    answer: Any,
    call: Callable[[Gemini], Any],
    expected: list[Any],
    kind: type[Resource],
    enums_as_ints: bool,  # noqa: FBT001
    api: Gemini,
    server: Recorder,
) -> None:
    """Field by field: what we read, written again, is the package's message."""
    server.answer = json_format.MessageToJson(
        type(answer).pb(answer), use_integers_for_enums=enums_as_ints
    )
    found = call(api)
    server.asked.clear()
    assert all(type(resource) is kind for resource in found)
    assert [
        json_format.ParseDict(resource.to_json(), type(message).pb(type(message)()))
        for resource, message in zip(found, expected, strict=True)
    ] == [type(message).pb(message) for message in expected]
