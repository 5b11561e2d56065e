from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.google import REFRESH_TOKEN
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from tests.cli.google import Google


def revoke(google: Google, *more: str, typed: str = "", tty: bool = False) -> Terminal:
    """Revoke the person's credential file at the stand-in."""
    there = Terminal(typed, tty=tty, environ=os.environ)
    there.run("revoke", "--credentials", google.credentials(), "--emulator", google.url, *more)
    return there


@pytest.mark.parametrize("more", [(), ("--yes",), ("--quiet",)])
def test_both_halves(google: Google, more: tuple[str, ...]) -> None:
    """Without a terminal nothing is asked: the grant is ended at the server and the file gone."""
    there = revoke(google, *more)
    assert (there.code, there.out) == (0, "")
    assert google.form("POST /revoke") == {"token": REFRESH_TOKEN}
    assert not (google.folder / "credentials.json").exists()
    assert ("is deleted" in there.err) == ("--quiet" not in more)


def test_for_programs(google: Google) -> None:
    """As json, stdout says which half happened."""
    there = revoke(google, "--format", "json")
    assert there.json == {
        "credentials": str(google.folder / "credentials.json"),
        "revokedAtServer": True,
        "deleted": True,
    }


def test_server_fails(google: Google) -> None:
    """A server that fails costs its half only: the file is gone, and the code is not 0."""
    google.answers["POST /revoke"] = (500, {})
    there = revoke(google)
    assert there.code == 4
    assert "The server has NOT ended the sign-in" in there.err
    assert "is deleted." in there.err
    assert not (google.folder / "credentials.json").exists()


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_asks_a_person(google: Google, typed: str, code: int) -> None:
    """At a terminal it asks first, and does nothing unless the answer is yes."""
    there = revoke(google, typed=typed, tty=True)
    assert there.code == code
    assert "credentials.json and delete the file? [y/N]" in there.err
    assert bool(google.asked) == (code == 0)
    assert Path(google.folder, "credentials.json").exists() == (code == 1)


def test_yes_does_not_ask(google: Google) -> None:
    """With --yes a terminal is not asked either."""
    there = revoke(google, "--yes", tty=True)
    assert there.code == 0
    assert "[y/N]" not in there.err


def test_nothing_there() -> None:
    """Without a file there is nothing to ask or to revoke: exit code 6."""
    there = Terminal("y\n", tty=True, environ=os.environ)
    assert there.run("revoke") == 6
    assert "There is no credential file" in there.err
    assert "[y/N]" not in there.err


def test_other_side(google: Google) -> None:
    """An emulator's sign-in is never sent to Google: the file stays."""
    there = Terminal(environ=os.environ)
    assert there.run("revoke", "--credentials", google.credentials()) == 3
    assert (google.folder / "credentials.json").exists()
