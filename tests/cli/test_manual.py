from __future__ import annotations

import shlex
from argparse import SUPPRESS, BooleanOptionalAction

import pytest

from gemauth.cli import commands, manual
from gemauth.cli.command import Command, Example, Group
from gemauth.cli.parser import build

TREE = [(" ".join(path), path, tree) for path, tree in manual.walk()]
LEAVES = [
    pytest.param(path, tree, id=name) for name, path, tree in TREE if isinstance(tree, Command)
]


def test_a_page_whole() -> None:
    """A page is usage, summary, details, arguments, options and examples, 80 columns wide."""

    def arguments(parser: object) -> None:
        add = parser.add_argument  # type: ignore[attr-defined]
        add("name", metavar="NAME", help="the name")
        add("more", nargs="?", help="more")
        add("--must", required=True, metavar="X", help="word " * 20)
        add("--hidden", help=SUPPRESS)
        add("--switch", action=BooleanOptionalAction, help="switch it")

    command = Command(
        "c",
        "Do it.",
        lambda args, console: 0,
        arguments,
        details="First.\n\n  kept as it is\n\nLast.",
        examples=(
            Example("Try", "gemauth g c x"),
            Example("Long", f"gemauth g c {'x' * 40} --must '{'y ' * 12}' --format json"),
        ),
    )
    assert manual.page(command, ("g", "c")) == (
        "usage: gemauth g c NAME [MORE] --must X [options]\n"
        "\n"
        "Do it.\n"
        "\n"
        "First.\n"
        "\n"
        "  kept as it is\n"
        "\n"
        "Last.\n"
        "\n"
        "arguments:\n"
        "  NAME                    the name\n"
        "  MORE                    more\n"
        "\n"
        "options:\n"
        "  --must X                word word word word word word word word word word word\n"
        "                          word word word word word word word word word\n"
        "  --[no-]switch           switch it\n"
        "\n"
        "general options:\n"
        "  --format {table,json}   table for people (the default) or json for programs;\n"
        "                          errors follow it\n"
        "  -q, --quiet             say nothing but results and errors, and ask nothing\n"
        "\n"
        "examples:\n"
        "  # Try\n"
        "  gemauth g c x\n"
        "  # Long\n"
        "  gemauth g c xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx --must \\\n"
        "      'y y y y y y y y y y y y ' --format json"
    )


@pytest.mark.parametrize(("name", "path", "tree"), TREE, ids=[name for name, _, _ in TREE])
def test_every_page_fits(name: str, path: tuple[str, ...], tree: Command | Group) -> None:
    """Every page stands in 80 columns; every summary is one sentence."""
    assert tree.name == path[-1]
    assert tree.summary.endswith(".")
    page = manual.page(tree, path)
    assert page.startswith(f"usage: gemauth {name} ")
    assert max(map(len, page.splitlines())) <= 80


@pytest.mark.parametrize(("name", "path", "tree"), TREE, ids=[name for name, _, _ in TREE])
def test_every_page_fits_a_narrow_window(
    name: str, path: tuple[str, ...], tree: Command | Group
) -> None:
    """In 40 columns, all is that cannot be broken: names, and commands that are to be copied."""
    text, _, examples = manual.page(tree, path, 40).partition("\nexamples:\n")
    for line in text.splitlines():
        whole = line.startswith(("  -", "  {")) or "gemauth" in line or len(line.split()) == 1
        assert len(line) <= 40 or whole, line
    assert [line for line in examples.splitlines() if "  # " in line and len(line) > 40] == []


@pytest.mark.parametrize("path", [("exec",), ("emulator", "run")], ids="-".join)
def test_where_another_program_begins(path: tuple[str, ...]) -> None:
    """Options stand before its name: all behind it is its own."""
    tree = next(tree for _, at, tree in TREE if at == path)
    usage, _, _ = manual.page(tree, path).partition("\n")
    assert usage == f"usage: gemauth {' '.join(path)} [options] -- COMMAND…"


def test_the_first_page_in_a_narrow_window() -> None:
    """It has every command, each explained below its name, and is as wide as the window."""
    page = manual.top(40)
    assert all(f"\n  {name}" in page for name in commands.TABLE)
    assert all(len(line) <= 40 for line in page.partition("\nexamples:")[0].splitlines())


@pytest.mark.parametrize(("path", "command"), LEAVES)
def test_every_command_explains_itself(path: tuple[str, ...], command: Command) -> None:
    """Every argument and option has a help text, and every example parses.

    Each command has one, but for those of the emulator that their usage line says all of.
    """
    for action in manual.actions_of(command, path):
        assert action.help, action.dest
    assert command.examples or path[0] == "emulator"
    for example in command.examples:
        line = example.line.replace("\\\n", " ")
        if line.startswith("gemauth "):
            words = shlex.split(line.partition(" | ")[0].partition(" > ")[0], comments=True)
            words = words[1 : words.index(">>")] if ">>" in words else words[1:]
            assert tuple(words[: len(path)]) == path, example
            build(command, path).parse_args([word for word in words[len(path) :] if word != "&"])


def test_summaries_agree() -> None:
    """The summaries that `gemauth --help` shows are the commands' own."""
    assert {name: summary for name, (_, summary) in commands.TABLE.items()} == {
        name: tree.summary for name, path, tree in TREE if len(path) == 1
    }
