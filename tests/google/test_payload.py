from __future__ import annotations

import pytest

from gemauth.google.invalid import InvalidRequestError
from gemauth.google.payload import parse_json

SYNTAX = [
    (b'{"a": 1', 'Unexpected end of string. Expected , or } after key:value pair.\n{"a": 1\n'),
    (b'{"a" 1}', "Expected : between key:value pair."),
    (b"{a: 1}", "Expected an object key or }."),
    (b'{"a": 1 "b"}', "Expected , or } after key:value pair."),
    (b'{"a": [1 2]}', "Expected , or ] after array value."),
    (b'{"a": "\\"]}", "b": [1 2]}', "Expected , or ] after array value."),
    (b'{"a": {"b": []} 1}', "Expected , or } after key:value pair."),
    (b'{"a": ', "Unexpected end of string. Expected a value."),
    (b'{"a": x}', "Unexpected token."),
    (b'{"a": NaN}', "Unexpected token."),
    (b"{} {}", "Unexpected token."),
    (b'{"a": "\xff"}', "Encountered non UTF-8 code points."),
    (b'{"a": "\\ud800"}', "Encountered non UTF-8 code points."),
    (b"[" * 100_000, "Unable to parse number or nesting."),
    (b'{"a": ' + b"1" * 10_000 + b"}", "Unable to parse number or nesting."),
]


@pytest.mark.parametrize(("body", "text"), SYNTAX)
def test_what_is_no_json_is_said_with_its_place(body: bytes, text: str) -> None:
    """Malformed JSON is 400 without details; the text says what was expected."""
    with pytest.raises(InvalidRequestError) as refused:
        parse_json(body)
    assert refused.value.message.startswith(f"Invalid JSON payload received. {text}")
    assert refused.value.violations == ()


def test_a_caret_points_at_the_place() -> None:
    """The text shows twenty characters around the error and a caret below it."""
    with pytest.raises(InvalidRequestError) as refused:
        parse_json(b'{"displayName": "a name" "description": "more and more"}')
    _, shown, caret = refused.value.message.split("\n")
    assert shown == 'playName": "a name" "description": "more'
    assert caret == " " * 20 + "^"
    assert shown[20:].startswith('"description"')


def test_no_body_is_an_empty_object() -> None:
    """A POST without a body has no fields, and is no syntax error."""
    assert parse_json(b"") == parse_json(" \n") == {}
