from __future__ import annotations

from typing import Any

import pytest

from gemauth.errors import UsageError
from gemauth.google.gemini.resources.retrieval import (
    Chunk,
    ChunkData,
    Condition,
    CustomMetadata,
    Document,
    MetadataFilter,
    Operator,
    StringList,
)

PLAIN: dict[str, str | list[str] | float] = {
    "author": "Ada",
    "tags": ["a", "b"],
    "year": 1843,
    "zero": 0.0,
    "empty": "",
}


def test_metadata_of_plain_values() -> None:
    """Text, a list of texts and a number have a kind each; values that are zero stay."""
    entries = CustomMetadata.of(PLAIN)
    assert [entry.to_json() for entry in entries] == [
        {"key": "author", "stringValue": "Ada"},
        {"key": "tags", "stringListValue": {"values": ["a", "b"]}},
        {"key": "year", "numericValue": 1843.0},
        {"key": "zero", "numericValue": 0.0},
        {"key": "empty", "stringValue": ""},
    ]
    assert entries[1].string_list_value == StringList(values=("a", "b"))


def test_metadata_as_plain_values() -> None:
    """What went in comes out, of a document and of a chunk."""
    expected = {**PLAIN, "tags": ("a", "b")}
    entries = CustomMetadata.of(PLAIN)
    assert Document(custom_metadata=entries).metadata == expected
    assert Chunk(custom_metadata=entries).metadata == expected
    assert CustomMetadata(key="none").value is None


@pytest.mark.parametrize("value", [True, None, {"a": 1}, [1], b"x"])
def test_metadata_of_another_kind(value: Any) -> None:
    """Named by its key, before anything is sent."""
    with pytest.raises(UsageError, match="metadata 'k'"):
        CustomMetadata.of({"k": value})


def test_a_chunk_of_a_text() -> None:
    """The short way, and back."""
    chunk = Chunk.of("hello", {"n": 1})
    assert chunk.data == ChunkData(string_value="hello")
    assert chunk.text == "hello"
    assert chunk.metadata == {"n": 1.0}
    assert Chunk().text == ""


def test_a_filter_of_symbols() -> None:
    """Each operator has its sign; several conditions are any of them."""
    made = MetadataFilter.of("chunk.custom_metadata.year", ("<", 1900), (">=", 2000.5))
    assert made.conditions == (
        Condition(numeric_value=1900.0, operation=Operator.LESS),
        Condition(numeric_value=2000.5, operation=Operator.GREATER_EQUAL),
    )
    assert MetadataFilter.of("k", ("includes", "x")).to_json() == {
        "key": "k",
        "conditions": [{"stringValue": "x", "operation": "INCLUDES"}],
    }


def test_an_operator_that_is_none() -> None:
    """The error lists those there are."""
    with pytest.raises(UsageError, match="'=' is no operator: <, <=, =="):
        MetadataFilter.of("k", ("=", 1))
