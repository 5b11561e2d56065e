"""docs/interop.md, made from the interop suite's table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.interop.clients.exchange.readers import READERS
from tests.interop.clients.exchange.writers import WRITERS
from tools.interop_page import PAGE, render

if TYPE_CHECKING:
    from tests.interop.clients.exchange.table import Reader


def test_the_page_is_current() -> None:
    """The page is what `python -m tools.interop_page` writes."""
    assert PAGE.read_text(encoding="utf-8") == render()


def test_names_are_told_apart() -> None:
    """A row and a column are found by their names, and a difference is some column's."""
    columns = {reader.name for reader in READERS}
    assert len(columns) == len(READERS)
    assert len({writer.name for writer in WRITERS}) == len(WRITERS)
    assert all(columns.issuperset(writer.differences) for writer in WRITERS)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_every_reader_reads_every_kind(reader: Reader) -> None:
    """Nothing is left out of the table: each reader knows what to do with each file."""
    assert {writer.kind for writer in WRITERS} <= set(reader.lines)
