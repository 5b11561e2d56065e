"""The comparison that the README's tests lean on says no where it should."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.blocks import Block, Command, blocks, commands, headings, is_shown

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.docs


@pytest.mark.parametrize(
    ("actual", "expected", "shown"),
    [
        ("a\nb\n", ("a", "b"), True),
        ("a\nb\n", ("a",), False),
        ("a\n", ("a", "b"), False),
        ("a.b\n", ("a…b",), True),
        ("axb\n", ("a.b",), False),
        ("a\nb\n", ("a…b",), False),
        ("a\nb\nc\n", ("a", "…"), True),
        ("a\n", ("a", "…"), True),
        ("x\na\ny\n", ("…", "a", "…"), True),
        ("x\ny\n", ("…", "a", "…"), False),
        ("", (), True),
        ("a\n", (), False),
    ],
)
def test_what_is_shown(actual: str, expected: tuple[str, ...], *, shown: bool) -> None:
    """`…` stands for the rest of a line or for whole lines, and for nothing more."""
    assert is_shown(actual, expected) is shown


def test_what_is_read(tmp_path: Path) -> None:
    """Blocks with their language and line, commands with their output, headings outside of both."""
    document = tmp_path / "it.md"
    document.write_text("# One\n\n```console\n$ a\nb\n$ c\n```\n\n## Two\n\n```sh\n# three\n```\n")
    first, second = blocks(document)
    assert (first.language, first.first, first.line) == ("console", "$ a", 4)
    assert commands(first) == [Command("a", ("b",)), Command("c", ())]
    assert second == Block("sh", "# three\n", 12)
    assert headings(document) == [(1, "One"), (2, "Two")]
