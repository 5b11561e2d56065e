"""Every command that gemauth tells a person to run exists, with the options that it names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from gemauth.cli import commands
from gemauth.cli.command import Command, Group
from gemauth.cli.parser import build

SOURCE = Path(__file__).parents[1] / "src" / "gemauth"
# A command line ends where its sentence does, or where a template or another command begins.
TOLD = re.compile(r"\bgemauth (?P<line>[a-z][a-z-]*(?:[ ]+(?!gemauth\b|or\b)[^\s.;,:)<{`]+)*)")
# "the gemauth emulator" is also a noun; what follows it then is no command.
NOUN = re.compile(r"emulator(?: (?:there|on|commands|id|at|X|—|提供|--help)(?!\w).*)?$")


def texts(path: Path) -> list[tuple[int, str]]:
    """Return a file's strings that are no docstrings, with `X` for what is filled in."""
    if path.suffix == ".html":
        filled = re.sub(r"\{\{.*?\}\}", "X", path.read_text("utf-8"))
        filled = re.sub(r"\{%.*?%\}", "", filled)
        return list(enumerate(filled.splitlines(), 1))
    found = []
    tree = ast.parse(path.read_text("utf-8"))
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            skipped.add(id(node.value))  # a docstring
        if isinstance(node, ast.JoinedStr):
            skipped.update(map(id, node.values))
            words = (part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
            found.append((node.lineno, "".join(map(str, words))))
    found += [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in skipped
    ]
    return found


def told() -> list[tuple[str, str]]:
    """Return every command line in the sources' texts, with the place where it stands."""
    return [
        (f"{path.relative_to(SOURCE)}:{number}", match["line"])
        for path in sorted([*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html")])
        for number, text in texts(path)
        for match in TOLD.finditer(text)
        if match["line"].split()[0] in commands.TABLE and not NOUN.match(match["line"])
    ]


def test_there_is_advice() -> None:
    """The search finds what it is meant to find."""
    assert len(told()) > 40


@pytest.mark.parametrize(("place", "line"), told(), ids=[place for place, _ in told()])
def test_advice_can_be_followed(place: str, line: str) -> None:
    """The words lead to a command, and it takes every option that stands behind them."""
    line = line.removesuffix(" --").partition(" -- ")[0]  # what follows is another program's
    words = line.split()
    tree: Command | Group = commands.load(words[0])
    depth = 1
    while isinstance(tree, Group) and depth < len(words):
        member = tree.find(words[depth])
        assert member is not None, f"{place}: gemauth {line}"
        tree, depth = member, depth + 1
    if isinstance(tree, Command):
        options = {word.split("=")[0] for word in words if word.startswith("--")}
        known = build(tree, tuple(words[:depth]))._option_string_actions
        assert options <= {*known, "--help"}, f"{place}: gemauth {line}"
