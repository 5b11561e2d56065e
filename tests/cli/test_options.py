from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError

import pytest

from gemauth.cli import options
from gemauth.cli.command import API
from tests.cli.terminal import Terminal


def test_api_options() -> None:
    """Commands that call the API take credentials, quota project, emulator and time-out."""
    parser = ArgumentParser()
    options.add(parser, API)
    args = parser.parse_args(["--credentials", "f", "--quota-project=p", "--timeout", "2.5", "-q"])
    assert vars(args) == {
        "credentials": "f",
        "profile": None,
        "quota_project": "p",
        "emulator": None,
        "timeout": 2.5,
        "format": "table",
        "quiet": True,
    }


def test_own_option_goes_first() -> None:
    """A command that defines an option of a shared name keeps its own default."""
    parser = ArgumentParser()
    parser.add_argument("--timeout", default=300.0)
    options.add(parser, API)
    assert parser.parse_args([]).timeout == 300.0


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon", ""])
def test_seconds(text: str) -> None:
    """A time-out is a number above 0."""
    with pytest.raises(ArgumentTypeError, match="no number of seconds"):
        options.seconds(text)


@pytest.mark.parametrize("option", ["--emulator", "--credentials", "--profile", "--quota-project"])
def test_an_empty_value_is_a_mistake(option: str) -> None:
    """An unset shell variable must not send a call elsewhere than was meant."""
    there = Terminal()
    assert there.run("models", "list", option, "") == 2
    assert f"argument {option}: is empty" in there.err
