from __future__ import annotations

import pytest

from gemauth.cli.command import Command
from gemauth.cli.parser import build
from gemauth.errors import UsageError

COMMAND = Command("list", "List.", lambda args, console: 0)


def test_errors_are_raised() -> None:
    """A bad option raises, with the command's help page as the next step; nothing is printed."""
    parser = build(COMMAND, ("models", "list"))
    with pytest.raises(UsageError, match="gemauth models list: ") as caught:
        parser.parse_args(["--nope"])
    assert caught.value.next_step == "See what it takes: gemauth help models list"


def test_no_abbreviations() -> None:
    """An option has to be spelled out: a script must not change its meaning with a new option."""
    with pytest.raises(UsageError):
        build(COMMAND, ("list",)).parse_args(["--form", "json"])
