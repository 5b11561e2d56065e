from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.gemini.flows.chunks import Chunks
from gemauth.errors import UsageError
from gemauth.google.gemini.resources.retrieval import Chunk
from tests.client.gemini.flows.api import MINE, expects
from tests.client.transcript import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow

DO = Chunks(MINE)
D = "corpora/c/documents/d"
K = f"{D}/chunks/k"
TEXT = {"data": {"stringValue": "hello"}}
YEAR = {"customMetadata": [{"key": "year", "numericValue": 1843.0}]}

# operation, verb, path, body (gemini-api.md section 7)
ROWS: list[tuple[Callable[[], Flow[Any]], str, str, Any]] = [
    (lambda: DO.list(D, page_size=3)(""), "GET", f"{D}/chunks?pageSize=3", None),
    (lambda: DO.get(K), "GET", K, None),
    (lambda: DO.create(D, "hello"), "POST", f"{D}/chunks", TEXT),
    (
        lambda: DO.create(D, "hello", metadata={"year": 1843}, name=K),
        "POST",
        f"{D}/chunks",
        {"name": K, **TEXT, **YEAR},
    ),
    (lambda: DO.patch(K, text="hello"), "PATCH", f"{K}?updateMask=data", TEXT),
    (
        lambda: DO.patch(K, text="hello", metadata={"year": 1843}),
        "PATCH",
        f"{K}?updateMask=data%2CcustomMetadata",
        {**TEXT, **YEAR},
    ),
    (lambda: DO.delete(K), "DELETE", K, None),
    (
        lambda: DO.batch_create(D, [Chunk.of("hello")]),
        "POST",
        f"{D}/chunks:batchCreate",
        {"requests": [{"parent": D, "chunk": TEXT}]},
    ),
    (
        lambda: DO.batch_update(
            D, [Chunk.of("hello", name=K), Chunk.of("hello", {"year": 1843}, name=K)]
        ),
        "POST",
        f"{D}/chunks:batchUpdate",
        {
            "requests": [
                {"chunk": {"name": K, **TEXT}, "updateMask": "data"},
                {"chunk": {"name": K, **TEXT, **YEAR}, "updateMask": "data,customMetadata"},
            ]
        },
    ),
    (
        lambda: DO.batch_delete(D, [K]),
        "POST",
        f"{D}/chunks:batchDelete",
        {"requests": [{"name": K}]},
    ),
]


@pytest.mark.parametrize(("operation", "verb", "path", "body"), ROWS)
def test_each_operation_is_one_request(
    operation: Callable[[], Flow[Any]], verb: str, path: str, body: Any
) -> None:
    """Verb, path, query and body as the API has them."""
    play(operation(), expects(verb, path, body))


def test_nothing_to_change() -> None:
    """Is said before anything is sent, of one chunk and of any in a batch."""
    with pytest.raises(UsageError, match="nothing to change"):
        DO.patch(K)
    for wrong in (Chunk.of("hello"), Chunk(name=K)):
        with pytest.raises(UsageError, match="needs its name, and a text or metadata"):
            DO.batch_update(D, [Chunk.of("hello", name=K), wrong])
