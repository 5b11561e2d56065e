"""A patient with a running emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.testing.emulator import EmulatorServer
from tests.client.doctor.patient import Patient, start_clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def patient(home: Path) -> Iterator[Patient]:
    """A healthy machine that nobody has signed in on yet."""
    clock = start_clock()
    with EmulatorServer(clock=clock) as server:
        yield Patient(server, clock, home)
