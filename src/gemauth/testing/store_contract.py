"""What a store must do: a suite that a backend passes by subclassing it (design decision 5).

    class TestMyStore(StoreContract):
        @pytest.fixture
        def store(self) -> Iterator[Store]:
            ...  # a new, empty one

Each test's docstring is the fact it proves. Read by `tests/emulator/storage`.
"""

from __future__ import annotations

import threading
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, replace
from functools import partial
from typing import Any, TypeVar

import pytest

from gemauth.emulator.storage.records import (
    RECORDS,
    Account,
    AuthorizationCode,
    GroupMember,
    OAuthClient,
    Permission,
    Record,
    RefreshToken,
    TestUser,
)
from gemauth.emulator.storage.store import Conflict, Store

__all__ = ["StoreContract", "sample"]

R = TypeVar("R", bound=Record)


def sample(kind: type[R], number: int = 1, *, empty: bool = False, **values: Any) -> R:  # noqa: ANN401  # any field
    """Return a record of a kind whose every value depends on `number`.

    `empty` leaves optional values None and collections empty; `values` are taken as they are.
    """
    hints = typing.get_type_hints(kind)
    made = {
        f.name: _value(hints[f.name], f"{f.name} {number}", number, empty=empty)
        for f in fields(kind)  # type: ignore[arg-type]  # every kind is a dataclass
    }
    return kind(**made | values)


def _value(hint: Any, text: str, number: int, *, empty: bool) -> Any:  # noqa: ANN401  # a type
    if isinstance(hint, types.UnionType):
        some = next(option for option in typing.get_args(hint) if option is not types.NoneType)
        return None if empty else _value(some, text, number, empty=empty)
    if typing.get_origin(hint) is tuple:
        return () if empty else (text, "schön \N{SNOWMAN}")
    if typing.get_origin(hint) is Mapping:
        return {} if empty else {text: [number, 1.5, None, True, {"deep": "schön \N{SNOWMAN}"}]}
    if hint is bool:
        return not empty
    return {str: text, float: 1767225600.125 + number, int: number}[hint]


