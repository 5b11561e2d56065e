from __future__ import annotations

import pytest

from gemauth import __version__
from gemauth.cli import commands
from gemauth.cli.command import Command, Group
from gemauth.cli.console import Console, ReaderGoneError
from gemauth.errors import NotFoundError
from tests.cli.terminal import Terminal

USAGE = 2


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",), ("help",)])
def test_top_page(words: tuple[str, ...]) -> None:
    """`gemauth` alone, --help and help show the same page with every command, on stdout."""
    there = Terminal()
    assert there.run(*words) == 0
    assert there.out.startswith("usage: gemauth COMMAND")
    for name, (_, summary) in commands.TABLE.items():
        assert f"  {name} " in there.out
        assert summary.split(maxsplit=1)[0] in there.out
    assert not there.err


def test_version() -> None:
    """--version prints the package's version."""
    there = Terminal()
    assert there.run("--version") == 0
    assert there.out == f"gemauth {__version__}\n"


@pytest.mark.parametrize(
    ("words", "next_step"),
    [
        (("modls",), "Did you mean gemauth models? "),
        (("models", "lst"), "Did you mean gemauth models list? "),
        (("permissions", "creat"), "Did you mean gemauth permissions create? "),
        (("zzz",), ""),
        (("help", "logn"), "Did you mean gemauth login? "),
    ],
)
def test_unknown_command(words: tuple[str, ...], next_step: str) -> None:
    """An unknown command is a usage error that guesses what was meant."""
    there = Terminal()
    assert there.run(*words, "--format", "json") == USAGE
    assert there.error["next"].startswith(f"{next_step}See the commands: gemauth")
    assert not there.out


def test_option_before_command() -> None:
    """An option in front of the command is told to come after it."""
    there = Terminal()
    assert there.run("--emulator", "http://127.0.0.1:1", "models", "list") == USAGE
    assert "options come after it" in there.err


def test_group_alone() -> None:
    """A group without a command is a usage error that names its commands."""
    there = Terminal()
    assert there.run("models") == USAGE
    assert "needs one of: list, get" in there.err


@pytest.mark.parametrize(
    "words", [("models", "get", "--help"), ("models", "get", "x", "-h"), ("help", "models", "get")]
)
def test_leaf_page(words: tuple[str, ...]) -> None:
    """--help anywhere after a command, and help before it, show its page and run nothing."""
    there = Terminal()
    assert there.run(*words) == 0
    assert there.out.startswith("usage: gemauth models get NAME [options]\n")


def test_group_page() -> None:
    """A group's page lists its commands."""
    there = Terminal()
    assert there.run("models", "--help") == 0
    assert "  list  " in there.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("models", "get"), USAGE),
        (("models", "list", "--nope"), USAGE),
        (("models", "list", "--format", "xml"), USAGE),
        (("models", "list", "--timeout", "0"), USAGE),
        (("login", "--client-id-file", "f", "--port", "70000"), USAGE),
        (("permissions", "create", "tunedModels/x", "--role", "reader"), USAGE),
        (("share", "tunedModels/x", "--user", "a@b.c", "--everyone"), USAGE),
    ],
)
def test_usage_errors(words: tuple[str, ...], code: int) -> None:
    """What cannot be parsed exits with 2 and names the help page to read."""
    there = Terminal()
    assert there.run(*words) == code
    assert "next: See what it takes: gemauth help" in there.err


def test_usage_error_as_json() -> None:
    """A usage error follows --format json, though parsing failed."""
    there = Terminal()
    assert there.run("models", "get", "--format=json") == USAGE
    assert there.error["type"] == "UsageError"


def test_json_after_dashes_is_data() -> None:
    """After `--` nothing is an option: not --format, not --help."""
    there = Terminal()
    assert there.run("models", "list", "--", "--format=json", "--help") == USAGE
    assert there.err.startswith("error: ")


@pytest.fixture
def tree(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A command tree of one group, whose command raises what the list holds."""
    raised: list[object] = []

    def run(args: object, console: Console) -> int:
        console.print(f"{console.format} {console.quiet}")
        if raised:
            error = raised.pop()
            assert isinstance(error, BaseException)
            raise error
        return 5

    found = Group("g", "Group.", (Group("h", "Inner.", (Command("c", "Do.", run),)),))
    monkeypatch.setitem(commands.TABLE, "g", ("nowhere", "Group."))
    monkeypatch.setattr(commands, "load", lambda name: found)
    return raised


def test_runs_nested(tree: list[object]) -> None:
    """Groups nest; format and quiet reach the console; the command's exit code is the result."""
    there = Terminal()
    assert there.run("g", "h", "c", "--quiet", "--format", "json") == 5
    assert there.out == "json True\n"


def test_errors_become_exit_codes(tree: list[object]) -> None:
    """An error of the tree exits with its own code, anything else with 70."""
    there = Terminal()
    tree.append(NotFoundError("No such thing."))
    assert there.run("g", "h", "c") == NotFoundError.exit_code
    tree.append(KeyError("x"))
    assert there.run("g", "h", "c") == 70


@pytest.mark.parametrize("error", [ReaderGoneError(), KeyboardInterrupt()])
def test_left_to_main(tree: list[object], error: BaseException) -> None:
    """A reader that went away and Ctrl-C are no errors to report: they pass through."""
    tree.append(error)
    with pytest.raises(type(error)):
        Terminal().run("g", "h", "c")
