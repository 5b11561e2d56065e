from __future__ import annotations

import pytest

from gemauth.client.selftest import fact
from gemauth.http import Headers, Response
from tests.client.doctor.google import refused
from tests.client.transcript import answer

HTML = Response(200, Headers({"Content-Type": "text/html"}), b"<html>")


@pytest.mark.parametrize(
    ("expected", "fits"),
    [
        (fact.status(200, 403), refused(403, "PERMISSION_DENIED")),
        (fact.has("a", "b"), answer(a=1, b=2, c=3)),
        (fact.error("invalid_grant"), answer(400, error="invalid_grant")),
        (fact.error("x", "y"), answer(400, error="x", error_description="y")),
        (fact.text("PERMISSION_DENIED", "No"), refused(403, "PERMISSION_DENIED")),
        (fact.reason("A", "B"), refused(403, "PERMISSION_DENIED", reason="B")),
        (
            fact.content_type("application/json;charset=utf-8"),
            answer(200, {"Content-Type": "application/json; charset=UTF-8"}),
        ),
    ],
    ids=lambda value: value.words if isinstance(value, fact.Fact) else "",
)
def test_facts_can_be_wrong(expected: fact.Fact, fits: Response) -> None:
    """Each holds for what it describes, and not for what is like it."""
    assert expected.holds(fits)
    others = (
        Response(418),
        answer(400, error="invalid_grant2", error_description="y", a=1),
        answer(400, error="x", error_description="z"),
        refused(409, "ABORTED", reason="C"),
    )
    assert not any(expected.holds(other) for other in others)
    assert not expected.holds(HTML) or expected.words.startswith("HTTP 200")


def test_a_body_that_is_none() -> None:
    """What is no JSON object has no members."""
    assert fact.body(HTML) == {}
