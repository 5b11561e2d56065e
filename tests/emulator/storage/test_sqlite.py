from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.storage.records import Account
from gemauth.emulator.storage.schema import MIGRATIONS
from gemauth.emulator.storage.sqlite import FILE, SqliteStore
from gemauth.emulator.storage.store import StoreUnreadableError
from gemauth.testing.store_contract import StoreContract, sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gemauth.emulator.storage.store import Store, Transaction


class TestInMemory(StoreContract):
    """The contract, by a store in memory."""

    @pytest.fixture
    def store(self) -> Iterator[Store]:
        """A new one."""
        store = SqliteStore(None)
        yield store
        store.close()


class TestInAFolder(StoreContract):
    """The contract, by a store in a folder."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        """A new one."""
        store = SqliteStore(tmp_path / "data")
        yield store
        store.close()


def test_what_was_written_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    """A store that was closed, and one that was not, come back with every transaction"""
    first = SqliteStore(tmp_path)
    with first.write() as tx:
        tx.add(sample(Account, 1))
    first.close()
    crashed = SqliteStore(tmp_path)
    with crashed.write() as tx:
        tx.add(sample(Account, 2))
    second = SqliteStore(tmp_path)
    with second.read() as tx:
        assert tx.find(Account) == [sample(Account, 1), sample(Account, 2)]
    second.close()
    crashed.close()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_its_owner_may_read_it(tmp_path: Path, umask: int) -> None:
    """The folder is 0700 and every file in it 0600, whatever the umask"""
    folder = tmp_path / "data"
    before = os.umask(umask)
    try:
        store = SqliteStore(folder)
        with store.write() as tx:
            tx.add(sample(Account))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    finally:
        os.umask(before)
    store.close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert set(modes) == {FILE, f"{FILE}-wal", f"{FILE}-shm"}
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize(
    "content",
    [b"this is a shopping list, and a long one\n" * 200, b"SQLite format 3\x00" + b"\xff" * 8000],
)
def test_a_file_that_is_no_database_is_refused_and_left(tmp_path: Path, content: bytes) -> None:
    """What is no database is refused with the path and the next step, and stays byte for byte"""
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(StoreUnreadableError) as caught:
        SqliteStore(tmp_path)
    assert str(tmp_path) in caught.value.message
    assert caught.value.next_step is not None
    assert (tmp_path / FILE).read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_newer_gemauths_data_are_refused_and_left(tmp_path: Path) -> None:
    """A database of a later format is refused, and stays byte for byte"""
    SqliteStore(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    database.close()
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(StoreUnreadableError, match="newer gemauth"):
        SqliteStore(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_a_database_behind_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    """A link in the data folder is not followed: it could lead the writes elsewhere"""
    target = tmp_path / "target"
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / FILE).symlink_to(target)
    with pytest.raises(StoreUnreadableError):
        SqliteStore(folder)
    assert not target.exists()


def test_a_transaction_that_was_answered_survives_a_kill(tmp_path: Path) -> None:
    """A process that ends without closing anything loses no committed transaction"""
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from gemauth.emulator.storage.records import Account\n"
        "from gemauth.emulator.storage.sqlite import SqliteStore\n"
        "from gemauth.testing.store_contract import sample\n"
        "store = SqliteStore(Path(sys.argv[1]))\n"
        "with store.write() as tx: tx.add(sample(Account, 1))\n"
        "unfinished = store.write(); unfinished.__enter__().add(sample(Account, 2))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert ended.returncode == -9
    store = SqliteStore(tmp_path)
    with store.read() as tx:
        assert tx.find(Account) == [sample(Account, 1)]
    store.close()


def test_a_full_disk_ends_one_transaction(tmp_path: Path) -> None:
    """SQLite gives a transaction up itself when there is no room; the store goes on working"""
    store = SqliteStore(tmp_path)
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()  # no other way to fill it
    store._connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"), store.write() as tx:
        _fill(tx)
    store._connection.execute("PRAGMA max_page_count=1000000")
    with store.write() as tx:
        assert tx.find(Account) == []
        tx.add(sample(Account))
    store.close()


def _fill(tx: Transaction) -> None:
    for number in range(1000):
        tx.add(sample(Account, number))


def test_a_commit_that_fails_is_undone(tmp_path: Path) -> None:
    """Nothing was answered, so nothing is kept, and the next transaction can begin"""
    store = SqliteStore(tmp_path)

    def no_commit(action: int, what: str | None, *_: str | None) -> int:
        denied = action == sqlite3.SQLITE_TRANSACTION and what == "COMMIT"
        return sqlite3.SQLITE_DENY if denied else sqlite3.SQLITE_OK

    store._connection.set_authorizer(no_commit)  # an input/output error, as far as the store sees
    with pytest.raises(sqlite3.DatabaseError), store.write() as tx:
        tx.add(sample(Account))
    store._connection.set_authorizer(None)
    with store.write() as tx:
        assert tx.find(Account) == []
    store.close()
