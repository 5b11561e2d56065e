from __future__ import annotations

from typing import Any

import pytest

from gemauth.emulator.control.document import Members
from gemauth.google.status import Code, StatusError


def problems(body: Any, *reads: tuple[str, str]) -> list[tuple[str, str]]:
    """Read members with named readers; return what was noted."""
    members = Members(body)
    for reader, name in reads:
        getattr(members, reader)(name)
    return members.problems


def test_values_are_returned_as_they_are_meant() -> None:
    """Text is stripped, addresses and domains are lower case, lists have each value once"""
    body = Members(
        {"t": " a ", "e": "Ada@Example.com", "d": "Example.COM", "l": ["x", "x"], "f": True}
    )
    assert body.text("t") == "a"
    assert body.email("e") == "ada@example.com"
    assert body.domain("d") == "example.com"
    assert body.texts("l") == ("x",)
    assert body.flag("f", default=False) is True
    body.refuse_problems()


def test_defaults_stand_in_for_missing_and_null_members() -> None:
    """A missing member and one that is null take the default"""
    body = Members({"null": None})
    assert body.text("null", default="x") == "x"
    assert body.text("missing", default="y") == "y"
    assert body.optional("null") is None
    assert body.domain("missing") is None
    assert body.choice("missing", ("a", "b"), default="a") == "a"
    assert body.mapping("missing") == {}
    assert body.objects("missing") == []
    assert body.member("null") is None
    body.refuse_problems()


@pytest.mark.parametrize(
    ("reader", "value", "problem"),
    [
        ("text", "", "must be a string that is not empty"),
        ("text", 7, "must be a string that is not empty"),
        ("text", "x" * 201, "must have 200 printable characters or fewer"),
        ("text", "a\x1b[2J", "must have 200 printable characters or fewer"),
        ("email", "ada", "must be an e-mail address such as ada@example.com"),
        ("email", ["ada@example.com"], "must be an e-mail address"),
        ("domain", "-x", "must be a domain name such as example.com"),
        ("texts", "a", "must be a list"),
        ("mapping", [], "must be a JSON object"),
        ("objects", {}, "must be a list"),
    ],
)
def test_a_wrong_value_is_named_with_its_path(reader: str, value: Any, problem: str) -> None:
    """Each reader notes the member's path and what it must be"""
    assert problems({"m": value}, (reader, "m")) == [("m", problem)]


def test_items_of_lists_are_named_by_their_index() -> None:
    """A wrong item of a list is named with its index, and so is an object in a list"""
    body = Members({"l": ["ok", 1], "e": ["no"], "o": [{}, 3]})
    body.texts("l")
    body.emails("e")
    for part in body.objects("o"):
        part.text("name")
    assert [path for path, _ in body.problems] == ["l[1]", "e[0]", "o[1]", "o[0].name", "o[1].name"]


def test_choices_and_flags_refuse_what_is_not_theirs() -> None:
    """A choice takes its options only, a flag true and false only, not 1"""
    body = Members({"c": "z", "f": 1})
    assert body.choice("c", ("a", "b")) == ""
    assert body.flag("f", default=True) is False
    assert [text for _, text in body.problems] == ["must be one of a, b", "must be true or false"]


def test_a_misspelt_member_is_refused() -> None:
    """A member that nothing has read is a problem: a misspelt option must not be ignored"""
    body = Members({"naem": "x"})
    body.text("name", default="")
    with pytest.raises(StatusError) as caught:
        body.refuse_problems()
    assert "naem: is not known here; known are name" in caught.value.status.message


def test_all_problems_are_told_at_once() -> None:
    """The refusal is INVALID_ARGUMENT and carries every problem as a field violation"""
    body = Members({"a": 1})
    body.text("a")
    body.text("b")
    with pytest.raises(StatusError) as caught:
        body.refuse_problems()
    status = caught.value.status
    assert status.code is Code.INVALID_ARGUMENT
    assert [v["field"] for v in status.details[0]["fieldViolations"]] == ["a", "b"]


def test_what_is_no_object_is_refused() -> None:
    """A body that is a list, a number or nothing is no JSON object"""
    values: list[Any] = [[], 3, None]
    for value in values:
        with pytest.raises(StatusError, match="The body must be a JSON object"):
            Members(value).refuse_problems()
