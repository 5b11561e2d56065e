from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.cli.google import ACCESS_TOKEN
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.google import Google

ROBOT = "robot@demo.iam.gserviceaccount.com"
MAKE = f"POST /v1/projects/-/serviceAccounts/{ROBOT}:generateAccessToken"


def run(google: Google, *words: str, stdin: str = "") -> Terminal:
    """Run a command toward the server."""
    there = Terminal(stdin, environ=os.environ)
    there.run(*words, "--emulator", google.url)
    return there


def test_impersonation(google: Google) -> None:
    """The person's token asks for the account's, which is printed; delegates go along."""
    google.answers[MAKE] = (
        200,
        {"accessToken": "ya29.c.emu-robot", "expireTime": "2100-01-01T00:00:00Z"},
    )
    there = run(
        google,
        *("print-access-token", "--credentials", google.credentials()),
        *("--impersonate-service-account", f"via@x,{ROBOT}"),
    )
    assert (there.code, there.out, there.err) == (0, "ya29.c.emu-robot\n", "")


def test_a_subject_takes_a_key(google: Google) -> None:
    """A person's sign-in cannot be another person's."""
    words = ("print-access-token", "--credentials", google.credentials())
    for option in (("--subject", "ada@x"), ("--self-signed",)):
        there = run(google, *words, *option)
        assert (there.code, there.out) == (2, "")
        assert f"{option[0]} takes a service account's key" in there.err


@pytest.mark.parametrize("stdin", [True, False])
def test_an_access_token(google: Google, tmp_path: Path, *, stdin: bool) -> None:
    """From a file or from standard input, never from the command line."""
    file = tmp_path / "token"
    file.write_text(f"{ACCESS_TOKEN}\n")
    words = ("--access-token-file", "-" if stdin else str(file))
    there = run(google, "print-access-token", *words, stdin=f"{ACCESS_TOKEN}\n")
    assert (there.code, there.out, there.err) == (0, f"{ACCESS_TOKEN}\n", "")


def test_an_access_token_that_is_none(google: Google, tmp_path: Path) -> None:
    """A missing file, another file, options that a finished token cannot heed."""
    words = ("print-access-token", "--access-token-file")
    assert run(google, *words, str(tmp_path / "none")).code == 6
    there = run(google, *words, google.credentials())
    assert there.code == 2
    assert "refresh" not in there.err
    for more in (("--scopes", "tuning"), ("--subject", "a@x"), ("--credentials", "key.json")):
        there = run(google, *words, "-", *more, stdin=ACCESS_TOKEN)
        assert there.code == 2
        assert ("is what it is" in there.err) is (more[0] != "--scopes")
    assert json.loads(run(google, *words, "-", "--format", "json", stdin="ya29.emu-x").out) == {
        "accessToken": "ya29.emu-x",
        "expiry": None,
    }
