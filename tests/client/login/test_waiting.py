from __future__ import annotations

import errno
import json
import os
import threading
from typing import TYPE_CHECKING

import pytest

from gemauth.client.flows.sign_in import SignIn
from gemauth.client.login import waiting
from gemauth.client.login.destination import Destination
from gemauth.client.login.waiting import Waiting
from gemauth.client.login.wish import Wish
from gemauth.errors import CredentialError, DataError, UsageError
from gemauth.google import scopes
from gemauth.google.endpoints import GOOGLE
from tests.client.cache.others import OTHERS, at_once, lay, unless_windows
from tests.client.transcript import CLIENT, EMULATED_CLIENT, EMULATOR

if TYPE_CHECKING:
    from pathlib import Path

NOON = 1_000_000.0
STATE = "state-of-256-bits"
WISH = Wish(SignIn(CLIENT, GOOGLE, scopes.DEFAULT), Destination("/adc.json"))


def one(wish: Wish = WISH, expires_at: float = NOON + 60) -> Waiting:
    """A sign-in that waits."""
    return Waiting(wish, "http://127.0.0.1:50000/", "the-verifier", expires_at)


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """A home, and nothing else."""
    return {"HOME": str(home)}


@pytest.mark.parametrize(
    "wish",
    [
        WISH,
        Wish(
            SignIn(EMULATED_CLIENT, EMULATOR, (scopes.TUNING,), "ada@example.com", adding=True),
            Destination("/other.json", replace=True),
            "billed",
            earlier=(scopes.CLOUD_PLATFORM,),
        ),
    ],
)
def test_what_is_written_is_read(environ: dict[str, str], wish: Wish) -> None:
    """Everything that was asked for comes back, and Google or the emulator with it."""
    waiting.keep(environ, STATE, one(wish))
    assert waiting.find(environ, STATE, NOON) == one(wish)


def test_its_file_is_the_owners_alone(environ: dict[str, str]) -> None:
    """0600 in a folder of 0700 whatever was there; the state is not in it, its name is a digest."""
    folder = waiting.keep(environ, "another", one()).parent
    folder.chmod(0o755)
    path = waiting.keep(environ, STATE, one())
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert STATE not in f"{path} {path.read_text()}"
    assert "the-verifier" not in repr(one())


def test_it_serves_once(environ: dict[str, str]) -> None:
    """Of many who take one at the same time one has it; nothing secret stays behind."""
    path = waiting.keep(environ, STATE, one())
    ends: list[str] = []

    def take() -> None:
        try:
            waiting.take(environ, STATE)
        except CredentialError as error:
            ends.append(error.message)
        else:
            ends.append("mine")

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == [
        "This answer was used already; each one finishes a sign-in once."
    ] * 7 + ["mine"]
    assert [left.read_bytes() for left in path.parent.iterdir()] == [b""]
    with pytest.raises(CredentialError, match="used already") as caught:
        waiting.find(environ, STATE, NOON)
    assert "gemauth status" in (caught.value.next_step or "")


def test_a_process_that_is_killed_while_it_takes(environ: dict[str, str]) -> None:
    """Between the rename and the emptying: it counts as used, and goes with the others."""
    path = waiting.keep(environ, STATE, one())
    used = path.rename(path.with_suffix(".used"))
    os.utime(used, (NOON, NOON))
    with pytest.raises(CredentialError, match="used already"):
        waiting.find(environ, STATE, NOON)
    waiting.delete_old(environ, NOON + waiting.LONGEST)
    assert not used.exists()


