from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from gemauth.google.gemini.resources.reader import compiled


@dataclass(frozen=True, slots=True)
class Thing:
    """One field of each kind."""

    text: str = ""
    number: int = 0
    share: float | None = None
    flag: bool = False
    names: tuple[str, ...] = ()
    other: dict[str, Any] = field(default_factory=dict)


KINDS: dict[str, tuple[str, Any]] = {
    "text": ("theText", str),
    "number": ("theNumber", int),
    "share": ("theShare", float | None),
    "flag": ("theFlag", bool),
    "names": ("theNames", tuple[str, ...]),
    "other": ("theOther", dict[str, Any]),
}


def read(value: dict[str, Any]) -> tuple[Thing, list[tuple[str, Any]]]:
    """Return the thing, and the fields that were left to the careful way."""
    left: list[tuple[str, Any]] = []

    def careful(cls: type[Any], name: str, value: Any) -> Any:
        assert cls is Thing
        left.append((name, value))
        return "careful"

    made: Thing = compiled(Thing, KINDS, careful)(value)
    return made, left


def test_what_is_of_its_type() -> None:
    """It is taken as it is; a whole number is a float where one is expected."""
    thing, left = read(
        {
            "theText": "a",
            "theNumber": 1,
            "theShare": 1,
            "theFlag": True,
            "theNames": ["x", "y"],
            "unknown": 1,
        }
    )
    assert thing == Thing("a", 1, 1.0, flag=True, names=("x", "y"))
    assert type(thing.share) is float
    assert left == []


@pytest.mark.parametrize("value", [{}, {name: None for name, _ in KINDS.values()}])
def test_what_is_not_there(value: dict[str, Any]) -> None:
    """A field that is absent or null has its default, a new one where it is made."""
    thing, left = read(value)
    assert (thing, left) == (Thing(), [])
    assert thing.other is not read(value)[0].other


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 1),
        ("number", "1"),
        ("number", True),
        ("number", 1.0),
        ("share", "NaN"),
        ("flag", 1),
        ("names", ["x", 1]),
        ("names", "xy"),
        ("other", {"a": 1}),
    ],
)
def test_everything_else(name: str, value: Any) -> None:
    """What is of another type, or of one that has no short way, is left to the careful way."""
    thing, left = read({KINDS[name][0]: value})
    assert left == [(name, value)]
    assert getattr(thing, name) == "careful"
