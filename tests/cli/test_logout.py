from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.google import REFRESH_TOKEN
from tests.cli.terminal import Terminal
from tests.client.flows.test_assertion import KEY

if TYPE_CHECKING:
    from tests.cli.google import Google


def logout(
    google: Google, *more: str, typed: str = "", tty: bool = False, **environ: str
) -> Terminal:
    """End the sign-in in the person's credential file, at the stand-in."""
    there = Terminal(typed, tty=tty, environ={**os.environ, **environ})
    there.run("logout", "--credentials", google.credentials(), "--emulator", google.url, *more)
    return there


@pytest.mark.parametrize("more", [(), ("--yes",), ("--quiet",)])
def test_both_halves(google: Google, more: tuple[str, ...]) -> None:
    """Without a terminal nothing is asked: the grant is ended at the server and the file gone."""
    there = logout(google, *more)
    assert (there.code, there.out) == (0, "")
    assert google.form("POST /revoke") == {"token": REFRESH_TOKEN}
    assert not (google.folder / "credentials.json").exists()
    assert ("is deleted" in there.err) == ("--quiet" not in more)


def test_for_programs(google: Google) -> None:
    """As json, stdout says which half happened."""
    there = logout(google, "--format", "json")
    assert there.json == {
        "credentials": str(google.folder / "credentials.json"),
        "revokedAtServer": True,
        "deleted": True,
        "files": [str(google.folder / "credentials.json")],
        "warnings": [],
    }


def test_server_fails(google: Google) -> None:
    """A server that fails costs its half only: the file is gone, and the code is not 0."""
    google.answers["POST /revoke"] = (500, {})
    there = logout(google)
    assert there.code == 4
    assert "The server has NOT ended the sign-in" in there.err
    assert "credentials.json is deleted." in there.err
    assert not (google.folder / "credentials.json").exists()


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_asks_a_person(google: Google, typed: str, code: int) -> None:
    """At a terminal it asks first, and does nothing unless the answer is yes."""
    there = logout(google, typed=typed, tty=True)
    assert there.code == code
    assert "credentials.json and delete the file? [y/N]" in there.err
    assert bool(google.asked) == (code == 0)
    assert Path(google.folder, "credentials.json").exists() == (code == 1)


def test_yes_does_not_ask(google: Google) -> None:
    """With --yes a terminal is not asked either."""
    there = logout(google, "--yes", tty=True)
    assert there.code == 0
    assert "[y/N]" not in there.err


def test_nothing_there() -> None:
    """Without a file there is nothing to ask or to revoke: exit code 6."""
    there = Terminal("y\n", tty=True, environ=os.environ)
    assert there.run("logout") == 6
    assert "There is no credential file" in there.err
    assert "[y/N]" not in there.err


def test_other_side(google: Google) -> None:
    """An emulator's sign-in is never sent to Google: the file stays."""
    there = Terminal(environ=os.environ)
    assert there.run("logout", "--credentials", google.credentials()) == 3
    assert (google.folder / "credentials.json").exists()


def test_gclouds_name_for_it(google: Google) -> None:
    """`revoke` is the same command."""
    there = Terminal(environ=os.environ)
    words = ("--credentials", google.credentials(), "--emulator", google.url)
    assert there.run("revoke", *words) == 0
    assert google.form("POST /revoke") == {"token": REFRESH_TOKEN}


def test_here_only(google: Google) -> None:
    """--local asks no server, and says that the sign-in goes on elsewhere."""
    there = logout(google, "--local", typed="y\n", tty=True)
    assert there.code == 0
    assert google.asked == []
    assert "Forget the sign-in in" in there.err
    assert "goes on wherever else it is in use" in there.err
    assert not (google.folder / "credentials.json").exists()
    again = logout(google, "--local", "--format", "json")
    assert again.json["revokedAtServer"] is None


