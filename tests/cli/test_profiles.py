from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from time import time
from typing import TYPE_CHECKING

import pytest

from gemauth.client.cache import adc, files, grants
from gemauth.client.cache.keyring import Pointer
from gemauth.client.cache.tokens import entry, forget_all
from gemauth.client.cache.tokens import store as store_token
from gemauth.client.profiles import copies, store, using
from gemauth.client.token import AccessToken
from gemauth.google import scopes
from gemauth.google.status import Code, Status, error_info
from tests.cli.google import REFRESH_TOKEN
from tests.cli.terminal import Terminal
from tests.client.cache.others import OTHERS, at_once, lay, unless_windows
from tests.client.flows.test_assertion import KEY
from tests.client.profiles.people import ADA, BOB, EMULATED, profile, put, used

if TYPE_CHECKING:
    from tests.cli.google import Google


@pytest.fixture(autouse=True)
def at_home(home: Path) -> None:
    """Every test has a home of its own."""


def run(*words: str, typed: str = "", tty: bool = False, **more: str) -> Terminal:
    """Run `gemauth profiles WORDS…`."""
    there = Terminal(typed, tty=tty, environ={**os.environ, **more})
    there.run("profiles", *words)
    return there


def two() -> None:
    """Two profiles, of which one is in use."""
    using.keep(os.environ, store.place(os.environ, "ada"), replace(ADA, quota_project_id="billed"))
    known = grants.Grant(scopes.DEFAULT[:1], "ada@x.org", 1_800_000_000.0, "client-project")
    grants.remember(os.environ, ADA.refresh_token, known)
    profile(os.environ, "local", EMULATED)


def test_list() -> None:
    """One line for each: what it is, whose, on which side, and until when."""
    two()
    there = run("list")
    head, ada, local = there.out.splitlines()
    assert head.split() == [
        *("NAME", "IN", "USE", "ACCOUNT", "KIND", "SIDE", "SCOPES"),
        *("QUOTA", "PROJECT", "EXPIRES"),
    ]
    assert ada.split() == [
        *("ada", "yes", "ada@x.org", "authorized_user", "google"),
        *(scopes.short(scopes.DEFAULT[0]), "billed", "2027-01-15T08:00:00Z"),
    ]
    assert local.split() == ["local", "authorized_user", "emulator"]
    assert there.code == 0
    known = grants.Grant((*scopes.DEFAULT, scopes.OPENID))
    grants.remember(os.environ, EMULATED.refresh_token, known)
    assert "4 scopes" in run("list").out


def test_list_for_programs() -> None:
    """All members, scopes in full, and nothing secret."""
    two()
    there = run("list", "--format", "json")
    ada, local = there.json
    assert (ada["name"], ada["inUse"], ada["state"], ada["store"]) == ("ada", True, "same", "file")
    assert (local["inUse"], local["state"], local["problem"]) == (False, None, None)
    assert ada["scopes"] == list(scopes.DEFAULT[:1])
    for secret in (ADA.refresh_token, ADA.client_secret, EMULATED.refresh_token):
        assert secret not in there.out + there.err


def test_nothing_to_list() -> None:
    """It says how to make one; programs get an empty list."""
    assert "gemauth profiles save NAME" in run("list").err
    assert run("list", "--format", "json").json == []


def test_list_tells_what_is_wrong() -> None:
    """A file that cannot be read is listed and kept; so is one that another program changed."""
    two()
    profile(os.environ, "odd", b"{")
    put(adc.well_known(os.environ), ADA)
    there = run("list", GEMAUTH_PROFILE="local", GOOGLE_APPLICATION_CREDENTIALS="key.json")
    assert there.code == 0
    assert "yes, changed by another program" in there.out
    assert "odd    " in there.out
    assert "cannot be read" in there.out
    assert "warning: " in there.err
    assert "odd.json is no JSON file" in there.err
    assert "gemauth profiles save ada" in there.err
    assert "GEMAUTH_PROFILE=local goes before it" in there.err
    assert "GOOGLE_APPLICATION_CREDENTIALS=key.json goes before it" in there.err
    put(adc.well_known(os.environ), BOB)
    assert "is in no profile. To make it one" in run("list").err
    assert store.place(os.environ, "odd").read_bytes() == b"{"


