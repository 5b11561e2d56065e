"""Corpora, their documents and chunks, and what a query asks and answers (gemini-api.md section 7).

`CustomMetadata.of`, `MetadataFilter.of`, `Chunk.of` and `Document.of` make them from plain values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.errors import UsageError
from gemauth.google.gemini.resources.resource import Enumeration, Resource

__all__ = [
    "Chunk",
    "ChunkData",
    "ChunkState",
    "Condition",
    "Corpus",
    "CustomMetadata",
    "Document",
    "MetadataFilter",
    "Operator",
    "RelevantChunk",
    "StringList",
]

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    # What a metadata entry may be: text, several texts, or a number (single precision).
    Value = str | Sequence[str] | float
    Metadata = Mapping[str, Value]


class ChunkState(Enumeration):
    """Whether a chunk can be found yet."""

    STATE_UNSPECIFIED = "STATE_UNSPECIFIED", 0
    STATE_PENDING_PROCESSING = "STATE_PENDING_PROCESSING", 1
    STATE_ACTIVE = "STATE_ACTIVE", 2
    STATE_FAILED = "STATE_FAILED", 10


class Operator(Enumeration):
    """How a condition compares; order is for numbers, INCLUDES and EXCLUDES for lists of texts."""

    OPERATOR_UNSPECIFIED = "OPERATOR_UNSPECIFIED", 0
    LESS = "LESS", 1
    LESS_EQUAL = "LESS_EQUAL", 2
    EQUAL = "EQUAL", 3
    GREATER_EQUAL = "GREATER_EQUAL", 4
    GREATER = "GREATER", 5
    NOT_EQUAL = "NOT_EQUAL", 6
    INCLUDES = "INCLUDES", 7
    EXCLUDES = "EXCLUDES", 8


SYMBOLS = {
    "<": Operator.LESS,
    "<=": Operator.LESS_EQUAL,
    "==": Operator.EQUAL,
    ">=": Operator.GREATER_EQUAL,
    ">": Operator.GREATER,
    "!=": Operator.NOT_EQUAL,
    "includes": Operator.INCLUDES,
    "excludes": Operator.EXCLUDES,
}


class StringList(Resource, frozen=True, kw_only=True):
    """Several texts as one value."""

    values: tuple[str, ...] = ()


class CustomMetadata(Resource, frozen=True, kw_only=True):
    """One entry of a document's or chunk's metadata: a key, and one of three kinds of value."""

    key: str = ""
    string_value: str | None = None
    string_list_value: StringList | None = None
    numeric_value: float | None = None

    @classmethod
    def of(cls, metadata: Metadata) -> tuple[CustomMetadata, ...]:
        """Return the entries of a mapping: texts, lists of texts, numbers.

        Raises:
            UsageError: a value is none of these.
        """
        return tuple(_entry(key, value) for key, value in metadata.items())

    @property
    def value(self) -> str | tuple[str, ...] | float | None:
        """The value, of whichever kind it is."""
        if self.string_list_value is not None:
            return self.string_list_value.values
        return self.numeric_value if self.string_value is None else self.string_value


class Corpus(Resource, frozen=True, kw_only=True):
    """A collection of documents that is queried as one; `name` is `corpora/{id}`."""

    name: str = ""
    display_name: str = ""
    create_time: str | None = None
    update_time: str | None = None


class Document(Resource, frozen=True, kw_only=True):
    """A collection of chunks; `name` is `corpora/{id}/documents/{id}`."""

    name: str = ""
    display_name: str = ""
    custom_metadata: tuple[CustomMetadata, ...] = ()
    update_time: str | None = None
    create_time: str | None = None

    @property
    def metadata(self) -> dict[str, str | tuple[str, ...] | float | None]:
        """The metadata as plain values."""
        return {entry.key: entry.value for entry in self.custom_metadata}


class ChunkData(Resource, frozen=True, kw_only=True):
    """A chunk's content; text is its only kind."""

    string_value: str | None = None


class Chunk(Resource, frozen=True, kw_only=True):
    """A part of a document that is found on its own, at most 2043 tokens.

    `name` is `corpora/{id}/documents/{id}/chunks/{id}`.
    """

    name: str = ""
    data: ChunkData | None = None
    custom_metadata: tuple[CustomMetadata, ...] = ()
    create_time: str | None = None
    update_time: str | None = None
    state: ChunkState = ChunkState.STATE_UNSPECIFIED

    @classmethod
    def of(cls, text: str, metadata: Metadata | None = None, *, name: str = "") -> Chunk:
        """Return a chunk to create, from plain values; the API chooses a name where it has none."""
        return cls(
            name=name,
            data=ChunkData(string_value=text),
            custom_metadata=CustomMetadata.of(metadata or {}),
        )

    @property
    def text(self) -> str:
        """The content."""
        return "" if self.data is None else self.data.string_value or ""

    @property
    def metadata(self) -> dict[str, str | tuple[str, ...] | float | None]:
        """The metadata as plain values."""
        return {entry.key: entry.value for entry in self.custom_metadata}


class Condition(Resource, frozen=True, kw_only=True):
    """One comparison of a filter."""

    string_value: str | None = None
    numeric_value: float | None = None
    operation: Operator = Operator.OPERATOR_UNSPECIFIED


class MetadataFilter(Resource, frozen=True, kw_only=True):
    """What a key's value must be: any of the conditions; several filters must all be met.

    `key` is `document.custom_metadata.{key}` or `chunk.custom_metadata.{key}`; a query of one
    document filters chunks only.
    """

    key: str = ""
    conditions: tuple[Condition, ...] = ()

    @classmethod
    def of(cls, key: str, *conditions: tuple[str, str | float]) -> MetadataFilter:
        """Return a filter: `MetadataFilter.of("chunk.custom_metadata.year", (">=", 2020))`.

        The operators are `<`, `<=`, `==`, `>=`, `>`, `!=`, `includes` and `excludes`.

        Raises:
            UsageError: an operator is none of them.
        """
        return cls(key=key, conditions=tuple(_condition(*condition) for condition in conditions))


class RelevantChunk(Resource, frozen=True, kw_only=True):
    """A chunk that a query found, the document that it is in, and how relevant it is."""

    chunk_relevance_score: float = 0.0
    chunk: Chunk | None = None
    document: Document | None = None


def _entry(key: str, value: Value) -> CustomMetadata:
    if isinstance(value, str):
        return CustomMetadata(key=key, string_value=value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return CustomMetadata(key=key, numeric_value=float(value))
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return CustomMetadata(key=key, string_list_value=StringList(values=tuple(value)))
    raise UsageError(
        f"The metadata {key!r} is a {type(value).__name__}: it can be text, a list of texts or a "
        "number."
    )


def _condition(operator: str, value: str | float) -> Condition:
    if operator not in SYMBOLS:
        raise UsageError(f"{operator!r} is no operator: {', '.join(SYMBOLS)}.")
    if isinstance(value, str):
        return Condition(string_value=value, operation=SYMBOLS[operator])
    return Condition(numeric_value=float(value), operation=SYMBOLS[operator])
