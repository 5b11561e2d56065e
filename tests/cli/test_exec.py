from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.google import ACCESS_TOKEN
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.google import Google

TELL = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w')); sys.exit(7)"


def execute(google: Google, home: Path, *more: str, **environ: str) -> tuple[Terminal, Any]:
    """Run a program that tells its environment and exits with 7."""
    there = Terminal(environ={**os.environ, "HTTPS_PROXY": google.url, **environ})
    words = ("--credentials", google.credentials(), "--emulator", google.url, *more)
    told = home / "environ.json"
    there.run("exec", *words, "--", sys.executable, "-c", TELL, str(told))
    return there, json.loads(told.read_text()) if told.exists() else None


def test_the_file_and_the_exit_code(google: Google, home: Path) -> None:
    """The program finds the file and the project; nothing is asked; its exit code is ours."""
    there, environ = execute(google, home, "--quota-project", "paying")
    assert (there.code, there.out, there.err) == (7, "", "")
    assert environ["GOOGLE_APPLICATION_CREDENTIALS"] == google.credentials()
    assert environ["GOOGLE_CLOUD_PROJECT"] == "paying"
    assert "GOOGLE_OAUTH_ACCESS_TOKEN" not in environ
    assert google.asked == []


def test_keys_go(google: Google, home: Path) -> None:
    """An API key that would shadow the credentials is taken out, and that is told."""
    there, environ = execute(google, home, GEMINI_API_KEY="AIza-x")
    assert "GEMINI_API_KEY" not in environ
    assert "GEMINI_API_KEY not handed on" in there.err
    assert "AIza" not in there.err
    there, environ = execute(google, home, "--keep-api-keys", GEMINI_API_KEY="AIza-x")
    assert (environ["GEMINI_API_KEY"], there.err) == ("AIza-x", "")


def test_a_token(google: Google, home: Path) -> None:
    """With --access-token there is one in the environment, and nowhere else."""
    there, environ = execute(google, home, "--access-token", "--project", "mine")
    assert environ["CLOUDSDK_AUTH_ACCESS_TOKEN"] == ACCESS_TOKEN
    assert environ["GOOGLE_CLOUD_PROJECT"] == "mine"
    assert ACCESS_TOKEN not in there.out + there.err


def test_an_emulators_credentials(google: Google, home: Path) -> None:
    """Outside of a run the program would send them to Google, so it is not started."""
    there, environ = execute(google, home, HTTPS_PROXY="")
    assert (there.code, environ) == (2, None)
    assert "gemauth emulator run" in there.err


def test_no_file_to_name(google: Google, home: Path) -> None:
    """A service account that is impersonated is in no file: without a token nothing is started."""
    robot = "robot@my-project.iam.gserviceaccount.com"
    there, environ = execute(google, home, "--impersonate-service-account", robot)
    assert (there.code, environ) == (2, None)
    assert "--access-token" in there.err
    answer = {"accessToken": "ya29.emu-robot", "expireTime": "2999-01-01T00:00:00Z"}
    path = f"POST /v1/projects/-/serviceAccounts/{robot}:generateAccessToken"
    google.answers[path] = (200, answer)
    words = ("--impersonate-service-account", robot, "--access-token")
    there, environ = execute(google, home, *words)
    assert environ["CLOUDSDK_AUTH_ACCESS_TOKEN"] == "ya29.emu-robot"
    assert "GOOGLE_APPLICATION_CREDENTIALS" not in environ
    assert f"note: it gets an access token of {robot} until 2999-01-01" in there.err
    assert "and no file" in there.err


@pytest.mark.parametrize(("words", "code"), [((), 2), (("gemauth-no-such-command",), 127)])
def test_no_command(words: tuple[str, ...], code: int) -> None:
    """Nothing to run is told before anything else is looked at."""
    there = Terminal(environ=os.environ)
    assert there.run("exec", "--", *words) == code