@unless_windows
@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_no_file_is_reported_and_left_alone(kind: str) -> None:
    """In the folder of profiles, and in ADC's place: no command waits for it or takes it away."""
    two()
    odd, adc_place = store.place(os.environ, "odd"), adc.well_known(os.environ)
    lay(kind, odd)
    with at_once(60):
        there = run("list")
        assert there.code == 0
        assert there.out.splitlines()[-1].split() == ["odd", "cannot", "be", "read"]
        assert f"warning: {odd} is {OTHERS[kind]}, where a file is meant" in there.err
        for words in (
            ("show", "odd"),
            ("use", "odd"),
            ("save", "odd"),
            ("save", "odd", "--replace"),
            ("rename", "odd", "other"),
            ("rename", "local", "odd"),
            ("delete", "odd", "--yes"),
        ):
            there = run(*words)
            assert there.code == 7, words
            assert f"odd.json is {OTHERS[kind]}, where a file is meant" in there.err
        adc_place.unlink()
        lay(kind, adc_place)
        there = run("list")
        assert (there.code, len(there.out.splitlines())) == (0, 4)
        assert f"warning: {adc_place} is {OTHERS[kind]}, where a file is meant" in there.err
        assert run("show", "ada").code == 0
        for words in (("use", "ada"), ("use", "ada", "--replace"), ("save", "new")):
            there = run(*words)
            assert there.code == 7, words
            assert f"{adc_place}" in there.err
        assert run("delete", "ada", "--yes").code == 0
    assert files.is_other(odd)
    assert files.is_other(adc_place)


def test_use() -> None:
    """The ADC file is the profile's; what was there before is told to programs."""
    two()
    profile(os.environ, "bob", BOB)
    there = run("use", "bob", "--format", "json")
    assert there.json == {
        "name": "bob",
        "credentials": str(adc.well_known(os.environ)),
        "before": "ada",
    }
    assert "In use: bob (bob@x.org)" in there.err
    assert used(os.environ) == store.held(os.environ, "bob")


def test_use_that_would_lose_something() -> None:
    """It exits with 2 and names the command that keeps it; --replace drops it."""
    two()
    put(adc.well_known(os.environ), BOB)
    there = run("use", "ada")
    assert there.code == 2
    assert "gemauth profiles save NAME" in there.err
    assert run("save", "bob").code == 0
    assert run("use", "ada").code == 0
    assert store.names(os.environ) == ["ada", "bob", "local"]
    put(adc.well_known(os.environ), KEY)
    assert run("use", "ada", "--replace").code == 0


def test_use_of_an_earlier_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed process left is told by list and show, and mended by use."""
    two()
    with monkeypatch.context() as patch:
        patch.setattr(copies, "copy", lambda *_: None)
        using.change(os.environ, adc.read(adc.well_known(os.environ)), ADA)
    assert "To put the newer one there: gemauth profiles use ada" in run("list").err
    there = run("show", "ada")
    assert "inUse         yes, an earlier state" in there.out
    assert "gemauth profiles use ada" in there.err
    assert run("use", "ada").code == 0
    assert "yes, an earlier state" not in run("list").out


def test_use_of_an_emulators() -> None:
    """It says which emulator it belongs to."""
    profile(os.environ, "local", EMULATED)
    known = grants.Grant(emulator="http://127.0.0.1:8085")
    grants.remember(os.environ, EMULATED.refresh_token, known)
    there = run("use", "local")
    assert "an emulator's (GEMAUTH_EMULATOR=http://127.0.0.1:8085): other" in there.err
    assert "Every library" not in there.err


def test_use_of_one_in_a_keyring() -> None:
    """No other library looks there: the way to use it is told."""
    profile(os.environ, "safe", adc.form(Pointer.to(ADA, "no.such.Backend").to_json()))
    assert "authorized_user, in the keyring" in run("list").out
    assert run("show", "safe", "--format", "json").json["store"] == "no.such.Backend"
    there = run("use", "safe")
    assert there.code == 2
    assert "--profile safe, or GEMAUTH_PROFILE=safe" in there.err
    assert not adc.well_known(os.environ).exists()


def test_show() -> None:
    """Everything that is known of one, and no secret."""
    two()
    shown = run("show", "ada", "--format", "json").json
    assert (shown["account"], shown["project"]) == ("ada@x.org", "client-project")
    assert "inUse         no" in run("show", "local").out
    assert run("show", "none").code == 6
    profile(os.environ, "odd", b"{")
    assert run("show", "odd").code == 7


def test_save_and_rename() -> None:
    """Another program's file becomes a profile, and gets another name."""
    put(adc.well_known(os.environ), ADA)
    there = run("save", "work", "--format", "json")
    assert there.json == {"name": "work", "profile": str(store.place(os.environ, "work"))}
    assert "the profile work (ada@x.org)" in there.err
    there = run("rename", "work", "old", "--format", "json")
    assert there.json["name"] == "old"
    assert store.names(os.environ) == ["old"]
    assert run("save", "../work").code == 2


