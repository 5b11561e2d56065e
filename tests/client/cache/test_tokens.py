from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gemauth.client.cache import tokens
from gemauth.client.cache.tokens import cached, entry, forget, forget_all, lookup, store
from gemauth.client.token import EARLY, SKEW, AccessToken
from gemauth.errors import DataError
from tests.client.cache.others import OTHERS, at_once, lay, unless_windows

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = 1_000_000.0
TOKEN = AccessToken("ya29.cached", NOW + 3600, ("a", "b"), NOW)
CREDENTIAL = b'{"type": "authorized_user"}'


@pytest.fixture
def environ(home: Path) -> Mapping[str, str]:
    """A home with an ADC file in it."""
    adc = home / ".config" / "gcloud" / "application_default_credentials.json"
    adc.parent.mkdir(parents=True)
    adc.write_bytes(CREDENTIAL)
    return {"HOME": str(home)}


def put(
    environ: Mapping[str, str], scopes: tuple[str, ...] = (), address: str = "", **token: str
) -> str:
    """Keep the token for the ADC file and return where."""
    place = entry(environ, CREDENTIAL, scopes, address)
    assert place is not None
    store(place, AccessToken(token.get("value", "ya29.cached"), NOW + 3600, ("a", "b"), NOW))
    return place


def test_a_token_is_kept_for_the_next_process(environ: Mapping[str, str]) -> None:
    """What was stored is read back whole, and found by the default ADC file."""
    place = put(environ)
    assert lookup(place) == TOKEN
    assert cached(environ, NOW) == "ya29.cached"


def test_the_fast_path_agrees_on_what_is_spent(environ: Mapping[str, str]) -> None:
    """A token counts until `token.EARLY` seconds before its end, as for every source."""
    assert (tokens.EARLY, tokens.SKEW) == (EARLY, SKEW)
    put(environ)
    assert cached(environ, NOW + 3600 - EARLY - 1) == "ya29.cached"
    assert cached(environ, NOW + 3600 - EARLY) is None


def test_the_fast_path_mistrusts_a_token_from_the_future(environ: Mapping[str, str]) -> None:
    """A clock that has been set back by more than time daemons do makes its end worthless."""
    place = put(environ)
    assert cached(environ, NOW - SKEW) == "ya29.cached"
    assert cached(environ, NOW - SKEW - 1) is None
    store(place, AccessToken("ya29.unknown", NOW + 3600))
    assert cached(environ, NOW - 86_400) == "ya29.unknown"
    assert lookup(place) == AccessToken("ya29.unknown", NOW + 3600)


def test_an_entry_belongs_to_one_credential(environ: Mapping[str, str], home: Path) -> None:
    """Other credential bytes, scopes or emulators find nothing."""
    put(environ)
    assert cached(environ, NOW, scopes=("a",)) is None
    assert cached(environ, NOW, emulator="http://127.0.0.1:1") is None
    assert cached({**environ, "GEMAUTH_EMULATOR": "http://127.0.0.1:1"}, NOW) is None
    other = home / "other.json"
    other.write_bytes(CREDENTIAL + b" ")
    assert cached(environ, NOW, credentials=str(other)) is None
    assert cached({**environ, "GOOGLE_APPLICATION_CREDENTIALS": str(other)}, NOW) is None
    adc = home / ".config" / "gcloud" / "application_default_credentials.json"
    adc.write_bytes(b"another sign-in")
    assert cached(environ, NOW) is None


def test_the_same_file_under_another_name(environ: Mapping[str, str], home: Path) -> None:
    """It is the content that counts, not where it lies."""
    put(environ)
    copy = home / "copy.json"
    copy.write_bytes(CREDENTIAL)
    assert cached(environ, NOW, credentials=str(copy)) == "ya29.cached"
    assert cached({**environ, "GOOGLE_APPLICATION_CREDENTIALS": str(copy)}, NOW) is not None


def test_an_emulators_address_is_part_of_it(environ: Mapping[str, str]) -> None:
    """With or without a slash at its end, as an argument or in the variable."""
    put(environ, address="http://127.0.0.1:1", value="ya29.emu-x")
    assert cached(environ, NOW, emulator="http://127.0.0.1:1/") == "ya29.emu-x"
    assert cached({**environ, "GEMAUTH_EMULATOR": "http://127.0.0.1:1"}, NOW) == "ya29.emu-x"
    assert cached(environ, NOW) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        b"gemauth access token 1\n9999999999\n\nya29.x\n\n",
        b"gemauth access token 2\nsoon\n\nya29.x\n\n",
        b"gemauth access token 2\n9999999999\nyesterday\nya29.x\n\n",
        b"gemauth access token 2\n9999999999\n\n\n\n",
        b"gemauth access token 2\n9999999999\n\nya29.x",
        b"gemauth access token 2\n9999999999\n\nya29.x\n\nmore",
        b"\xff\xfe\n\n\n\n",
    ],
)
def test_a_broken_entry_is_none(content: bytes, environ: Mapping[str, str]) -> None:
    """A cache that cannot be read is an empty cache, never an error and never half a token."""
    place = Path(put(environ))
    place.write_bytes(content)
    assert lookup(str(place)) is None
    assert cached(environ, NOW) is None


def test_nothing_to_look_in() -> None:
    """No home, or no credential file: None."""
    assert cached({}, NOW) is None
    assert cached({"HOME": "/nonexistent"}, NOW) is None
    assert cached({}, NOW, credentials="/nonexistent") is None
    assert entry({}, CREDENTIAL, (), "") is None


