from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.gemini.flows.caches import Caches
from gemauth.errors import UsageError
from tests.client.gemini.flows.api import MINE, expects
from tests.client.transcript import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow

DO = Caches(MINE)
C = "cachedContents/c"
HI = [{"role": "user", "parts": [{"text": "Hi"}]}]
CREATED = {
    "model": "models/g",
    "ttl": "90.5s",
    "contents": HI,
    "systemInstruction": HI[0],
    "tools": [{"codeExecution": {}}],
    "displayName": "Mine",
    "toolConfig": {},
}

# operation, verb, path, body (gemini-api.md section 9)
ROWS: list[tuple[Callable[[], Flow[Any]], str, str, Any]] = [
    (lambda: DO.list(page_size=3)("t"), "GET", "cachedContents?pageSize=3&pageToken=t", None),
    (lambda: DO.get("c"), "GET", C, None),
    (lambda: DO.create("g"), "POST", "cachedContents", {"model": "models/g"}),
    (
        lambda: DO.create(
            "models/g",
            "Hi",
            system="Hi",
            tools=[{"codeExecution": {}}],
            ttl=90.5,
            display_name="Mine",
            fields={"toolConfig": {}},
        ),
        "POST",
        "cachedContents",
        CREATED,
    ),
    (
        lambda: DO.patch(C, ttl=3600),
        "PATCH",
        f"{C}?updateMask=ttl",
        {"ttl": "3600s"},
    ),
    (
        lambda: DO.patch("c", expire_time="2026-12-01T00:00:00Z"),
        "PATCH",
        f"{C}?updateMask=expireTime",
        {"expireTime": "2026-12-01T00:00:00Z"},
    ),
    (lambda: DO.delete(C), "DELETE", C, None),
]


@pytest.mark.parametrize(("operation", "verb", "path", "body"), ROWS)
def test_each_operation_is_one_request(
    operation: Callable[[], Flow[Any]], verb: str, path: str, body: Any
) -> None:
    """Verb, path, query and body as the API has them."""
    play(operation(), expects(verb, path, body))


def test_an_end_is_one_thing() -> None:
    """A time to live or an end, not both; a patch changes one of them."""
    for times in ({}, {"ttl": 1.0, "expire_time": "x"}):
        arguments: Any = times
        with pytest.raises(UsageError, match="ttl"):
            DO.patch("c", **arguments)
    with pytest.raises(UsageError, match="ttl"):
        DO.create("g", ttl=1, expire_time="x")