def test_delete() -> None:
    """A person is asked; it says what is still there, and that nothing was revoked."""
    two()
    profile(os.environ, "bob", BOB)
    assert run("delete", "bob", typed="n\n", tty=True).code == 1
    assert store.names(os.environ) == ["ada", "bob", "local"]
    assert "was not revoked" in run("delete", "bob", typed="y\n", tty=True).err
    assert "was not revoked" in run("delete", "local", "--yes").err
    there = run("delete", "ada", "--format", "json")
    assert there.json == {"name": "ada", "stillInUse": True}
    assert "still in use" in there.err
    assert run("delete", "ada").code == 6


def test_the_scopes_that_lack_are_asked_for_where_the_sign_in_is(
    google: Google, home: Path
) -> None:
    """The command in a refusal's advice runs as it stands, whichever sign-in was used."""
    info = error_info("ACCESS_TOKEN_SCOPE_INSUFFICIENT", domain="googleapis.com")
    status = Status(Code.PERMISSION_DENIED, "no", (info,)).to_json()
    google.answers["GET /v1beta/models"] = (403, status)
    raw = Path(google.credentials()).read_bytes()
    elsewhere = home / "a file.json"
    elsewhere.write_bytes(raw)
    profile(os.environ, "work", raw)
    for words, where, environ in (
        (("--profile", "work"), " --profile work", {}),
        ((), " --profile work", {"GEMAUTH_PROFILE": "work"}),
        (("--credentials", str(elsewhere)), f" --output '{elsewhere}'", {}),
        ((), f" --output '{elsewhere}'", {"GOOGLE_APPLICATION_CREDENTIALS": str(elsewhere)}),
    ):
        for command in (("models", "list"), ("request", "GET", "/v1beta/models")):
            there = Terminal("", environ={**os.environ, "GEMAUTH_EMULATOR": google.url, **environ})
            assert there.run(*command, *words) == 4
            assert f"gemauth login --add-scopes SCOPE{where}\n" in there.err


def test_every_command_takes_a_profile(google: Google) -> None:
    """--profile names it, GEMAUTH_PROFILE too, before what Google's libraries would take."""
    put(adc.well_known(os.environ), BOB)
    profile(os.environ, "work", Path(google.credentials()).read_bytes())
    google.answers["GET /v1beta/models"] = (200, {"models": []})
    for words, more in (
        (("--profile", "work"), {}),
        ((), {"GEMAUTH_PROFILE": "work"}),
    ):
        google.asked.clear()
        forget_all(os.environ, store.held(os.environ, "work"))
        there = Terminal(environ={**os.environ, **more})
        assert there.run("models", "list", "--emulator", google.url, *words) == 0
        assert google.form("POST /token")["refresh_token"] == REFRESH_TOKEN
        assert google.lines[-1].startswith("GET /v1beta/models")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--profile", "work", "--credentials", "x"), 2, "not allowed with argument"),
        (("--profile", "work"), 6, "There is no profile 'work'"),
        (("--profile", "../x"), 2, "cannot be a profile's name"),
        (("--profile", ""), 2, "is empty"),
        (("--profile", "work", "--access-token-file", "-"), 2, "Drop it, or --credentials, --pro"),
    ],
)
def test_what_names_no_profile(words: tuple[str, ...], code: int, told: str) -> None:
    """One answer to one question, and never the next place instead."""
    put(adc.well_known(os.environ), ADA)
    there = Terminal(environ=os.environ)
    assert there.run("print-access-token", *words) == code
    assert told in there.err


def test_a_cached_token_of_a_profile() -> None:
    """A profile's token and that of its copy in use are one, as their bytes are."""
    using.keep(os.environ, store.place(os.environ, "ada"), ADA)
    place = entry(os.environ, used(os.environ), (), "")
    assert place is not None
    store_token(place, AccessToken("ya29.kept", time() + 3600))
    for words in ((), ("--profile", "ada")):
        there = Terminal(environ=os.environ)
        assert there.run("print-access-token", *words) == 0
        assert there.out == "ya29.kept\n"
