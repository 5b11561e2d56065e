from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emulator.gemini.grpc.calls import Calls

if TYPE_CHECKING:
    from tests.emulator.gemini.world import World


@pytest.fixture
def calls(world: World) -> Calls:
    """Calls of a world's gRPC app."""
    return Calls(world)
