from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.cli.gcloud.errors import GrammarError
from gemauth.cli.gcloud.grammar import Parsed, Value, parse
from gemauth.cli.gcloud.main import COMMANDS, EVERYWHERE

LOGIN = ["auth", "application-default", "login"]


def parsed(words: list[str]) -> Parsed:
    """Parse a command line of this gcloud."""
    return parse(words, COMMANDS, EVERYWHERE)


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        (["--client-id-file", "f"], {"client-id-file": "f"}),
        (["--client-id-file=f"], {"client-id-file": "f"}),
        (["--client-id-file=a=b"], {"client-id-file": "a=b"}),
        (["--scopes=a,b"], {"scopes": ("a", "b")}),
        (["--scopes", "a"], {"scopes": ("a",)}),
        (["--scopes=^:^a,b:c"], {"scopes": ("a,b", "c")}),
        (["--no-browser"], {"browser": False}),
        (["--browser"], {"browser": True}),
        (["--no-launch-browser"], {"launch-browser": False}),
        (["--disable-quota-project"], {"disable-quota-project": True}),
        (["--no-browser", "--browser"], {"browser": True}),
        (["-q"], {"quiet": True}),
        (["--quiet", "--project", "p"], {"quiet": True, "project": "p"}),
        (["--project="], {"project": ""}),
        (["--client-id-file", "-"], {"client-id-file": "-"}),
    ],
)
def test_flags(words: list[str], flags: dict[str, Value]) -> None:
    """Flags take their value after = or a space, lists take commas, switches have a no- form."""
    assert parsed([*LOGIN, *words]).flags == flags


def test_flags_stand_anywhere() -> None:
    """Gcloud takes every flag before, between and after the command's words."""
    words = ["--project=p", "auth", "--no-browser", "application-default", "login", "a@b.c"]
    there = parsed(words)
    assert there.path == tuple(LOGIN)
    assert there.words == ("a@b.c",)
    assert there.flags == {"project": "p", "browser": False}


def test_after_two_dashes_all_are_words() -> None:
    """What follows -- is no flag."""
    assert parsed([*LOGIN, "--", "--quiet"]).words == ("--quiet",)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Command name argument expected"),
        (["auth"], "Command name argument expected"),
        (["projects", "list"], "Invalid choice: 'projects'"),
        (["auth", "application-default", "foo"], "Invalid choice: 'foo'"),
        ([*LOGIN, "--bogus"], "unrecognized arguments: --bogus"),
        ([*LOGIN, "--bogus=1", "-x"], "unrecognized arguments: --bogus=1 -x"),
        ([*LOGIN, "--lifetime=1s"], "unrecognized arguments: --lifetime"),
        ([*LOGIN, "a@b.c", "more"], "unrecognized arguments: more"),
        ([*LOGIN, "--no-scopes"], "unrecognized arguments: --no-scopes"),
        ([*LOGIN, "--scopes"], "argument --scopes: expected one argument"),
        ([*LOGIN, "--scopes", "--quiet"], "argument --scopes: expected one argument"),
        ([*LOGIN, "--scopes="], "argument --scopes: not enough args"),
        ([*LOGIN, "--browser=yes"], "argument --browser: ignored explicit argument 'yes'"),
        (
            [*LOGIN, "--no-browser", "--remote-bootstrap=u"],
            "argument --remote-bootstrap: At most one of --browser, --remote-bootstrap",
        ),
        (["auth", "application-default", "set-quota-project"], "QUOTA_PROJECT_ID"),
        (["config", "set", "project"], "VALUE"),
    ],
)
def test_what_is_not_understood(words: list[str], message: str) -> None:
    """Every fault of a command line is named."""
    with pytest.raises(GrammarError) as caught:
        parsed(words)
    assert message in str(caught.value)


@pytest.mark.parametrize("words", [["--version"], ["-v"], ["version"]])
def test_version(words: list[str]) -> None:
    """--version is a command of its own, and only where there is no other."""
    command = parsed(words).command
    assert command is not None
    assert command.path == ("version",)


@pytest.mark.parametrize("words", [["--help"], ["auth", "-h"], ["help"], [*LOGIN, "--help", "--x"]])
def test_help(words: list[str]) -> None:
    """Help leaves the rest of the line alone."""
    assert parsed(words).wants_help


def test_no_two_commands_disagree_on_a_flag() -> None:
    """Flags are read before the command is known, so a name means one kind everywhere."""
    kinds: dict[str, str] = {}
    for flag in (*EVERYWHERE, *(flag for one in COMMANDS for flag in one.flags)):
        assert kinds.setdefault(flag.name, flag.kind) == flag.kind


WORDS = st.sampled_from([*LOGIN, "config", "get", "--no-browser", "--scopes", "=", "-q", "--"])


@given(st.lists(WORDS | st.text(max_size=8), max_size=6))
def test_no_line_breaks_it(words: list[str]) -> None:
    """Whatever is typed is understood or refused."""
    with suppress(GrammarError):
        assert parsed(words).path is not None
