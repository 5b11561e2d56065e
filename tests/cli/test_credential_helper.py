from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.cli.google import ACCESS_TOKEN
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from tests.cli.google import Google

GIT = "protocol=https\nhost=source.developers.google.com\n"


def ask(google: Google, text: str, action: str = "get", **environ: str) -> Terminal:
    """Ask as git or Docker does, where Google's hosts are the stand-in."""
    there = Terminal(text, environ={**os.environ, "HTTPS_PROXY": google.url, **environ})
    words = ("--credentials", google.credentials(), "--emulator", google.url)
    there.run("credential-helper", action, *words)
    return there


def test_git(google: Google) -> None:
    """A name and a token."""
    there = ask(google, GIT)
    assert (there.code, there.err) == (0, "")
    assert there.out == f"username=oauth2accesstoken\npassword={ACCESS_TOKEN}\n"


def test_docker(google: Google) -> None:
    """The same as JSON."""
    assert json.loads(ask(google, "us-docker.pkg.dev").out)["Secret"] == ACCESS_TOKEN


@pytest.mark.parametrize(
    ("text", "code", "out"),
    [
        ("protocol=https\nhost=github.com\n", 0, ""),
        ("docker.io", 1, "credentials not found in native keychain\n"),
    ],
)
def test_other_hosts(google: Google, text: str, code: int, out: str) -> None:
    """Nothing is asked and nothing given; each program takes that for a no."""
    there = ask(google, text)
    assert (there.code, there.out, google.asked) == (code, out, [])


@pytest.mark.parametrize(("action", "out"), [("store", ""), ("erase", ""), ("list", "{}\n")])
def test_nothing_is_kept(google: Google, action: str, out: str) -> None:
    """What Docker and git would have kept is gone."""
    there = ask(google, GIT, action)
    assert (there.code, there.out, google.asked) == (0, out, [])


def test_an_emulators_credentials(google: Google) -> None:
    """They are not for Google's hosts."""
    there = ask(google, GIT, HTTPS_PROXY="")
    assert (there.code, there.out) == (2, "")