def test_a_token_of_unknown_end_is_not_kept(environ: Mapping[str, str]) -> None:
    """Without an end there is nothing to compare with."""
    place = entry(environ, CREDENTIAL, (), "")
    assert place is not None
    store(place, AccessToken("ya29.x"))
    assert not Path(place).exists()


def test_entries_are_private_and_old_ones_go(environ: Mapping[str, str]) -> None:
    """0600; what nobody has renewed for a day is deleted at the next write."""
    old = Path(put(environ, scopes=("old",)))
    assert old.stat().st_mode & 0o777 == 0o600
    os.utime(old, (1, 1))
    put(environ)
    assert not old.exists()


def test_an_entry_that_is_a_link_is_replaced(environ: Mapping[str, str], home: Path) -> None:
    """The link goes; what it leads to, which may be anybody's, is not touched."""
    place = Path(put(environ))
    theirs = home / "theirs"
    place.rename(theirs)
    place.symlink_to(theirs)
    put(environ, value="ya29.new")
    assert not place.is_symlink()
    assert lookup(str(place)) == AccessToken("ya29.new", NOW + 3600, ("a", "b"), NOW)
    assert b"ya29.cached" in theirs.read_bytes()


def test_an_entry_that_another_process_forgets(
    environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deleted as soon as it was written: there is nothing to tidy up, and nothing is raised."""
    from gemauth.client.cache import files

    write = files.write_private

    def gone(path: Path, data: bytes) -> None:
        write(path, data)
        path.unlink()

    monkeypatch.setattr(files, "write_private", gone)
    put(environ)
    assert cached(environ, NOW) is None


def test_forgetting(environ: Mapping[str, str]) -> None:
    """A forgotten token is gone; forgetting twice is no error."""
    place = put(environ)
    forget(place)
    forget(place)
    assert cached(environ, NOW) is None


def test_forgetting_all_of_a_credential(environ: Mapping[str, str], home: Path) -> None:
    """Each of its tokens goes, and what a killed writer left; another credential's stays."""
    acting = entry(environ, CREDENTIAL, ("c",), "http://127.0.0.1:1", "as robot@x.example")
    other = entry(environ, b"another", (), "")
    assert acting is not None
    assert other is not None
    for place in (put(environ), put(environ, ("s",)), acting, other):
        store(place, TOKEN)
    cut_off = Path(acting).with_name(f".{Path(acting).name}.0123456789abcdef")
    cut_off.write_text("ya29.half")
    assert forget_all(environ, CREDENTIAL) == 4
    assert [*Path(other).parent.iterdir()] == [Path(other)]
    assert forget_all(environ, CREDENTIAL) == 0
    assert forget_all({"HOME": str(home / "nobody")}, CREDENTIAL) == forget_all({}, CREDENTIAL) == 0


def test_what_cannot_be_forgotten(
    environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that the system keeps is told of, after all others have been deleted."""
    stuck = Path(put(environ))
    for scope in "abc":
        put(environ, (scope,))
    unlink = Path.unlink

    def refuse(self: Path, *, missing_ok: bool = False) -> None:
        if self == stuck:
            raise PermissionError(13, "Permission denied")
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(DataError):
        forget_all(environ, CREDENTIAL)
    assert [*stuck.parent.iterdir()] == [stuck]


def test_an_old_entry_that_another_process_deletes(
    environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes may tidy up at once; the second finds nothing left to delete."""
    old = Path(put(environ, scopes=("old",)))
    os.utime(old, (1, 1))
    unlink = Path.unlink

    def twice(path: Path) -> None:
        unlink(path)
        unlink(path)

    monkeypatch.setattr(Path, "unlink", twice)
    put(environ)
    assert not old.exists()


def test_any_interpreter_has_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the interpreter's own module hashlib's is used, with the same result."""
    expected = entry({"HOME": "/h"}, CREDENTIAL, (), "")
    for name in ("_sha2", "_sha256"):
        monkeypatch.setitem(sys.modules, name, None)
    assert entry({"HOME": "/h"}, CREDENTIAL, (), "") == expected


def test_keys_never_meet(environ: Mapping[str, str]) -> None:
    """Parts of a key cannot run into each other."""
    assert entry(environ, b"a", ("b",), "") != entry(environ, b"ab", (), "")
    assert entry(environ, b"a", (), "b") != entry(environ, b"a", ("b",), "")


def test_reading_imports_next_to_nothing(environ: Mapping[str, str]) -> None:
    """The fast path adds no module but our own few and one digest to Python's start."""
    put(environ)
    code = (
        "import sys, os, time; before = set(sys.modules)\n"
        "from gemauth.client.cache.tokens import cached\n"
        f"assert cached(os.environ, {NOW}) == 'ya29.cached'\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    ours = {
        "__future__",
        "gemauth",
        "gemauth.client",
        "gemauth.client.cache",
        "gemauth.client.cache.places",
        "gemauth.client.cache.tokens",
    }
    assert set(run.stdout.split()) - ours <= {"_sha2", "_sha256"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_left_to_the_long_way(environ: Mapping[str, str], home: Path) -> None:
    """It can be read only once (`--credentials <(vault …)`): the fast path does not touch it."""
    put(environ)
    os.mkfifo(home / "pipe")
    assert cached(environ, NOW, credentials=str(home / "pipe")) is None


@unless_windows
@pytest.mark.parametrize("kind", OTHERS)
def test_an_entry_that_is_no_file(kind: str, environ: Mapping[str, str]) -> None:
    """What lies in the entry's place is no token, and is not waited for."""
    place = put(environ)
    Path(place).unlink()
    lay(kind, Path(place))
    with at_once():
        assert cached(environ, NOW) is None
        assert lookup(place) is None
