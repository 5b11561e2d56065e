"""Help pages as text, drawn from the commands and their parsers, 80 columns wide or narrower.

The same text on every Python, because `docs/cli.md` is generated from it; a terminal that is
narrower gets what fits. Read by `dispatch.py`, `help.py` and `tools/help_pages.py`.
"""

from __future__ import annotations

import argparse
import re
import textwrap
from typing import TYPE_CHECKING

from gemauth.cli import commands, options, parser
from gemauth.cli.command import Command, Group

if TYPE_CHECKING:
    from argparse import Action
    from collections.abc import Iterable, Iterator

__all__ = ["TOPICS", "WIDTH", "group", "leaf", "page", "top", "walk"]

WIDTH = 80
_GAP = 26  # where a row's explanation starts
_NARROW = 60  # columns: with fewer, explanations stand below what they explain

TOPICS = {
    "exit-codes": "What each exit code means.",
    "environment": "The environment variables that gemauth reads.",
}


def top(width: int = WIDTH) -> str:
    """Return the page of `gemauth` itself; imports no command."""
    rows = ((name, summary) for name, (_, summary) in commands.TABLE.items())
    return "\n".join(
        (
            f"{_usage(['gemauth', 'COMMAND', '[arguments]', '[options]'], width)}\n",
            f"{_fill(_WHAT, width)}\n",
            _section("commands", rows, width),
            _section("topics", ((f"help {name}", text) for name, text in TOPICS.items()), width),
            _examples(
                (
                    ("Sign in with your own desktop client", _LOGIN),
                    ("See which models you may use", "gemauth models list"),
                    ("Hand a token to another program", _CURL),
                ),
                width,
            ),
            _fill(_MORE, width),
        )
    )


_WHAT = "OAuth for the Gemini API, end to end, and a local Google to run it against."
_MORE = "gemauth help COMMAND shows a command's page; gemauth --version the version."
_LOGIN = "gemauth login --client-id-file client_secret.json"
_CURL = 'curl -H "Authorization: Bearer $(gemauth print-access-token)" …'


def group(tree: Group, path: tuple[str, ...], width: int = WIDTH) -> str:
    """Return a group's page."""
    return "\n".join(
        (
            f"{_usage(['gemauth', *path, 'COMMAND', '[arguments]', '[options]'], width)}\n",
            f"{_fill(tree.summary, width)}\n",
            *([f"{_fill(tree.details, width)}\n"] if tree.details else []),
            _section("commands", ((one.name, one.summary) for one in tree.commands), width),
            _fill(f"gemauth help {' '.join(path)} COMMAND shows a command's page.", width),
        )
    )


def leaf(command: Command, path: tuple[str, ...], width: int = WIDTH) -> str:
    """Return a command's page."""
    actions = [a for a in actions_of(command, path) if a.help != argparse.SUPPRESS]
    arguments = [action for action in actions if not action.option_strings]
    flags = [action for action in actions if action.option_strings]
    general = {*options.SHARED, *options.EVERYWHERE}
    own = [action for action in flags if action.dest not in general]
    shared = [action for action in flags if action.dest in general]
    names = [_name(action) for action in arguments]
    usage = [*names, *_required(command, path), "[options]"]
    if any(action.nargs == argparse.REMAINDER for action in arguments):
        usage = ["[options]", "--", *names]  # all that follows is another program's
    parts = [
        f"{_usage(['gemauth', *path, *usage], width)}\n",
        f"{_fill(command.summary, width)}\n",
    ]
    if command.details:
        parts.append(f"{_fill(command.details, width)}\n")
    for title, some in (("arguments", arguments), ("options", own), ("general options", shared)):
        if some:
            rows = ((_name(action, full=True), action.help or "") for action in some)
            parts.append(_section(title, rows, width))
    if command.examples:
        parts.append(_examples(((one.title, one.line) for one in command.examples), width))
    return "\n".join(parts).rstrip("\n")


def page(tree: Command | Group, path: tuple[str, ...], width: int = WIDTH) -> str:
    """Return the page of a command or group that people reach by `path`, `width` columns wide."""
    return group(tree, path, width) if isinstance(tree, Group) else leaf(tree, path, width)


