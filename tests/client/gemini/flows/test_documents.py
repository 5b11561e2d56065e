from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.gemini.flows.documents import Documents
from gemauth.errors import UsageError
from tests.client.gemini.flows.api import MINE, expects
from tests.client.transcript import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow

DO = Documents(MINE)
C = "corpora/c"
D = f"{C}/documents/d"
YEAR = [{"key": "year", "numericValue": 1843.0}]

# operation, verb, path, body (gemini-api.md section 7)
ROWS: list[tuple[Callable[[], Flow[Any]], str, str, Any]] = [
    (lambda: DO.list("c", page_size=3)(""), "GET", f"{C}/documents?pageSize=3", None),
    (lambda: DO.get(D), "GET", D, None),
    (
        lambda: DO.create("c", "Notes", metadata={"year": 1843}, name=D),
        "POST",
        f"{C}/documents",
        {"name": D, "displayName": "Notes", "customMetadata": YEAR},
    ),
    (lambda: DO.create(C), "POST", f"{C}/documents", {}),
    (
        lambda: DO.patch(D, display_name="N", metadata={"year": 1843}),
        "PATCH",
        f"{D}?updateMask=displayName%2CcustomMetadata",
        {"displayName": "N", "customMetadata": YEAR},
    ),
    (
        lambda: DO.patch(D, metadata={}),
        "PATCH",
        f"{D}?updateMask=customMetadata",
        {"customMetadata": []},
    ),
    (lambda: DO.delete(D), "DELETE", D, None),
    (lambda: DO.delete(D, force=True), "DELETE", f"{D}?force=true", None),
    (
        lambda: DO.query(D, "why?", results=1),
        "POST",
        f"{D}:query",
        {"query": "why?", "resultsCount": 1},
    ),
]


@pytest.mark.parametrize(("operation", "verb", "path", "body"), ROWS)
def test_each_operation_is_one_request(
    operation: Callable[[], Flow[Any]], verb: str, path: str, body: Any
) -> None:
    """Verb, path, query and body as the API has them."""
    play(operation(), expects(verb, path, body))


def test_nothing_to_change() -> None:
    """Is said before anything is sent."""
    with pytest.raises(UsageError, match="nothing to change"):
        DO.patch(D)
