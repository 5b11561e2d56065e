from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

import pytest

from gemauth.cli.cached import cached_token
from gemauth.client import short_way
from gemauth.client.cache.tokens import entry, forget, store
from gemauth.client.token import AccessToken

if TYPE_CHECKING:
    from pathlib import Path

EMULATOR = "http://127.0.0.1:8085"


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """A key file at `key`, a profile of the same bytes, and two cached tokens, of either side."""
    environ = {"HOME": str(home)}
    key = home / "key"
    key.write_bytes(b"{}")
    profile = home / ".config/gemauth/profiles/work.json"
    profile.parent.mkdir(parents=True)
    profile.write_bytes(b"{}")
    for address, value in (("", "google"), (EMULATOR, "emulated")):
        place = entry(environ, b"{}", (), address)
        assert place is not None
        store(place, AccessToken(value, time() + 3600))
    return environ | {"KEY": str(key)}


@pytest.mark.parametrize(
    ("words", "token"),
    [
        (["--credentials", "KEY"], "google"),
        (["--credentials=KEY"], "google"),
        (["--credentials", "KEY", f"--emulator={EMULATOR}"], "emulated"),
        (["--emulator", f"{EMULATOR}/", "--credentials", "KEY"], "emulated"),
        (["--profile", "work"], "google"),
        (["--profile=work", "--emulator", EMULATOR], "emulated"),
    ],
)
def test_known_options(environ: dict[str, str], words: list[str], token: str) -> None:
    """The fast path knows --credentials, --profile and --emulator, in both spellings."""
    assert cached_token([w.replace("KEY", environ["KEY"]) for w in words], environ) == token


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--fresh", "--credentials", "KEY"],
        ["--credentials", "KEY", "--format=json"],
        ["--credentials", "KEY", "--scopes", "tuning"],
        ["--credentials", "KEY", "extra"],
        ["--credentials", "KEY", "--emulator"],
        ["--credentials", "--emulator"],
        ["--credentials=", "KEY"],
        ["--credentials", "KEY", "--profile", "work"],
        ["--profile", "../profiles/work"],
        ["--profile", "none"],
        ["--cred", "KEY"],
        ["--credentials", "nowhere"],
        [],
    ],
)
def test_everything_else(environ: dict[str, str], words: list[str]) -> None:
    """What it does not know by heart, mistakes included, is left to the ordinary way."""
    assert cached_token([w.replace("KEY", environ["KEY"]) for w in words], environ) is None


def test_the_variable(environ: dict[str, str]) -> None:
    """GEMAUTH_PROFILE goes before GOOGLE_APPLICATION_CREDENTIALS, and after the options."""
    named = environ | {"GEMAUTH_PROFILE": "work", "GOOGLE_APPLICATION_CREDENTIALS": "nowhere"}
    assert cached_token([], named) == "google"
    wrong = environ | {"GEMAUTH_PROFILE": "none", "GOOGLE_APPLICATION_CREDENTIALS": environ["KEY"]}
    assert cached_token([], wrong) is None
    assert cached_token(["--profile", "work"], wrong) == "google"
    assert cached_token(["--credentials", environ["KEY"]], wrong) == "google"


def test_a_self_signed_token(environ: dict[str, str]) -> None:
    """--self-signed has an entry of its own in the cache."""
    place = entry(environ, b"{}", (), "", "self-signed")
    assert place is not None
    store(place, AccessToken("ey.signed", time() + 3600))
    words = ["--self-signed", "--credentials", environ["KEY"]]
    assert cached_token(words, environ) == "ey.signed"
    assert cached_token(words[1:], environ) == "google"


def test_the_short_way_is_googles(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a token in the cache Google is asked by the short way, an emulator is not."""
    asked: list[str] = []

    def way(_environ: object, credential: bytes, place: str, now: float) -> str:
        asked.append(place)
        return f"new {credential.decode()}"

    monkeypatch.setattr(short_way, "renewed", way)
    key = environ["KEY"]
    for address in ("", EMULATOR):
        place = entry(environ, b"{}", (), address)
        assert place is not None
        forget(place)
    assert cached_token(["--credentials", key], environ) == "new {}"
    assert cached_token(["--credentials", key, "--emulator", EMULATOR], environ) is None
    assert asked == [entry(environ, b"{}", (), "")]
