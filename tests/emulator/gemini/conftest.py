from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emulator.gemini.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def world() -> Iterator[World]:
    """Give a world of its own to each test."""
    world = World()
    yield world
    world.close()
