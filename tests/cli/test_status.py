from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from gemauth.client.cache import grants
from gemauth.google import scopes
from tests.cli.google import ACCESS_TOKEN, REFRESH_TOKEN
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from tests.cli.google import Google


def status(google: Google, *words: str, **environ: str) -> Terminal:
    """Run `gemauth status` as the stand-in's person."""
    there = Terminal(
        environ={
            **os.environ,
            "GEMAUTH_EMULATOR": google.url,
            "GOOGLE_APPLICATION_CREDENTIALS": google.credentials(),
            **environ,
        }
    )
    there.run("status", *words)
    return there


def remember(end: float) -> None:
    """Know of the person's sign-in: one scope of the two that tuned models and corpora take."""
    known = grants.Grant((scopes.CLOUD_PLATFORM, scopes.TUNING), "ada@example.com", end, "demo")
    grants.remember(os.environ, REFRESH_TOKEN, known)


def test_nothing_is_asked(google: Google) -> None:
    """What is known is told, what is missing is named with the way out; no request is sent."""
    remember(time.time() + 600_000)
    there = status(google)
    assert there.code == 0, there.err
    assert google.asked == []
    assert "ada@example.com" in there.out
    assert "6 days 22 hours left" in there.out
    assert "in Testing gets 7 days" in there.out
    assert "missing  create and change corpora" in there.out
    assert "gemauth login --add-scopes retriever --output " in there.err
    assert "--online" in there.err


def test_for_programs(google: Google) -> None:
    """One object; unknown is null."""
    there = status(google, "--format", "json", GEMINI_API_KEY="AIzaSecret")
    assert there.code == 0
    assert there.json["credentials"]["emulator"] == google.url
    assert there.json["credentials"]["account"] is None
    assert there.json["credentials"]["scopes"] is None
    assert there.json["credentials"]["families"][0]["open"] is None
    assert there.json["warnings"][0]["next"] == "unset GEMINI_API_KEY"
    assert there.err == ""
    assert "AIza" not in there.out


def test_unknown_scopes_are_said_to_be(google: Google) -> None:
    """A file from elsewhere says nothing of its scopes."""
    there = status(google)
    assert "unknown (--online asks)" in there.out
    assert "No end is known" in there.out
    assert "none: the project of the OAuth client or account is billed" in there.out


def test_a_shadowed_sign_in_is_warned_of(google: Google) -> None:
    """The variable goes before the well-known file: the command to undo it is told."""
    from gemauth.client.cache import adc
    from gemauth.google.credentials import AuthorizedUser

    adc.write(adc.well_known(os.environ), AuthorizedUser("1-emux", "GOCSPX-emu-y", "1//emu-y"))
    there = status(google)
    assert there.code == 0
    assert "is not used: GOOGLE_APPLICATION_CREDENTIALS goes before it" in there.err
    assert "unset GOOGLE_APPLICATION_CREDENTIALS" in there.err


def test_the_server_is_asked(google: Google) -> None:
    """--online: the token's own scopes."""
    google.answers["POST /tokeninfo"] = (200, {"scope": scopes.RETRIEVER, "exp": "1"})
    there = status(google, "--online", "--format", "json")
    assert there.code == 0, there.err
    assert there.json["online"] is True
    assert there.json["credentials"]["scopes"] == [scopes.RETRIEVER]
    assert google.form("POST /tokeninfo") == {"access_token": ACCESS_TOKEN}
    there = status(google, "--online")
    assert "over since" in there.out


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_sign_in_that_the_server_has_ended(google: Google, form: str) -> None:
    """--online: what is known is told all the same, then what the server said of it."""
    assert status(google, "--online").code  # a token is cached now
    google.answers["POST /tokeninfo"] = (400, {"error": "invalid_token"})
    google.answers["POST /token"] = (400, {"error": "invalid_grant"})
    there = status(google, "--online", "--format", form)
    assert there.code == 3
    assert "invalid_grant" in there.err
    assert "gemauth login" in there.err
    assert "ya29" not in there.out
    if form == "json":
        assert there.json["usable"] is False
        assert there.json["credentials"]["type"] == "authorized_user"
    else:
        assert "type           authorized_user" in there.out


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_sign_in_that_is_over(google: Google, form: str) -> None:
    """Told, and the exit code is that of credentials that are no good."""
    remember(1.0)
    there = status(google, "--format", form)
    assert there.code == 3
    assert "The sign-in is over." in there.err


def test_nothing_there() -> None:
    """The places are shown, and the error says what to do."""
    there = Terminal(environ=os.environ)
    assert there.run("status") == 3
    assert "the well-known ADC file" in there.out
    assert "gemauth login" in there.err


def test_a_service_account(google: Google) -> None:
    """A service account has no sign-in to end."""
    import json

    from tests.client.flows.test_assertion import KEY

    path = google.folder / "key.json"
    path.write_text(json.dumps(KEY.to_json()))
    there = status(google, "--credentials", str(path), GEMAUTH_EMULATOR="")
    assert there.code == 0, there.err
    assert "sign-in" not in there.out
    assert "calls go to    Google" in there.out


def test_whoever_the_options_name(google: Google) -> None:
    """A profile, an account to act as, a token that is given: as every other command takes them."""
    file = google.credentials()
    environ = {**os.environ, "GEMAUTH_EMULATOR": google.url}

    def told(*words: str) -> Terminal:
        there = Terminal(environ=environ)
        assert there.run(*words) == 0, there.err
        return there

    told("profiles", "save", "work", "--credentials", file)
    assert "the profile work" in told("status", "--profile", "work").out
    shown = told("status", "--profile", "work", "--format", "json").json["credentials"]
    assert (shown["profile"], shown["keyring"]) == ("work", None)
    robot = "robot@p.iam.gserviceaccount.com"
    acting = told("status", "--credentials", file, "--impersonate-service-account", robot)
    assert f"account        {robot}" in acting.out
    (google.folder / "token").write_text("ya29.emu-given")
    given = told("status", "--access-token-file", str(google.folder / "token"))
    assert "as it was given: nothing renews it" in given.out
    assert google.asked == []
    lost = Terminal(environ=environ)
    assert lost.run("status", "--access-token-file", "/nonexistent") == 6
    assert "--access-token-file -" in lost.err
