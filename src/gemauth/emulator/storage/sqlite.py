"""Storage in SQLite: one connection, write-ahead log, plain SQL (design decision 5).

`synchronous=NORMAL` in WAL mode loses nothing that was answered when the process is killed; a
power cut may lose the last commits but never the database (sqlite.org/wal.html, "Performance
considerations").
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, TypeVar

from gemauth.emulator.storage.records import Record
from gemauth.emulator.storage.schema import MIGRATIONS
from gemauth.emulator.storage.store import Conflict, StoreUnreadableError, Value

if typing.TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SqliteStore"]

R = TypeVar("R", bound=Record)
FILE = "emulator.sqlite3"


class SqliteStore:
    """A `Store` in a data folder, or in memory.

    Raises:
        StoreUnreadableError: the file is no database, or a newer gemauth's.
    """

    def __init__(self, folder: Path | None) -> None:
        self._lock = threading.RLock()
        path = ":memory:" if folder is None else _file(folder)
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        try:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute("PRAGMA busy_timeout=5000")
            self._migrate(path)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise StoreUnreadableError(
                f"{path} cannot be opened as the emulator's database: {error}.",
                next_step="The file was left as it is. Move it away, or use another --data folder.",
                evidence=str(error),
            ) from error
        except StoreUnreadableError:
            self._connection.close()
            raise
        self._transaction = _SqliteTransaction(self._connection)

    def _migrate(self, path: str) -> None:
        version: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise StoreUnreadableError(
                f"{path} was written by a newer gemauth: format {version}, not {len(MIGRATIONS)}.",
                next_step="Upgrade gemauth, or use another --data folder.",
            )
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            self._connection.executescript(
                f"BEGIN; {script}; PRAGMA user_version={number}; COMMIT;"
            )

    @contextmanager
    def read(self) -> Iterator[_SqliteTransaction]:
        """Open a transaction that sees one state; its writes fail."""
        with self._lock:
            self._connection.execute("BEGIN")
            self._connection.execute("PRAGMA query_only=1")
            try:
                yield self._transaction
            finally:
                self._connection.execute("PRAGMA query_only=0")
                self._connection.execute("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[_SqliteTransaction]:
        """Open a transaction that is kept when its block ends and undone when it raises."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._transaction
                self._connection.execute("COMMIT")
            except BaseException:
                # SQLite ends some transactions itself (a full disk); a COMMIT that failed is open.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Fold the log into the database and let go of the files."""
        with self._lock:
            self._connection.close()


def _file(folder: Path) -> str:
    """Return the database's path; folder and file are made, for their owner alone, if need be.

    Raises:
        StoreUnreadableError: they cannot be, or the file is a symbolic link.
    """
    path = folder / FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made here with its mode, since SQLite would obey the umask; -wal and -shm copy it.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600))
    except OSError as error:
        raise StoreUnreadableError(
            f"{path} cannot be opened: {error.strerror}.",
            next_step="Use another --data folder, or --in-memory.",
        ) from error
    return str(path)


