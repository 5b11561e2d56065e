from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emulator.authserver.room import Room

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def room() -> Iterator[Room]:
    """The sign-in pages over one app."""
    room = Room()
    yield room
    room.close()
