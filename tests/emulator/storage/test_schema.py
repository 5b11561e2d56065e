from __future__ import annotations

import sqlite3
import types
import typing
from collections.abc import Mapping
from dataclasses import fields

import pytest

from gemauth.emulator.storage.records import RECORDS, Record
from gemauth.emulator.storage.schema import MIGRATIONS

TYPES = {str: "TEXT", float: "REAL", int: "INTEGER", bool: "INTEGER"}


@pytest.fixture(scope="module")
def database() -> typing.Iterator[sqlite3.Connection]:
    """A database with every migration run."""
    connection = sqlite3.connect(":memory:")
    for script in MIGRATIONS:
        connection.executescript(script)
    yield connection
    connection.close()


def column(hint: typing.Any) -> tuple[str, bool]:
    """Return the SQL type and whether null is refused, for a record's field."""
    if isinstance(hint, types.UnionType):
        (some,) = (option for option in typing.get_args(hint) if option is not types.NoneType)
        return column(some)[0], False
    if typing.get_origin(hint) in {tuple, Mapping}:
        return "TEXT", True
    return TYPES[hint], True


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.TABLE)
def test_a_table_has_the_columns_of_its_record(
    database: sqlite3.Connection, kind: type[Record]
) -> None:
    """Each table's columns, types, nulls and key are its record's fields, in their order"""
    hints = typing.get_type_hints(kind)
    rows = database.execute(f"PRAGMA table_info({kind.TABLE})").fetchall()
    assert [(name, sql, bool(notnull)) for _, name, sql, notnull, _, _ in rows] == [
        (f.name, *column(hints[f.name]))
        for f in fields(kind)  # type: ignore[arg-type]  # every kind is a dataclass
    ]
    keyed = sorted((position, name) for _, name, _, _, _, position in rows if position)
    assert tuple(name for _, name in keyed) == kind.KEY


def test_there_is_a_table_for_every_record_and_no_other(database: sqlite3.Connection) -> None:
    """RECORDS and the tables are the same list, and all tables are STRICT"""
    rows = database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()
    assert {name for name, _ in rows} == {kind.TABLE for kind in RECORDS}
    assert all("STRICT" in sql for _, sql in rows)


def test_order_is_made_of_columns() -> None:
    """Every kind's ORDER names fields of its own"""
    for kind in RECORDS:
        names = {f.name for f in fields(kind)}  # type: ignore[arg-type]
        assert set(kind.ORDER) <= names
