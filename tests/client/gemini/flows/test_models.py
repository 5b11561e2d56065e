from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.gemini.flows.models import Models
from tests.client.gemini.flows.api import MINE, expects
from tests.client.transcript import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow

DO = Models(MINE)

# operation, verb, path, body (gemini-api.md section 4)
ROWS: list[tuple[Callable[[], Flow[Any]], str, str, Any]] = [
    (lambda: DO.list()(""), "GET", "models", None),
    (lambda: DO.list(page_size=5)("t"), "GET", "models?pageSize=5&pageToken=t", None),
    (lambda: DO.get("models/m"), "GET", "models/m", None),
    (lambda: DO.get("m"), "GET", "models/m", None),
]


@pytest.mark.parametrize(("operation", "verb", "path", "body"), ROWS)
def test_each_operation_is_one_request(
    operation: Callable[[], Flow[Any]], verb: str, path: str, body: Any
) -> None:
    """Verb, path, query and body as the API has them."""
    play(operation(), expects(verb, path, body))
