from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.emulator.gemini.partial_response import parse_fields, select
from gemauth.google.invalid import InvalidRequestError
from tests.emulator.gemini.world import World  # noqa: TC001  # a fixture's type, checked at run time

ANSWER = {
    "models": [{"name": "a", "topK": 1, "task": {"x": 1, "y": 2}}, {"name": "b"}],
    "next": "t",
}


@pytest.mark.parametrize(
    ("text", "picked"),
    [
        ("", ANSWER),
        ("*", ANSWER),
        ("next", {"next": "t"}),
        ("models(name)", {"models": [{"name": "a"}, {"name": "b"}]}),
        ("models/name,next", {"models": [{"name": "a"}, {"name": "b"}], "next": "t"}),
        ("models(name,task/x)", {"models": [{"name": "a", "task": {"x": 1}}, {"name": "b"}]}),
        ("models/task(x),models/topK", {"models": [{"topK": 1, "task": {"x": 1}}, {}]}),
        ("*/name", {"models": [{"name": "a"}, {"name": "b"}], "next": "t"}),
        ("colour", {}),
        (" models ( name ) ", {"models": [{"name": "a"}, {"name": "b"}]}),
    ],
)
def test_select(text: str, picked: Any) -> None:
    """A selection picks by name, through lists, with / and parentheses meaning the same."""
    assert select(ANSWER, parse_fields(text)) == picked


@pytest.mark.parametrize(
    "text", ["(", ")", "a(", "a()", "a,", ",a", "a/", "a b", "a(b))", "é", "a//b", "a(b"]
)
def test_no_selection(text: str) -> None:
    """What does not parse is refused rather than ignored."""
    with pytest.raises(InvalidRequestError):
        parse_fields(text)


@given(st.text(alphabet="ab(),/* ", max_size=40))
def test_any_text_is_a_selection_or_refused(text: str) -> None:
    """No text breaks the parser, and no selection adds to an answer."""
    try:
        selection = parse_fields(text)
    except InvalidRequestError:
        return
    assert set(select(ANSWER, selection)) <= set(ANSWER)


def test_depth_is_bounded() -> None:
    """A hostile depth of parentheses is refused, not followed."""
    with pytest.raises(InvalidRequestError):
        parse_fields("a(" * 5000 + "a" + ")" * 5000)


def test_over_rest(world: World) -> None:
    """`fields` is applied to the answer, and refused before anything is done."""
    answer = world.call("GET", "/v1beta/models", fields="models/name")
    assert {tuple(model) for model in answer.json()["models"]} == {("name",)}
    path = "/v1beta/tunedModels/sentences-k3"
    assert world.call("DELETE", path, fields="(").status_code == 400
    assert world.call("GET", path).status_code == 200