class _SqliteTransaction:
    """The verbs over one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, record: Record) -> None:
        """Keep a new record."""
        table = _table(type(record))
        try:
            self._connection.execute(table.insert, table.row(record))
        except sqlite3.IntegrityError as error:
            raise Conflict(
                f"A {table.name} with these values exists.", evidence=str(error)
            ) from error

    def get(self, kind: type[R], *key: Value) -> R | None:
        """Return the record with a key, or None."""
        table = _table(kind)
        row = self._connection.execute(table.select_key, key).fetchone()
        return None if row is None else typing.cast("R", table.record(row))

    def find(self, kind: type[R], **equals: Value) -> list[R]:
        """Return the records whose columns equal the values, in the kind's ORDER."""
        table = _table(kind)
        rows = self._connection.execute(table.select(tuple(equals)), tuple(equals.values()))
        return [typing.cast("R", table.record(row)) for row in rows]

    def replace(self, record: Record) -> None:
        """Keep a record in the place of the one with its key."""
        table = _table(type(record))
        row = table.row(record)
        key = tuple(getattr(record, name) for name in record.KEY)
        if self._connection.execute(table.update, (*row, *key)).rowcount == 0:
            raise KeyError(table.name)

    def take(self, kind: type[R], *key: Value) -> R | None:
        """Fetch and delete in one step."""
        table = _table(kind)
        row = self._connection.execute(f"{table.delete} RETURNING {table.columns}", key).fetchone()
        return None if row is None else typing.cast("R", table.record(row))

    def remove(self, kind: type[R], *key: Value) -> bool:
        """Delete the record with a key; whether there was one."""
        return self._connection.execute(_table(kind).delete, key).rowcount > 0

    def expire(self, kind: type[R], before: float) -> int:
        """Delete the records whose `expires_at` is not after a moment; how many there were."""
        sql = f"DELETE FROM {_table(kind).name} WHERE expires_at <= ?"  # noqa: S608
        return self._connection.execute(sql, (before,)).rowcount


class _Table:
    """The SQL of one record's table; names come from `records.py`, never from a request."""

    def __init__(self, kind: type[Record]) -> None:
        names = [f.name for f in fields(kind)]  # type: ignore[arg-type]  # every kind is a dataclass
        hints = typing.get_type_hints(kind)
        self.name = kind.TABLE
        self._kind = kind
        self._names = names
        self._readers = [_reader(hints[name]) for name in names]
        self._order = ", ".join(kind.ORDER)
        self._selects: dict[tuple[str, ...], str] = {}
        self.columns = ", ".join(names)
        where = " AND ".join(f"{name} IS ?" for name in kind.KEY)
        marks = ", ".join("?" * len(names))
        self.insert = f"INSERT INTO {self.name} ({self.columns}) VALUES ({marks})"  # noqa: S608
        self.select_key = f"SELECT {self.columns} FROM {self.name} WHERE {where}"  # noqa: S608
        sets = ", ".join(f"{name} = ?" for name in names)
        self.update = f"UPDATE {self.name} SET {sets} WHERE {where}"  # noqa: S608
        self.delete = f"DELETE FROM {self.name} WHERE {where}"  # noqa: S608

    def select(self, names: tuple[str, ...]) -> str:
        """Return the query for rows whose columns equal values."""
        if names not in self._selects:
            unknown = set(names) - set(self._names)
            if unknown:
                message = f"{self.name} has no column {', '.join(sorted(unknown))}"
                raise TypeError(message)
            where = "".join(f"{' AND' if i else ' WHERE'} {n} IS ?" for i, n in enumerate(names))
            self._selects[names] = (
                f"SELECT {self.columns} FROM {self.name}{where} ORDER BY {self._order}"  # noqa: S608
            )
        return self._selects[names]

    def row(self, record: Record) -> tuple[Value, ...]:
        """Return a record as column values."""
        return tuple(_to_column(getattr(record, name)) for name in self._names)

    def record(self, row: tuple[Any, ...]) -> Record:
        """Return column values as a record."""
        values = [
            reader(value) if reader else value
            for reader, value in zip(self._readers, row, strict=True)
        ]
        return self._kind(*values)


_TABLES: dict[str, _Table] = {}


def _table(kind: type[Record]) -> _Table:
    if kind.TABLE not in _TABLES:
        _TABLES[kind.TABLE] = _Table(kind)
    return _TABLES[kind.TABLE]


def _to_column(value: Any) -> Value:  # noqa: ANN401  # a record's field
    if isinstance(value, tuple | Mapping):
        return json.dumps(value, separators=(",", ":"))
    return typing.cast("Value", value)


def _reader(hint: Any) -> Callable[[Any], Any] | None:  # noqa: ANN401  # a type, as typing has it
    if isinstance(hint, types.UnionType):
        return None
    origin = typing.get_origin(hint)
    if origin is tuple:
        return lambda text: tuple(json.loads(text))
    if origin is Mapping:
        return json.loads
    return bool if hint is bool else None