def walk() -> Iterator[tuple[tuple[str, ...], Command | Group]]:
    """Yield every command and group with its path, in help's order; imports them all."""

    def below(
        path: tuple[str, ...], tree: Command | Group
    ) -> Iterator[tuple[tuple[str, ...], Command | Group]]:
        yield path, tree
        if isinstance(tree, Group):
            for member in tree.commands:
                yield from below((*path, member.name), member)

    for name in commands.TABLE:
        yield from below((name,), commands.load(name))


def actions_of(command: Command, path: tuple[str, ...]) -> list[Action]:
    """Return a command's arguments and options, as argparse holds them."""
    return list(parser.build(command, path)._actions)  # noqa: SLF001  # argparse offers no reader


def _required(command: Command, path: tuple[str, ...]) -> list[str]:
    """Return the options that a command cannot do without: one by one, and one of several."""
    built = parser.build(command, path)
    alone = [a for a in built._actions if a.option_strings and a.required]  # noqa: SLF001
    choices = [g for g in built._mutually_exclusive_groups if g.required]  # noqa: SLF001
    return [_name(action) for action in alone] + [
        "(" + " | ".join(_name(action) for action in one_of._group_actions) + ")"  # noqa: SLF001
        for one_of in choices
    ]


def _name(action: Action, *, full: bool = False) -> str:
    """Return an argument's or option's name with its placeholder; `full` with every spelling."""
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    value = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else metavar
    if not action.option_strings:
        return f"[{value}]" if action.nargs in {"?", "*"} and not full else value
    if isinstance(action, argparse.BooleanOptionalAction):
        return f"--[no-]{action.option_strings[0].removeprefix('--')}"
    name = ", ".join(action.option_strings) if full else action.option_strings[-1]
    return name if action.nargs == 0 else f"{name} {value}"


def _usage(parts: list[str], width: int) -> str:
    """Return a usage line, broken between its parts; inside one only at its alternatives."""
    kept = [
        part.replace(" ", "\xa0")
        if len(part) <= width - 10
        else " | ".join(one.replace(" ", "\xa0") for one in part.split(" | "))
        for part in parts
    ]
    lines = textwrap.wrap(
        " ".join(kept), width - 10, break_long_words=False, break_on_hyphens=False
    )
    return "usage: " + "\n          ".join(lines).replace("\xa0", " ")


def _section(title: str, rows: Iterable[tuple[str, str]], width: int) -> str:
    return f"{title}:\n" + "".join(f"{_row(name, text, width)}\n" for name, text in rows)


def _row(name: str, text: str, width: int) -> str:
    gap = _GAP if width >= _NARROW else 6
    indent = " " * gap
    body = textwrap.fill(
        text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False
    )
    if len(name) + 4 > gap:
        return f"  {name}\n{body}"
    return f"  {name}".ljust(gap) + body[gap:]


def _examples(examples: Iterable[tuple[str, str]], width: int) -> str:
    return "examples:\n" + "".join(
        f"{_comment(title, width)}\n  {_continued(line, width)}\n" for title, line in examples
    )


def _comment(title: str, width: int) -> str:
    return textwrap.fill(title, width, initial_indent="  # ", subsequent_indent="  # ")


def _continued(line: str, width: int) -> str:
    """Return a command line broken as shells permit, where it is too long and not broken yet."""
    if "\n" in line or len(line) <= width - 2:
        return line
    quoted = re.sub(r"'[^']*'|\"[^\"]*\"", lambda whole: whole[0].replace(" ", "\xa0"), line)
    parts = textwrap.wrap(quoted, width - 8, break_long_words=False, break_on_hyphens=False)
    return " \\\n      ".join(parts).replace("\xa0", " ")


def _fill(text: str, width: int) -> str:
    """Return paragraphs filled; lines that start with spaces stay as they are."""
    paragraphs = textwrap.dedent(text).strip("\n").split("\n\n")
    return "\n\n".join(
        p if p.startswith("  ") else textwrap.fill(p, width, break_long_words=False)
        for p in paragraphs
    )
