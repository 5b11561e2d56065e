"""gcloud's command line: flags anywhere, `--flag VALUE` or `--flag=VALUE`, `--no-` for switches.

argparse has another grammar (prefixes of flags, sub-commands before their flags), so this is a
small one of its own. `commands.py` has the table that it reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gemauth.cli.gcloud.errors import GrammarError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gemauth.cli.gcloud.call import Call

__all__ = ["Command", "Flag", "Parsed", "Value", "parse"]

Value = str | tuple[str, ...] | bool


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag.

    Attributes:
        name: without the dashes.
        kind: `text` and `list` take a value, a `switch` takes none and has a `no-` form.
        short: its one-letter form.
        excludes: flags that it cannot be together with.
    """

    name: str
    kind: Literal["text", "list", "switch"] = "text"
    short: str | None = None
    excludes: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """How it is written."""
        value = {"text": "=VALUE", "list": "=VALUE,…", "switch": f", --no-{self.name}"}[self.kind]
        return f"--{self.name}{value}" + (f", -{self.short}" if self.short else "")


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        path: its words.
        run: carries it out and returns the exit code.
        summary: one line of help.
        flags: its own, beside gcloud's everywhere.
        words: the names of its positional arguments; in brackets where it can be left out, with an
            ellipsis where there may be several.
    """

    path: tuple[str, ...]
    run: Callable[[Call], int]
    summary: str
    flags: tuple[Flag, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """A command line, understood; `wants_help` leaves the rest unchecked."""

    command: Command | None
    path: tuple[str, ...]
    flags: Mapping[str, Value] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    wants_help: bool = False


def parse(
    arguments: Sequence[str], commands: Sequence[Command], everywhere: Sequence[Flag]
) -> Parsed:
    """Return what a command line says.

    Args:
        arguments: without the program's name.
        commands: all there are.
        everywhere: the flags that every command takes.

    Raises:
        GrammarError: no such command, an unknown flag, a missing or a surplus value.
    """
    known = {flag.name: flag for one in commands for flag in one.flags}
    known |= {flag.name: flag for flag in everywhere}
    words, given, strange = _split(arguments, known)
    command, path = _command(words, commands)
    if "help" in given or words[:1] == ["help"]:
        return Parsed(command, path, wants_help=True)
    if command is None and (not words and not strange and "version" in given):
        command = next(one for one in commands if one.path == ("version",))
        path = command.path
    if command is None:
        raise GrammarError(
            f"Invalid choice: {words[len(path)]!r}."
            if len(words) > len(path)
            else "Command name argument expected.",
            path,
        )
    allowed = {flag.name for flag in (*command.flags, *everywhere)}
    strange += [f"--{name}" for name in given if name not in allowed]
    rest = tuple(words[len(path) :])
    surplus = _surplus(command, rest)
    if strange or surplus:
        raise GrammarError(f"unrecognized arguments: {' '.join([*strange, *surplus])}", path)
    for name in given:
        for other in known[name].excludes:
            if other in given:
                raise GrammarError(
                    f"argument --{name}: At most one of --{other}, --{name} can be specified.", path
                )
    return Parsed(command, path, given, rest)


def _split(
    arguments: Sequence[str], known: Mapping[str, Flag]
) -> tuple[list[str], dict[str, Value], list[str]]:
    """Return the words, the flags with their values, and the flags that nothing knows."""
    words: list[str] = []
    given: dict[str, Value] = {}
    strange: list[str] = []
    short = {flag.short: flag.name for flag in known.values() if flag.short}
    left = list(arguments)
    while left:
        word = left.pop(0)
        if word == "--":
            words += left
            break
        if not word.startswith("-") or word == "-":
            words.append(word)
            continue
        text, equals, value = word.partition("=")
        name = text.removeprefix("--") if text.startswith("--") else short.get(text[1:], "")
        off = name.startswith("no-") and name not in known
        flag = known.get(name.removeprefix("no-") if off else name)
        if flag is None or (off and flag.kind != "switch"):
            strange.append(word)
        elif flag.kind == "switch":
            if equals:
                raise GrammarError(f"argument {text}: ignored explicit argument {value!r}")
            given[flag.name] = not off
        else:
            if not equals:
                if not left or (left[0].startswith("-") and left[0] != "-"):
                    raise GrammarError(f"argument {text}: expected one argument")
                value = left.pop(0)
            given[flag.name] = value if flag.kind == "text" else _items(text, value)
    return words, given, strange


def _items(name: str, text: str) -> tuple[str, ...]:
    """Return the items of a list: between commas, or what `^:^` in front says instead of them."""
    separator = ","
    if text.startswith("^") and (end := text.find("^", 1)) > 1:
        separator, text = text[1:end], text[end + 1 :]
    items = tuple(item for item in text.split(separator) if item)
    if not items:
        raise GrammarError(f"argument {name}: not enough args")
    return items


def _command(
    words: Sequence[str], commands: Sequence[Command]
) -> tuple[Command | None, tuple[str, ...]]:
    """Return the command that words begin with, and its path; or how far a group was followed."""
    best: Command | None = None
    followed = 0
    for one in commands:
        same = 0
        for mine, theirs in zip(one.path, words, strict=False):
            if mine != theirs:
                break
            same += 1
        if same == len(one.path) and (best is None or same > len(best.path)):
            best = one
        followed = max(followed, same)
    return best, best.path if best else tuple(words[:followed])


def _surplus(command: Command, rest: Sequence[str]) -> Sequence[str]:
    """Return the words that a command takes no more.

    Raises:
        GrammarError: one is missing.
    """
    needed = [name for name in command.words if not name.startswith("[")]
    if len(rest) < len(needed):
        missing = " ".join(needed[len(rest) :])
        raise GrammarError(f"argument {missing}: Must be specified.", command.path)
    if any("..." in name for name in command.words):
        return ()
    return rest[len(command.words) :]
