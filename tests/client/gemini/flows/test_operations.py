from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.gemini.flows.operations import Operations
from gemauth.errors import UsageError
from gemauth.flow import Wait
from gemauth.google.gemini.resources.files import Operation
from tests.client.gemini.flows.api import MINE, expects
from tests.client.transcript import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow

DO = Operations(MINE)
O = "tunedModels/t/operations/o"  # noqa: E741  # it is no zero in this font
UPLOAD = "fileSearchStores/s/upload/operations/o"

# operation, verb, path, body (gemini-api.md section 9)
ROWS: list[tuple[Callable[[], Flow[Any]], str, str, Any]] = [
    (
        lambda: DO.list("tunedModels/t", page_size=3)(""),
        "GET",
        "tunedModels/t/operations?pageSize=3",
        None,
    ),
    (lambda: DO.list("batches")("t"), "GET", "batches?pageToken=t", None),
    (lambda: DO.list()(""), "GET", "operations", None),
    (lambda: DO.get(O), "GET", O, None),
    (lambda: DO.get(UPLOAD), "GET", UPLOAD, None),
    (lambda: DO.get("models/m/operations/o"), "GET", "models/m/operations/o", None),
    (lambda: DO.cancel(O), "POST", f"{O}:cancel", {}),
    (lambda: DO.cancel("batches/b"), "POST", "batches/b:cancel", None),
    (lambda: DO.delete("batches/b"), "DELETE", "batches/b", None),
]


@pytest.mark.parametrize(("operation", "verb", "path", "body"), ROWS)
def test_each_operation_is_one_request(
    operation: Callable[[], Flow[Any]], verb: str, path: str, body: Any
) -> None:
    """Verb, path, query and body as the API has them."""
    play(operation(), expects(verb, path, body))


def test_waiting() -> None:
    """It is looked at until it is done; a failure is an end too."""
    running = expects("GET", O, None, {"name": O})
    failed = expects("GET", O, None, {"name": O, "done": True, "error": {"code": 3}})
    lines = [running, (Wait(1.0), None), running, (Wait(1.5), None), failed]
    found = play(DO.wait(O), *lines)
    assert isinstance(found, Operation)
    assert found.error is not None


def test_a_name_that_is_none() -> None:
    """Nothing is sent for it."""
    with pytest.raises(UsageError):
        play(DO.get("operations/"))
