"""Everything that the emulator refuses, through the complete app, against what Google answers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.refusals.lab import Lab
from tests.refusals.table import TABLE

if TYPE_CHECKING:
    from tests.refusals.row import Row


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in TABLE])
def test_refusal(row: Row) -> None:
    """The answer is the row's: its status, its whole body, its headers."""
    lab = Lab()
    verb, path = lab.fill(row.request).split(" ", 1)
    sent = lab.fill(row.sent)
    if row.given is not None:
        row.given(lab)
    answer = lab.client.request(verb, path, follow_redirects=False, **sent)
    assert answer.status_code == row.status, answer.text
    if row.body is not None:
        assert answer.json() == row.body
    for name, value in row.headers.items():
        assert answer.headers.get(name) == value
    for text in row.texts:
        assert text in answer.text
    lab.context.store.close()


def test_the_table() -> None:
    """There are 60 rows and more; each has its own name, a source, and something to compare."""
    assert len(TABLE) >= 60
    assert [name for name, count in Counter(row.name for row in TABLE).items() if count > 1] == []
    for row in TABLE:
        assert row.source
        assert row.body is not None or row.texts or row.headers