def test_without_a_network(google: Google) -> None:
    """This machine forgets the sign-in all the same; the code is the server's half, and the next
    step is the place where it can still be ended, since there is no token to try again with.
    """
    there = Terminal(environ=os.environ)
    words = ("--credentials", google.credentials(), "--emulator", "http://127.0.0.1:9")
    assert there.run("logout", *words) == 5
    assert "The server has NOT ended the sign-in" in there.err
    assert "is deleted" in there.err
    assert "next: Delete the OAuth client" in there.err
    assert not (google.folder / "credentials.json").exists()


def test_a_key_is_kept(google: Google) -> None:
    """A service account's key is no sign-in: the reason, how it ends, and the file stays."""
    path = google.folder / "key.json"
    path.write_text(json.dumps(KEY.to_json()))
    there = Terminal(environ=os.environ)
    assert there.run("logout", "--credentials", str(path), "--yes") == 2
    assert "service_account credentials, which no server can revoke" in there.err
    assert "gemauth service-accounts keys delete" in there.err
    assert path.exists()


def test_what_goes_on(google: Google) -> None:
    """Variables that programs take credentials from, whoever signs out, each with its way out."""
    file = google.credentials()
    there = logout(google, GOOGLE_APPLICATION_CREDENTIALS=file, GEMINI_API_KEY="AIzaSecret")
    assert "which is not there: every Google library fails on it." in there.err
    assert "next: unset GOOGLE_APPLICATION_CREDENTIALS" in there.err
    assert "SDKs go on with the API key in GEMINI_API_KEY." in there.err
    assert "AIza" not in there.err
    other = google.folder / "other.json"
    other.write_text("{}")
    environ = {
        "GOOGLE_APPLICATION_CREDENTIALS": str(other),
        "CLOUDSDK_AUTH_ACCESS_TOKEN": "ya29.emu-x",
    }
    again = Terminal(environ={**os.environ, **environ})
    words = ("--credentials", google.credentials(), "--emulator", google.url)
    again.run("logout", *words, "--format", "json")
    assert [warning["next"] for warning in again.json["warnings"]] == [
        "unset GOOGLE_APPLICATION_CREDENTIALS",
        "unset CLOUDSDK_AUTH_ACCESS_TOKEN",
    ]
    assert "programs go on with the credentials in it" in again.json["warnings"][0]["message"]


def test_a_profile(google: Google) -> None:
    """The profile that is named is ended, and with it the ADC file that is its copy."""
    file = google.credentials()
    saved = Terminal(environ=os.environ)
    assert saved.run("profiles", "save", "work", "--credentials", file) == 0
    assert saved.run("profiles", "use", "work") == 0
    there = Terminal(environ=os.environ)
    words = ("--profile", "work", "--emulator", google.url, "--format", "json")
    assert there.run("logout", *words) == 0, there.err
    assert there.json["deleted"] is True
    assert len(there.json["files"]) == 2
    assert "is deleted too: it held the same sign-in." in there.err
    assert there.run("logout", "--profile", "work") == 6
    chosen = Terminal(environ={**os.environ, "GEMAUTH_PROFILE": "work"})
    assert saved.run("profiles", "save", "work", "--credentials", google.credentials()) == 0
    assert chosen.run("logout", "--emulator", google.url) == 0, chosen.err
    assert "next: unset GEMAUTH_PROFILE" in chosen.err
    both = Terminal(environ=os.environ)
    assert both.run("logout", "--profile", "work", "--credentials", file) == 2


def test_what_ends_with_it(google: Google) -> None:
    """Another sign-in of the same account to the same client is named, with the way to renew it."""
    file = Path(google.credentials())
    other = google.folder / "other.json"
    body = json.loads(file.read_text())
    other.write_text(json.dumps({**body, "refresh_token": f"{body['refresh_token']}-other"}))
    saved = Terminal(environ=os.environ)
    assert saved.run("profiles", "save", "work", "--credentials", str(other)) == 0
    there = logout(google, "--format", "json")
    (warning,) = there.json["warnings"]
    assert "The profile work" in warning["message"]
    assert warning["next"] == "gemauth login --client-id-file FILE --profile work"
