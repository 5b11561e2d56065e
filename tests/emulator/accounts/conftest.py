from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emulator.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gemauth.emulator.storage.store import Transaction


@pytest.fixture
def tx() -> Iterator[Transaction]:
    """A write transaction on an empty store."""
    state = State()
    with state.write() as tx:
        yield tx
    state.close()
