from __future__ import annotations

from gemauth.emulator.storage.sqlite import SqliteStore
from gemauth.emulator.storage.store import Conflict, Store, StoreUnreadableError, Transaction
from gemauth.errors import DataError, GemauthError


def test_sqlite_keeps_the_contract() -> None:
    """The SQLite store is a Store and its transactions are Transactions, as mypy checks here"""
    store: Store = SqliteStore(None)
    with store.read() as tx:
        transaction: Transaction = tx
        assert transaction is tx
    store.close()


def test_its_errors_are_in_the_one_tree() -> None:
    """A Conflict and an unreadable store are gemauth's own errors"""
    assert issubclass(Conflict, GemauthError)
    assert issubclass(StoreUnreadableError, DataError)
