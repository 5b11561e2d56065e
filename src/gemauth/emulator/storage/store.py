"""The contract of storage: transactions and their verbs.

`sqlite.py` keeps it, and the suite in `gemauth.testing` proves that it does.

All verbs are synchronous: SQLite answers in microseconds, and a transaction that cannot be
suspended cannot be interleaved (docs/decisions/0003).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from gemauth.emulator.storage.records import Record
from gemauth.errors import DataError, GemauthError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["Conflict", "Store", "StoreUnreadableError", "Transaction", "Value"]

R = TypeVar("R", bound=Record)
Value = str | int | float | bool | None


class Conflict(GemauthError):  # noqa: N818  # a fact that rooms turn into their own refusals
    """A record with the same key, or the same value where it must be unique, exists."""


class StoreUnreadableError(DataError):
    """The data folder cannot be read as an emulator's; nothing in it was changed."""


class Transaction(Protocol):
    """The verbs. A transaction's writes are all kept, or none if its block raises."""

    def add(self, record: Record) -> None:
        """Keep a new record. Raises Conflict where its key or a unique value is taken."""
        ...

    def get(self, kind: type[R], *key: Value) -> R | None:
        """Return the record with a key, or None."""
        ...

    def find(self, kind: type[R], **equals: Value) -> list[R]:
        """Return the records whose columns equal the values, in the kind's ORDER."""
        ...

    def replace(self, record: Record) -> None:
        """Keep a record in the place of the one with its key. Raises KeyError if there is none."""
        ...

    def take(self, kind: type[R], *key: Value) -> R | None:
        """Fetch and delete in one step: of two takers one gets the record, the other None."""
        ...

    def remove(self, kind: type[R], *key: Value) -> bool:
        """Delete the record with a key; whether there was one."""
        ...

    def expire(self, kind: type[R], before: float) -> int:
        """Delete the records whose `expires_at` is not after a moment; how many there were."""
        ...


class Store(Protocol):
    """A database of records."""

    def read(self) -> AbstractContextManager[Transaction]:
        """Open a transaction that sees one state; its writes fail."""
        ...

    def write(self) -> AbstractContextManager[Transaction]:
        """Open a transaction that is kept when its block ends and undone when it raises."""
        ...

    def close(self) -> None:
        """Write everything out and let go of the files."""
        ...
