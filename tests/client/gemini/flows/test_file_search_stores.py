from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.gemini.flows.file_search_stores import FileSearchStores
from gemauth.errors import UsageError
from gemauth.flow import run
from gemauth.google.endpoints import GOOGLE
from gemauth.http import Headers, Request, Response
from tests.client.calls.test_uploads import SESSION, Server
from tests.client.gemini.flows.api import MINE, expects
from tests.client.transcript import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow

DO = FileSearchStores(MINE)
S, D = "fileSearchStores/s", "fileSearchStores/s/documents/d"
CHUNKING = {"whiteSpaceConfig": {"maxTokensPerChunk": 200}}
METADATA = [{"key": "author", "stringValue": "Ada"}]

# operation, verb, path, body (gemini-api.md section 9)
ROWS: list[tuple[Callable[[], Flow[Any]], str, str, Any]] = [
    (lambda: DO.list(page_size=3)("t"), "GET", "fileSearchStores?pageSize=3&pageToken=t", None),
    (lambda: DO.get("s"), "GET", S, None),
    (
        lambda: DO.create("Mine", embedding_model="e"),
        "POST",
        "fileSearchStores",
        {"displayName": "Mine", "embeddingModel": "models/e"},
    ),
    (lambda: DO.delete(S), "DELETE", S, None),
    (lambda: DO.delete(S, force=True), "DELETE", f"{S}?force=true", None),
    (lambda: DO.import_file("s", "f"), "POST", f"{S}:importFile", {"fileName": "files/f"}),
    (
        lambda: DO.import_file(S, "files/f", metadata={"author": "Ada"}, chunking=CHUNKING),
        "POST",
        f"{S}:importFile",
        {"fileName": "files/f", "customMetadata": METADATA, "chunkingConfig": CHUNKING},
    ),
    (lambda: DO.list_documents("s", page_size=3)(""), "GET", f"{S}/documents?pageSize=3", None),
    (lambda: DO.get_document(D), "GET", D, None),
    (lambda: DO.delete_document(D), "DELETE", D, None),
    (lambda: DO.delete_document(D, force=True), "DELETE", f"{D}?force=true", None),
]


@pytest.mark.parametrize(("operation", "verb", "path", "body"), ROWS)
def test_each_operation_is_one_request(
    operation: Callable[[], Flow[Any]], verb: str, path: str, body: Any
) -> None:
    """Verb, path, query and body as the API has them."""
    play(operation(), expects(verb, path, body))


def test_an_upload() -> None:
    """The resumable protocol, whose answer is an operation."""
    name = f"{S}/upload/operations/o"

    class Store(Server):
        def _answer(self, request: Request) -> Response:
            answer = super()._answer(request)
            if answer.body:
                return Response(200, answer.headers, json.dumps({"name": name}).encode())
            return answer

    server = Store()
    flow = DO.upload(
        "s",
        b"hello",
        mime_type="text/plain",
        display_name="Shown",
        metadata={"author": "Ada"},
        chunking=CHUNKING,
    )
    assert run(flow, server).name == name
    start, piece = server.asked
    assert start.url == f"{GOOGLE.gemini}/upload/v1beta/{S}:uploadToFileSearchStore"
    assert json.loads(start.body) == {
        "displayName": "Shown",
        "mimeType": "text/plain",
        "customMetadata": METADATA,
        "chunkingConfig": CHUNKING,
    }
    assert (piece.url, piece.body) == (SESSION, b"hello")
    assert "authorization" not in Headers(dict(piece.headers))


def test_a_store_that_is_none() -> None:
    """Nothing is sent to a path that a name smuggled in."""
    server = Server()
    with pytest.raises(UsageError, match="fileSearchStores"):
        run(DO.upload("files/../x", b"", mime_type="text/plain"), server)
    assert server.asked == []
