from __future__ import annotations

import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gemauth.client.service_accounts import pending
from gemauth.client.service_accounts.pending import Pending
from gemauth.errors import DataError, UsageError
from tests.client.cache.others import OTHERS, at_once, lay, unless_windows

if TYPE_CHECKING:
    from pathlib import Path

KEY = Pending("ci@demo.iam.gserviceaccount.com", "PRIVATE", "CERTIFICATE")


def test_kept_recalled_forgotten(tmp_path: Path) -> None:
    """It is for its owner only, beside the file it is for, and nothing is left of it."""
    path = tmp_path / "key.json"
    assert pending.recall(path) is None
    for key in (KEY, replace(KEY, key_id="1", replaces="0")):
        pending.keep(path, key)
        assert pending.recall(path) == key
    assert stat.S_IMODE(pending.place(path).stat().st_mode) == 0o600
    pending.forget(path)
    assert [*tmp_path.iterdir()] == []
    assert "PRIVATE" not in repr(KEY)


def test_a_run_that_was_killed_while_it_wrote(tmp_path: Path) -> None:
    """The private key that it left under a passing name is deleted by the next run."""
    path, others = tmp_path / "key.json", tmp_path / ".other.json.0123456789abcdef"
    names = (path, pending.place(path))
    left = [at.with_name(f".{at.name}.0123456789abcdef") for at in names]
    for each in (*left, others):
        each.write_text("PRIVATE")
    with pending.alone(path):
        assert [*tmp_path.iterdir()] == [others]


def test_what_somebody_else_put_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a shared folder another user's key would be uploaded to the account: it is refused, and
    so is a link.
    """
    path = tmp_path / "key.json"
    pending.keep(path, KEY)
    me = os.geteuid()
    with monkeypatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: me + 1)
        with pytest.raises(DataError, match="another user"):
            pending.recall(path)
    pending.place(path).rename(tmp_path / "elsewhere")
    pending.place(path).symlink_to("elsewhere")
    with pytest.raises(DataError, match="cannot be read"):
        pending.recall(path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"account": "a", "more": 1}', "{"])
def test_what_cannot_be_read(tmp_path: Path, content: str) -> None:
    """It is told, with what to do, and left as it is."""
    path = tmp_path / "key.json"
    pending.place(path).write_text(content)
    with pytest.raises(DataError, match="cannot be read"):
        pending.recall(path)
    assert pending.place(path).read_text() == content


def test_one_at_a_time(tmp_path: Path) -> None:
    """A second run in the same folder is told to wait; afterwards it may go on."""
    path = tmp_path / "key.json"
    with pending.alone(path), pytest.raises(UsageError, match="Another run"), pending.alone(path):
        pass
    with pending.alone(path):
        assert [*tmp_path.iterdir()] == []


def test_where_there_is_no_such_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is not there yet, and file systems without locks, are no obstacle."""
    with pending.alone(tmp_path / "none" / "key.json"):
        pass

    def no_lock(*_: object) -> None:
        raise OSError("no locks here")

    import fcntl

    monkeypatch.setattr(fcntl, "flock", no_lock)
    with pending.alone(tmp_path / "key.json"):
        pass
    monkeypatch.setitem(__import__("sys").modules, "fcntl", None)
    with pending.alone(tmp_path / "key.json"):
        pass
    assert [*tmp_path.iterdir()] == []


@unless_windows
@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_no_file(kind: str, tmp_path: Path) -> None:
    """It is told, and not waited for."""
    lay(kind, pending.place(tmp_path / "key.json"))
    with at_once(), pytest.raises(DataError, match="cannot be read"):
        pending.recall(tmp_path / "key.json")