class StoreContract:
    """The suite; a subclass brings the fixture `store`, a new and empty store."""

    @pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.TABLE)
    @pytest.mark.parametrize("empty", [False, True])
    def test_a_record_comes_back_as_it_was(
        self, store: Store, kind: type[Record], *, empty: bool
    ) -> None:
        """Every kind of record is returned by get and find equal to what was added."""
        record = sample(kind, empty=empty)
        with store.write() as tx:
            tx.add(record)
        with store.read() as tx:
            assert tx.get(kind, *_key(record)) == record
            assert tx.find(kind) == [record]

    def test_a_missing_record_is_none(self, store: Store) -> None:
        """Get and take answer None, find an empty list, remove False."""
        with store.write() as tx:
            assert tx.get(Account, "x") is None
            assert tx.take(Account, "x") is None
            assert tx.find(Account, email="x") == []
            assert tx.remove(Account, "x") is False

    @pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.TABLE)
    def test_a_key_is_taken_once(self, store: Store, kind: type[Record]) -> None:
        """Adding a second record with the same key is a Conflict, and the first one stays."""
        first = sample(kind)
        second = replace(sample(kind, 2), **dict(zip(kind.KEY, _key(first), strict=True)))  # type: ignore[type-var]
        with store.write() as tx:
            tx.add(first)
            with pytest.raises(Conflict):
                tx.add(second)
        with store.read() as tx:
            assert tx.find(kind) == [first]

    def test_what_must_be_unique_is(self, store: Store) -> None:
        """One address has one account, and one grantee one permission on a resource."""
        with store.write() as tx:
            tx.add(sample(Account, 1, email="a@example.com"))
            with pytest.raises(Conflict):
                tx.add(sample(Account, 2, email="a@example.com"))
            tx.add(sample(Permission, 1, parent="p", grantee_type="USER", email="a"))
            with pytest.raises(Conflict):
                tx.add(sample(Permission, 2, parent="p", grantee_type="USER", email="a"))

    def test_a_transaction_goes_on_after_a_conflict(self, store: Store) -> None:
        """A caller may turn a Conflict into something else; what it wrote around it is kept."""
        with store.write() as tx:
            tx.add(sample(Account, 1))
            with pytest.raises(Conflict):
                tx.add(sample(Account, 1))
            tx.add(sample(Account, 2))
        assert len(_all(store, Account)) == 2

    def test_find_compares_every_column_given(self, store: Store) -> None:
        """Find returns the records that equal all values; None finds what is null."""
        both = sample(TestUser, 1, project_id="p", removed_at=5.0)
        null = sample(TestUser, 2, project_id="p", removed_at=None)
        other = sample(TestUser, 3, project_id="q", removed_at=None)
        with store.write() as tx:
            for record in (both, null, other):
                tx.add(record)
            assert tx.find(TestUser, project_id="p") == [both, null]
            assert tx.find(TestUser, project_id="p", removed_at=None) == [null]
            assert tx.find(TestUser, removed_at=5.0) == [both]
            assert tx.find(OAuthClient, state="x") == []

    def test_find_answers_in_the_kinds_order(self, store: Store) -> None:
        """The order is the kind's ORDER, not the one of adding."""
        records = [
            sample(RefreshToken, number, created_at=created)
            for number, created in ((1, 30.0), (2, 10.0), (3, 20.0), (4, 10.0))
        ]
        with store.write() as tx:
            for record in records:
                tx.add(record)
        found = _all(store, RefreshToken)
        assert found == sorted(records, key=lambda r: (r.created_at, r.token_hash))

    def test_find_refuses_a_column_that_is_none(self, store: Store) -> None:
        """A misspelt column is a TypeError, never an empty answer."""
        with store.read() as tx, pytest.raises(TypeError):
            tx.find(Account, emial="x")

    def test_replace_changes_one_record(self, store: Store) -> None:
        """Replace puts a record in the place of the one with its key, and touches no other."""
        first, second = sample(Account, 1), sample(Account, 2)
        changed = replace(first, name="Other", domain=None)
        with store.write() as tx:
            tx.add(first)
            tx.add(second)
            tx.replace(changed)
        assert _all(store, Account) == [changed, second]

    def test_replace_needs_a_record(self, store: Store) -> None:
        """Replacing what is not there is a KeyError, and adds nothing."""
        with store.write() as tx, pytest.raises(KeyError):
            tx.replace(sample(Account))
        assert _all(store, Account) == []

    def test_take_gives_a_record_once(self, store: Store) -> None:
        """Take fetches and deletes: the second taker gets None."""
        record = sample(AuthorizationCode)
        with store.write() as tx:
            tx.add(record)
        with store.write() as tx:
            assert tx.take(AuthorizationCode, record.code_hash) == record
            assert tx.take(AuthorizationCode, record.code_hash) is None
        with store.write() as tx:
            assert tx.take(AuthorizationCode, record.code_hash) is None

    def test_remove_says_whether_there_was_one(self, store: Store) -> None:
        """Remove is True once, then False, and touches no other record."""
        one, two = (sample(GroupMember, n) for n in (1, 2))
        with store.write() as tx:
            tx.add(one)
            tx.add(two)
            assert tx.remove(GroupMember, *_key(one)) is True
            assert tx.remove(GroupMember, *_key(one)) is False
        assert _all(store, GroupMember) == [two]

    def test_expire_deletes_what_has_ended(self, store: Store) -> None:
        """Expire deletes up to and including the moment, and never what has no end."""
        ends = (10.0, 20.0, 30.0, None)
        records = [sample(RefreshToken, n, expires_at=end) for n, end in enumerate(ends)]
        with store.write() as tx:
            for record in records:
                tx.add(record)
            assert tx.expire(RefreshToken, 20.0) == 2
            assert tx.expire(RefreshToken, 20.0) == 0
        assert _all(store, RefreshToken) == records[2:]

    def test_a_block_that_raises_keeps_nothing(self, store: Store) -> None:
        """All writes of a block that raises are undone, taken records included."""
        kept = sample(Account, 1)
        with store.write() as tx:
            tx.add(kept)
        for error in (ValueError, KeyboardInterrupt):
            with pytest.raises(error):
                _write_and_raise(store, kept.sub, error)
        assert _all(store, Account) == [kept]

    def test_a_reading_transaction_cannot_write(self, store: Store) -> None:
        """Writes in a reading transaction fail, and the store goes on working."""
        with store.read() as tx, pytest.raises(Exception):  # noqa: B017, PT011  # each backend's own
            tx.add(sample(Account))
        with store.write() as tx:
            tx.add(sample(Account))
        assert len(_all(store, Account)) == 1

    def test_of_many_takers_one_gets_the_record(self, store: Store) -> None:
        """Threads that take the same record at the same time: exactly one gets it."""
        for number in range(10):
            record = sample(AuthorizationCode, number)
            with store.write() as tx:
                tx.add(record)
            got = _in_threads(8, partial(_take, store, record.code_hash))
            assert [taken for taken in got if taken is not None] == [record]

    def test_concurrent_writers_lose_nothing(self, store: Store) -> None:
        """Threads that read and write in one transaction never overwrite each other."""
        with store.write() as tx:
            tx.add(sample(Account, 1, created_at=0.0))

        def count() -> None:
            for _ in range(25):
                with store.write() as tx:
                    (account,) = tx.find(Account)
                    tx.replace(replace(account, created_at=account.created_at + 1))

        _in_threads(4, count)
        assert _all(store, Account)[0].created_at == 100.0


def _write_and_raise(store: Store, sub: str, error: type[BaseException]) -> None:
    with store.write() as tx:
        tx.add(sample(Account, 2))
        tx.take(Account, sub)
        raise error


def _key(record: Record) -> tuple[Any, ...]:
    return tuple(getattr(record, name) for name in record.KEY)


def _all(store: Store, kind: type[R]) -> list[R]:
    with store.read() as tx:
        return tx.find(kind)


def _take(store: Store, key: str) -> AuthorizationCode | None:
    with store.write() as tx:
        return tx.take(AuthorizationCode, key)


def _in_threads(count: int, work: Any) -> list[Any]:  # noqa: ANN401  # what the work returns
    """Run some work in threads that start together; return their results, raise their errors."""
    gate = threading.Barrier(count)
    results: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        gate.wait()
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001  # raised again below
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results
