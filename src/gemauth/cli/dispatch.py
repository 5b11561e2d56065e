"""From the words of a command line to the command: find it, parse the rest, run it, report.

Reached by `main.py` for everything but a cached token.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from gemauth.cli import commands
from gemauth.cli.command import Command, Group
from gemauth.cli.console import ReaderGoneError
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gemauth.cli.console import Console

__all__ = ["dispatch", "locate"]

_HELP = frozenset({"-h", "--help"})


def dispatch(words: Sequence[str], console: Console) -> int:
    """Run the command line `gemauth WORDS…` and return its exit code.

    Raises:
        ReaderGoneError: whoever read the output went away; everything else is reported here.
    """
    if _wants_json(words):
        console.format = "json"  # before parsing, so that usage errors follow it too
    try:
        code = _dispatch(words, console)
        console.flush()
    except ReaderGoneError:
        raise
    except Exception as error:  # noqa: BLE001  # the edge: everything is reported
        from gemauth.cli.failure import report

        return report(error, console)
    return code


def locate(words: Sequence[str]) -> tuple[Command | Group, tuple[str, ...], list[str]]:
    """Return the command or group that words lead to, its path, and the words left over.

    Raises:
        UsageError: there is no such command.
    """
    if words[0] not in commands.TABLE:
        raise _unknown(words[0], (), commands.TABLE)
    tree = commands.load(words[0])
    path: tuple[str, ...] = (words[0],)
    rest = list(words[1:])
    while isinstance(tree, Group) and rest and rest[0] not in _HELP:
        found = tree.find(rest[0])
        if found is None:
            raise _unknown(rest[0], path, [member.name for member in tree.commands])
        tree, path, rest = found, (*path, rest[0]), rest[1:]
    return tree, path, rest


def _dispatch(words: Sequence[str], console: Console) -> int:
    if not words or words[0] in _HELP:
        from gemauth.cli import manual

        console.print(manual.top(console.columns(manual.WIDTH)))
        return 0
    if words[0] in {"--version", "-V"}:
        from gemauth.version import __version__

        console.print(f"gemauth {__version__}")
        return 0
    tree, path, rest = locate(words)
    if _HELP.intersection(_before_dashes(rest)):
        from gemauth.cli import manual

        console.print(manual.page(tree, path, console.columns(manual.WIDTH)))
        return 0
    if isinstance(tree, Group):
        names = ", ".join(member.name for member in tree.commands)
        raise UsageError(
            f"gemauth {' '.join(path)} needs one of: {names}.",
            next_step=f"See what each does: gemauth help {' '.join(path)}",
        )
    from gemauth.cli.parser import build

    args = build(tree, path).parse_args(rest)
    console.format, console.quiet = args.format, args.quiet
    return tree.run(args, console)


def _unknown(word: str, path: tuple[str, ...], names: Iterable[str]) -> UsageError:
    from difflib import get_close_matches

    before = " ".join(("gemauth", *path))
    if word.startswith("-"):
        return UsageError(
            f"{before}: the option {word} stands before a command; options come after it.",
            next_step=f"See the commands: {before} --help",
        )
    close = get_close_matches(word, list(names), 1, 0.5)
    guess = f"Did you mean {before} {close[0]}? " if close else ""
    return UsageError(
        f"{before} has no command {word!r}.",
        next_step=f"{guess}See the commands: {before} --help",
    )


def _before_dashes(words: Sequence[str]) -> Sequence[str]:
    return words[: words.index("--")] if "--" in words else words


def _wants_json(words: Sequence[str]) -> bool:
    before = _before_dashes(words)
    return "--format=json" in before or ("--format", "json") in pairwise(before)
