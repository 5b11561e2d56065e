"""The fenced blocks of a Markdown document, and the commands in a transcript."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the line it begins on."""

    language: str
    text: str
    line: int

    @property
    def first(self) -> str:
        """Its first line, by which the tests' tables know it."""
        return self.text.partition("\n")[0]


@dataclass(frozen=True)
class Command:
    """A command of a transcript, and the lines that the document shows as its output."""

    line: str
    output: tuple[str, ...]


def blocks(path: Path) -> list[Block]:
    """Return a document's fenced blocks, in order."""
    text = path.read_text(encoding="utf-8")
    return [
        Block(match[1], match[2], text.count("\n", 0, match.start()) + 2)
        for match in _FENCE.finditer(text)
    ]


def headings(path: Path) -> list[tuple[int, str]]:
    """Return a document's headings outside of fenced blocks: level and text."""
    text = _FENCE.sub("", path.read_text(encoding="utf-8"))
    return [(len(match[1]), match[2]) for match in _HEADING.finditer(text)]


def commands(block: Block) -> list[Command]:
    """Return the commands of a `console` block; each stands after `$ `, its output below it."""
    found: list[Command] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:], ()))
        else:
            found[-1] = Command(found[-1].line, (*found[-1].output, line))
    return found


def is_shown(actual: str, expected: tuple[str, ...]) -> bool:
    """Say whether an output is what a document shows.

    `…` stands for anything within a line; a line that is only `…` stands for any lines, also none.
    """
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"
        for line in expected
    )
    return re.fullmatch(pattern, actual) is not None