def test_a_full_disk_when_it_is_taken(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Emptying it takes no room: it is taken all the same, and no secret of it stays."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    place = waiting.keep(environ, STATE, one())
    monkeypatch.setattr(os, "fsync", full)
    waiting.take(environ, STATE)
    assert [path.read_bytes() for path in place.parent.iterdir()] == [b""]


def test_put_back(environ: dict[str, str]) -> None:
    """What was taken in vain waits again."""
    waiting.keep(environ, STATE, one())
    waiting.take(environ, STATE)
    waiting.put_back(environ, STATE, one())
    assert waiting.find(environ, STATE, NOON) == one()


def test_an_unknown_state(environ: dict[str, str]) -> None:
    """Begun elsewhere, or swept away: said so, with what to do."""
    with pytest.raises(CredentialError, match="No sign-in waits here") as caught:
        waiting.find(environ, STATE, NOON)
    assert "--start" in (caught.value.next_step or "")
    with pytest.raises(CredentialError, match="No sign-in waits here"):
        waiting.take(environ, STATE)


def test_it_ends(environ: dict[str, str]) -> None:
    """At its end it is over, and its secrets are gone."""
    path = waiting.keep(environ, STATE, one())
    with pytest.raises(CredentialError, match="waited for too long"):
        waiting.find(environ, STATE, NOON + 60)
    assert not path.exists()


def test_what_is_over_is_deleted(environ: dict[str, str]) -> None:
    """Expired ones, and what killed processes left; what may still be finished stays."""
    waiting.delete_old(environ, NOON)  # with no folder there is nothing to do
    over = waiting.keep(environ, "over", one(expires_at=NOON))
    stays = waiting.keep(environ, "stays", one())
    waiting.keep(environ, "used", one())
    waiting.take(environ, "used")
    (unfinished := over.parent / ".x.json.0123456789abcdef").write_bytes(b"half")
    (broken := over.parent / "broken.json").write_bytes(b"[" * 100_000)
    os.utime(broken, (NOON, NOON))
    os.utime(unfinished, (NOON, NOON))
    waiting.delete_old(environ, NOON)
    assert not over.exists()
    assert unfinished.exists()  # somebody may be writing it
    waiting.delete_old(environ, NOON + waiting.LONGEST)
    assert not unfinished.exists()
    assert not broken.exists()
    assert not stays.exists()  # over by now
    assert [path.suffix for path in over.parent.iterdir()] == [".used"]  # it is of today


@unless_windows
@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_no_file(environ: dict[str, str], kind: str) -> None:
    """Told where it is asked for, else left alone; what lies beside it is tidied up even so."""
    path = waiting.keep(environ, STATE, one())
    path.unlink()
    lay(kind, path)
    for name in ("a", "b", "c"):
        waiting.keep(environ, name, one(expires_at=NOON))
    with at_once():
        with pytest.raises(DataError, match=f"is {OTHERS[kind]}, where a file is meant"):
            waiting.find(environ, STATE, NOON)
        waiting.forget(environ, {"/other.json"})
        waiting.delete_old(environ, NOON)
        assert [there.name for there in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b"{}", b'{"client": {}}', b"\xff", b"[" * 100_000]
)
def test_a_file_that_is_none(environ: dict[str, str], content: bytes) -> None:
    """Whatever stands there ends in one sentence."""
    waiting.keep(environ, STATE, one()).write_bytes(content)
    with pytest.raises(DataError, match="no sign-in that waits"):
        waiting.find(environ, STATE, NOON)


def test_a_file_that_names_another_server(environ: dict[str, str]) -> None:
    """It chooses among Google and loopback, as a client's file does, and nothing else."""
    path = waiting.keep(environ, STATE, one())
    path.write_text(json.dumps(one().to_json() | {"emulator": "https://evil.example"}))
    with pytest.raises(DataError, match="no sign-in that waits"):
        waiting.find(environ, STATE, NOON)


def test_without_a_home() -> None:
    """There is no place to wait in."""
    with pytest.raises(UsageError, match="no home"):
        waiting.keep({}, STATE, one())
    waiting.delete_old({}, NOON)


def test_a_folder_that_cannot_be_written(environ: dict[str, str], home: Path) -> None:
    """Told before anybody signs in."""
    (home / ".config").mkdir()
    (home / ".config" / "gemauth").touch()
    with pytest.raises(DataError, match="cannot be written"):
        waiting.keep(environ, STATE, one())
