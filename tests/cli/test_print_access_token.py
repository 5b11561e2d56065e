from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from gemauth.cli import cached
from tests.cli.google import ACCESS_TOKEN, REFRESH_TOKEN, tokens
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from tests.cli.google import Google


def print_token(google: Google, *more: str) -> Terminal:
    """Print a token of the person's credential file, the ordinary way."""
    there = Terminal(environ=os.environ)
    words = ("--credentials", google.credentials(), "--emulator", google.url)
    there.run("print-access-token", *words, *more)
    return there


def test_refreshes(google: Google) -> None:
    """Without a cached token the server is asked, and the token is alone on stdout."""
    there = print_token(google)
    assert (there.code, there.out, there.err) == (0, f"{ACCESS_TOKEN}\n", "")
    assert google.form("POST /token")["refresh_token"] == REFRESH_TOKEN


def test_second_time_is_fast(google: Google) -> None:
    """What one call fetched, the next finds in the cache on the fast path."""
    print_token(google)
    words = ["--credentials", google.credentials(), "--emulator", google.url]
    assert cached.cached_token(words, os.environ) == ACCESS_TOKEN


def test_fresh(google: Google) -> None:
    """--fresh asks the server though the cache has one."""
    print_token(google)
    google.answers["POST /token"] = (200, tokens() | {"access_token": "ya29.emu-second"})
    assert print_token(google).out == f"{ACCESS_TOKEN}\n"
    assert print_token(google, "--fresh").out == "ya29.emu-second\n"


def test_for_programs(google: Google) -> None:
    """As json the token comes with its end."""
    told = print_token(google, "--format", "json").json
    assert told["accessToken"] == ACCESS_TOKEN
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", told["expiry"])


def test_revoked(google: Google) -> None:
    """A sign-in that the server ended exits with 3, says to sign in again, and prints no token."""
    error = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
    google.answers["POST /token"] = (400, error)
    there = print_token(google)
    assert (there.code, there.out) == (3, "")
    assert "next: Sign in again: gemauth login" in there.err


def test_no_credentials() -> None:
    """Without credentials, exit code 3 and the list of the places that were tried."""
    there = Terminal(environ={**os.environ, "NO_GCE_CHECK": "true"})
    assert there.run("print-access-token") == 3
    assert "application_default_credentials.json" in there.err


def test_unreachable(google: Google) -> None:
    """An emulator that does not run exits with 5 and says how to start it."""
    there = Terminal(environ=os.environ)
    words = ("--credentials", google.credentials(), "--emulator", "http://127.0.0.1:9")
    assert there.run("print-access-token", *words) == 5
    assert "gemauth emulator start" in there.err


def test_how_long_an_accounts_token_lives(google: Google) -> None:
    """As long as is asked for; one that lives otherwise is another one, and not the cached."""
    robot = "robot@demo.iam.gserviceaccount.com"
    answer = {"accessToken": "ya29.c.emu-robot", "expireTime": "2100-01-01T00:00:00Z"}
    google.answers[f"POST /v1/projects/-/serviceAccounts/{robot}:generateAccessToken"] = (
        200,
        answer,
    )
    words = ("--impersonate-service-account", robot)

    def asked() -> list[str]:
        bodies = [json.loads(body) for _, _, body in google.asked if body.startswith("{")]
        return [body["lifetime"] for body in bodies]

    assert print_token(google, *words).code == 0
    for _ in range(2):
        there = print_token(google, *words, "--lifetime", "7200")
        assert (there.code, there.out) == (0, "ya29.c.emu-robot\n")
    assert asked() == ["3600s", "7200s"]


def test_a_lifetime_that_cannot_be(google: Google) -> None:
    """More than IAM ever gives, none at all, or that of a person's token."""
    for wrong in ("0", "43201", "an hour"):
        there = print_token(google, "--lifetime", wrong)
        assert there.code == 2
        assert f"{wrong!r} is no lifetime: 1 to 43200 seconds" in there.err
    there = print_token(google, "--lifetime", "60")
    assert there.code == 2
    assert "--impersonate-service-account" in there.err
    assert google.asked == []
