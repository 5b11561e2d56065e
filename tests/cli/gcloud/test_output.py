from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.cli.gcloud.call import Call
from gemauth.cli.gcloud.errors import GcloudError
from gemauth.cli.gcloud.grammar import Parsed
from gemauth.cli.gcloud.output import write, write_all
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

THING: Mapping[str, Any] = {"a": {"b": 1, "c": None}, "d": True, "e": "text"}


def written(text: str | None, *, several: bool = False) -> str:
    """Return what a `--format` writes."""
    there = Terminal()
    call = Call(Parsed(None, (), {} if text is None else {"format": text}), there.console)
    if several:
        write_all(call, [THING, {"e": "other"}], lambda: "all of them")
    else:
        write(call, THING, lambda: "itself")
    return there.out


@pytest.mark.parametrize(
    ("text", "out"),
    [
        (None, "itself\n"),
        ("", "itself\n"),
        ("default", "itself\n"),
        ("none", ""),
        ("disable", ""),
        ("value(e)", "text\n"),
        ("get(e)", "text\n"),
        ("value(a.b,e)", "1\ttext\n"),
        ("value(a.b, d)", "1\tTrue\n"),
        ("value(a.c)", "\n"),
        ("value(a.b.c)", "\n"),
        ("value(nothing)", "\n"),
    ],
)
def test_one_thing(text: str | None, out: str) -> None:
    """Each form; what is not there is empty."""
    assert written(text) == out


def test_json() -> None:
    """The members as they are."""
    assert json.loads(written("json")) == THING
    assert json.loads(written("json", several=True)) == [THING, {"e": "other"}]


def test_several() -> None:
    """A line for each."""
    assert written("value(e)", several=True) == "text\nother\n"
    assert written(None, several=True) == "all of them\n"


@pytest.mark.parametrize("text", ["yaml", "csv(e)", "value()", "value(e", "table(a)", "json(a)"])
def test_other_forms(text: str) -> None:
    """A form that is not understood is an error, and not another form."""
    with pytest.raises(GcloudError, match="--format"):
        written(text)
