from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gemauth.google import scopes
from tests.cli.api import call
from tests.cli.google import ACCESS_TOKEN
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from tests.cli.google import Google

FACTS = {"aud": "1-x", "scope": f"{scopes.TUNING} https://x/other", "exp": "4102444800"}


def test_the_token_in_use(google: Google) -> None:
    """Its scopes with their meaning, its end, and what it opens; the token itself is not told."""
    google.answers["POST /tokeninfo"] = (200, FACTS)
    there = call(google, "token-info")
    assert there.code == 0, there.err
    assert "1-x" in there.out
    assert "share your tuned Gemini models" in there.out
    assert "another of Google's" in there.out
    assert "create and change tuned models" in there.out
    assert "until 2100-01-01 00:00:00 UTC" in there.out
    assert ACCESS_TOKEN not in there.out + there.err
    assert not any("?" in line for line in google.lines)


def test_for_programs(google: Google) -> None:
    """One object; what the server did not say is null."""
    google.answers["POST /tokeninfo"] = (200, FACTS)
    there = call(google, "token-info", "--format", "json")
    assert there.json["account"] is None
    assert there.json["expiry"] == "2100-01-01T00:00:00Z"
    assert there.json["scopes"][0] == scopes.TUNING
    assert {row["methods"]: row["open"] for row in there.json["families"]}["see tuned models"]


def test_little_said(google: Google) -> None:
    """A token without scopes and without an end is possible."""
    google.answers["POST /tokeninfo"] = (200, {})
    there = call(google, "token-info")
    assert "nothing of the Gemini API" in there.out
    assert "It has no scopes." in there.err


def piped(google: Google, typed: str, *more: str, tty: bool = False) -> Terminal:
    """Ask about a token on standard input."""
    there = Terminal(typed, tty=tty, environ={**os.environ, "GEMAUTH_EMULATOR": google.url})
    there.run("token-info", "--token-from-stdin", *more)
    return there


def test_a_piped_token(google: Google) -> None:
    """It is read from standard input and needs no credentials."""
    google.answers["POST /tokeninfo"] = (200, FACTS)
    there = piped(google, "ya29.emu-piped\n")
    assert there.code == 0, there.err
    assert google.form("POST /tokeninfo") == {"access_token": "ya29.emu-piped"}
    assert google.lines == ["POST /tokeninfo"]


def test_no_token(google: Google) -> None:
    """An empty line is no token, and a file beside it makes two."""
    assert piped(google, "\n").code == 2
    assert piped(google, "ya29.emu-x\n", "--credentials", "x.json").code == 2
    assert google.lines == []


def test_googles_token_stays_away_from_an_emulator(google: Google) -> None:
    """The wall holds for a piped token too."""
    there = piped(google, "ya29.a0-real\n")
    assert there.code == 3
    assert google.lines == []


def test_a_token_that_is_over(google: Google) -> None:
    """The refusal names the next step."""
    google.answers["POST /tokeninfo"] = (400, {"error": "invalid_token"})
    there = piped(google, "ya29.emu-x\n")
    assert there.code == 3
    assert "gemauth print-access-token --fresh" in there.err


def test_a_token_in_a_file(google: Google) -> None:
    """It is asked about as it is; two tokens at once are refused."""
    google.answers["POST /tokeninfo"] = (200, FACTS)
    file = google.folder / "token"
    file.write_text("ya29.emu-given")
    there = Terminal(environ={**os.environ, "GEMAUTH_EMULATOR": google.url})
    assert there.run("token-info", "--access-token-file", str(file)) == 0
    assert google.form("POST /tokeninfo") == {"access_token": "ya29.emu-given"}
    again = piped(google, "ya29.emu-piped", "--access-token-file", str(file))
    assert again.code == 2
    assert "Drop --access-token-file or --token-from-stdin." in again.err


def test_an_impersonated_account_s(google: Google) -> None:
    """The token that is asked about is the account's."""
    google.answers["POST /tokeninfo"] = (200, FACTS)
    robot = "robot@p.iam.gserviceaccount.com"
    answer = {"accessToken": "ya29.emu-robot", "expireTime": "2999-01-01T00:00:00Z"}
    path = f"POST /v1/projects/-/serviceAccounts/{robot}:generateAccessToken"
    google.answers[path] = (200, answer)
    there = call(google, "token-info", "--impersonate-service-account", robot)
    assert there.code == 0, there.err
    assert google.form("POST /tokeninfo") == {"access_token": "ya29.emu-robot"}
