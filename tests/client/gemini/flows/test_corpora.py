from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.gemini.flows.corpora import Corpora
from gemauth.google.gemini.resources.retrieval import MetadataFilter
from tests.client.gemini.flows.api import MINE, expects
from tests.client.transcript import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow

DO = Corpora(MINE)
C = "corpora/c"
FILTER = MetadataFilter.of("document.custom_metadata.year", (">", 1900))
FILTER_JSON = {
    "key": "document.custom_metadata.year",
    "conditions": [{"numericValue": 1900.0, "operation": "GREATER"}],
}

# operation, verb, path, body (gemini-api.md section 7)
ROWS: list[tuple[Callable[[], Flow[Any]], str, str, Any]] = [
    (lambda: DO.list(page_size=3)("t"), "GET", "corpora?pageSize=3&pageToken=t", None),
    (lambda: DO.get("c"), "GET", C, None),
    (lambda: DO.create("Mine"), "POST", "corpora", {"displayName": "Mine"}),
    (lambda: DO.create(name="c"), "POST", "corpora", {"name": C}),
    (
        lambda: DO.patch(C, display_name=""),
        "PATCH",
        f"{C}?updateMask=displayName",
        {"displayName": ""},
    ),
    (lambda: DO.delete(C), "DELETE", C, None),
    (lambda: DO.delete(C, force=True), "DELETE", f"{C}?force=true", None),
    (lambda: DO.query(C, "why?"), "POST", f"{C}:query", {"query": "why?"}),
    (
        lambda: DO.query("c", "why?", filters=[FILTER], results=5),
        "POST",
        f"{C}:query",
        {"query": "why?", "metadataFilters": [FILTER_JSON], "resultsCount": 5},
    ),
]


@pytest.mark.parametrize(("operation", "verb", "path", "body"), ROWS)
def test_each_operation_is_one_request(
    operation: Callable[[], Flow[Any]], verb: str, path: str, body: Any
) -> None:
    """Verb, path, query and body as the API has them."""
    play(operation(), expects(verb, path, body))


def test_what_a_query_finds() -> None:
    """Chunks with their scores and documents, in the API's order."""
    chunk = {"name": f"{C}/documents/d/chunks/k", "data": {"stringValue": "because"}}
    found = {"chunkRelevanceScore": 0.5, "chunk": chunk, "document": {"displayName": "D"}}
    result = play(
        DO.query(C, "why?"),
        expects("POST", f"{C}:query", {"query": "why?"}, {"relevantChunks": [found]}),
    )
    assert len(result) == 1
    assert result[0].chunk_relevance_score == 0.5
    assert result[0].chunk is not None
    assert result[0].chunk.text == "because"
    assert result[0].document is not None
    assert result[0].document.display_name == "D"
