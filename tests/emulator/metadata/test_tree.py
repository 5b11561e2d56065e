from __future__ import annotations

import pytest

from gemauth.emulator.metadata.tree import JSON, TEXT, Directory, Made, Node, find, write

INNER = Directory({"a-name": "x", "lines": ("1", "2"), "token": Made.TOKEN})
OWN = Directory({"key-one": "v"}, verbatim=True)
LINES = "number 7\ntwo-words/a-name x\ntwo-words/lines 1\ntwo-words/lines 2\n"
ROOT = Directory({"number": 7, "two-words": INNER, "attributes": OWN})


@pytest.mark.parametrize(
    ("path", "node"),
    [
        ("", ROOT),
        ("number", 7),
        ("two-words", INNER),
        ("two-words/token", Made.TOKEN),
        ("two-words/none", None),
        ("number/below", None),
    ],
)
def test_find(path: str, node: Node | None) -> None:
    """A path leads from directory to directory; below a value there is nothing."""
    assert find(ROOT, [name for name in path.split("/") if name]) == node


@pytest.mark.parametrize(
    ("node", "recursive", "alt", "expected"),
    [
        ("text", False, None, ("text", TEXT)),
        (7, False, None, ("7", TEXT)),
        (("a", "b"), False, None, ("a\nb\n", TEXT)),
        (("a", "b"), False, "json", ('["a","b"]', JSON)),
        ("text", True, "json", ('"text"', JSON)),
        (7, False, "nonsense", ("7", TEXT)),
        (ROOT, False, None, ("number\ntwo-words/\nattributes/\n", TEXT)),
        (INNER, False, "json", ('["a-name","lines","token"]', JSON)),
        (
            ROOT,
            True,
            None,
            (
                '{"number":7,"twoWords":{"aName":"x","lines":["1","2"]},"attributes":{"key-one":"v"}}',
                JSON,
            ),
        ),
        (
            ROOT,
            True,
            "text",
            (
                LINES + "attributes/key-one v\n",
                TEXT,
            ),
        ),
    ],
)
def test_write(
    node: str | int | tuple[str, ...] | Directory,
    recursive: bool,  # noqa: FBT001  # a row
    alt: str | None,
    expected: tuple[str, str],
) -> None:
    """Values are text, lists a line each; a directory lists names, or all below it."""
    assert write(node, recursive=recursive, alt=alt) == expected
