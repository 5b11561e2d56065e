"""Plain text for people: aligned columns, and one thing's members line by line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["cell", "heading", "lines", "members", "plain"]

# C0, DEL and C1: what a server sends must not move the cursor or repaint the terminal.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def lines(text: str) -> str:
    """Return text with its line ends and tabs, and no other control characters in it."""
    return _CONTROL.sub(lambda found: found[0] if found[0] in "\n\t" else " ", text)


def heading(name: str) -> str:
    """Return a member's name as a column's heading: `displayName` → `DISPLAY NAME`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name).upper()


def cell(value: Any) -> str:  # noqa: ANN401  # any JSON value
    """Return a JSON value on one line, with no control characters in it."""
    if value is None:
        text = ""
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    elif isinstance(value, list):
        text = ", ".join(cell(item) for item in value)
    elif isinstance(value, Mapping):
        text = ", ".join(f"{name}={cell(item)}" for name, item in value.items())
    else:
        text = str(value)
    return _CONTROL.sub(" ", text)


def plain(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return rows as aligned columns under their headings."""
    lines = [[heading(column) for column in columns]]
    lines += [[cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(_width(line[index]) for line in lines) for index in range(len(columns))]
    return "".join(
        "  ".join(_padded(text, width) for text, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in lines
    )


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Return how many columns a text takes: two for a wide letter, none for an accent (UAX #11)."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(letter) in {"Mn", "Me", "Cf"} else 1 + (east_asian_width(letter) in "WF")
        for letter in text
    )


def members(value: Mapping[str, Any]) -> str:
    """Return an object's members as aligned `name  value` lines."""
    width = max((_width(name) for name in value), default=0)
    return "".join(
        f"{_padded(name, width)}  {cell(item)}".rstrip() + "\n" for name, item in value.items()
    )
