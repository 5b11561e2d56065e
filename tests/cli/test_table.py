from __future__ import annotations

import pytest

from gemauth.cli import table


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (7, "7"),
        ("a\x1b[31mb\nc\x9b", "a [31mb c "),
        (["a", "b"], "a, b"),
        ({"a": 1, "b": [True]}, "a=1, b=yes"),
    ],
)
def test_cell(value: object, text: str) -> None:
    """Any JSON value is one line, and no server can send control characters to a terminal."""
    assert table.cell(value) == text


def test_plain() -> None:
    """Columns are as wide as their widest cell, headings are words, no line ends in spaces."""
    rows = [{"name": "models/a", "displayName": "A"}, {"name": "m"}]
    assert table.plain(rows, ("name", "displayName")) == (
        "NAME      DISPLAY NAME\nmodels/a  A\nm\n"
    )


def test_members() -> None:
    """One thing is a line for each member, values aligned."""
    assert table.members({"name": "x", "baseModel": None}) == "name       x\nbaseModel\n"
    assert not table.members({})


def test_wide_letters() -> None:
    """A letter is as wide as a terminal shows it: two columns for CJK, none for an accent."""
    rows = [
        {"name": "開発者", "role": "r"},
        {"name": "e\u0301t\u00e9", "role": "w"},
        {"name": "abcdef"},
    ]
    assert table.plain(rows, ("name", "role")) == (
        "NAME    ROLE\n開発者  r\ne\u0301t\u00e9     w\nabcdef\n"
    )
    assert table.members({"開": 1, "abc": 2}) == "開   1\nabc  2\n"
