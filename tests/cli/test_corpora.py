from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.api import call, refused, sent

if TYPE_CHECKING:
    from tests.cli.google import Google

C = "corpora/c"
MINE = {"name": C, "displayName": "Mine"}
FOUND = {
    "chunkRelevanceScore": 0.875,
    "chunk": {"name": f"{C}/documents/d/chunks/k", "data": {"stringValue": "Ada\n wrote it."}},
}


def test_list(google: Google) -> None:
    """A table of name and display name; none is said on stderr."""
    google.answers["GET /v1beta/corpora"] = (200, {"corpora": [MINE]})
    assert call(google, "corpora", "list").out.splitlines()[1].split() == [C, "Mine"]
    google.answers["GET /v1beta/corpora"] = (200, {})
    there = call(google, "corpora", "list")
    assert (there.code, there.out, there.err) == (0, "", "You have no corpora.\n")


def test_get(google: Google) -> None:
    """One corpus is shown by its name."""
    google.answers[f"GET /v1beta/{C}"] = (200, MINE)
    assert call(google, "corpora", "get", "c", "--format", "json").json == MINE


def test_create(google: Google) -> None:
    """With a name of one's own, or without."""
    google.answers["POST /v1beta/corpora"] = (200, MINE)
    assert "Mine" in call(google, "corpora", "create", "Mine", "--name", C).out
    assert sent(google)[1] == MINE
    call(google, "corpora", "create", "Mine")
    assert sent(google)[1] == {"displayName": "Mine"}


def test_delete(google: Google) -> None:
    """What is in it goes only by --force."""
    google.answers[f"DELETE /v1beta/{C}"] = (200, {})
    assert call(google, "corpora", "delete", C).err == f"{C} is deleted.\n"
    assert "force" not in sent(google)[0]
    call(google, "corpora", "delete", C, "--force")
    assert "force=true" in sent(google)[0]


def test_query(google: Google) -> None:
    """The chunks with their scores, the text on one line; as JSON all of it."""
    google.answers[f"POST /v1beta/{C}:query"] = (200, {"relevantChunks": [FOUND]})
    there = call(google, "corpora", "query", C, "who?", "--results", "3")
    assert there.out.splitlines()[1].split(maxsplit=2) == [
        "0.875",
        f"{C}/documents/d/chunks/k",
        "Ada wrote it.",
    ]
    assert sent(google)[1] == {"query": "who?", "resultsCount": 3}
    assert call(google, "corpora", "query", C, "who?", "--format", "json").json == [FOUND]


def test_query_of_a_document(google: Google) -> None:
    """By the document's name."""
    google.answers[f"POST /v1beta/{C}/documents/d:query"] = (200, {})
    there = call(google, "corpora", "query", f"{C}/documents/d", "who?")
    assert (there.code, there.err) == (0, "Nothing fits.\n")


@pytest.mark.parametrize(
    ("where", "key", "condition"),
    [
        (
            "document.year >= 2000",
            "document.custom_metadata.year",
            {"numericValue": 2000.0, "operation": "GREATER_EQUAL"},
        ),
        (
            "chunk.author==Ada Lovelace",
            "chunk.custom_metadata.author",
            {"stringValue": "Ada Lovelace", "operation": "EQUAL"},
        ),
        (
            "chunk.custom_metadata.tags includes x",
            "chunk.custom_metadata.tags",
            {"stringValue": "x", "operation": "INCLUDES"},
        ),
        (
            "chunk.zip != '00501'",
            "chunk.custom_metadata.zip",
            {"stringValue": "00501", "operation": "NOT_EQUAL"},
        ),
    ],
)
def test_a_condition(google: Google, where: str, key: str, condition: dict[str, object]) -> None:
    """As people write it; a number is one unless it stands in quotes."""
    google.answers[f"POST /v1beta/{C}:query"] = (200, {})
    call(google, "corpora", "query", C, "who?", "--where", where)
    assert sent(google)[1]["metadataFilters"] == [{"key": key, "conditions": [condition]}]


@pytest.mark.parametrize("where", ["year > 2000", "document. > 1", "chunk.x", "chunk.x ==", ""])
def test_no_condition(google: Google, where: str) -> None:
    """Is told with how to write one, and nothing is sent."""
    there = call(google, "corpora", "query", C, "who?", "--where", where)
    assert there.code == 2
    assert "is no condition on metadata" in there.err
    assert google.asked == []


def test_an_emulator_without_corpora(google: Google) -> None:
    """The refusal says that it is the emulator's, and that Google may be asked."""
    google.answers["GET /v1beta/corpora"] = refused(501, "UNIMPLEMENTED", "Not yet.")
    there = call(google, "corpora", "list")
    assert there.code == 4
    assert "The emulator does not do ListCorpora yet" in there.err
