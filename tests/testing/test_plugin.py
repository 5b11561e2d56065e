from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gemauth.testing.plugin import emulator as emulator  # noqa: PLC0414  # the fixture, by its name

if TYPE_CHECKING:
    from gemauth.testing.emulator import EmulatorServer


def test_a_test_has_an_emulator_of_its_own(emulator: EmulatorServer) -> None:
    """The fixture is a running emulator that holds nothing, and the environment names it"""
    assert os.environ["GEMAUTH_EMULATOR"] == emulator.address
    assert emulator.control.accounts() == []
    emulator.control.create_account("ada@example.com")


def test_the_next_one_has_another(emulator: EmulatorServer) -> None:
    """What one test did in it the next one does not see"""
    assert emulator.control.accounts() == []
