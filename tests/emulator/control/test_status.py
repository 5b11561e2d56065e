from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gemauth import __version__

if TYPE_CHECKING:
    from tests.emulator.control.conftest import Room


def test_an_emulator_says_what_it_is_and_holds(lab: Room) -> None:
    """The status has version, process, address, time, data folder, counts of what people made"""
    assert lab.do("GET", "/status") == {
        "version": __version__,
        "pid": os.getpid(),
        "address": "http://127.0.0.1:8085",
        "time": "2026-01-01T00:00:00Z",
        "data": None,
        "accounts": 1,
        "projects": 1,
        "clients": 0,
        "tunedModels": 0,
    }
