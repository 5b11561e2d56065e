"""Two far sides for commands in a terminal: an emulator, and a server that keeps people waiting."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from gemauth.testing.clock import FakeClock
from gemauth.testing.emulator import EmulatorServer
from tests.cli.at_terminal.far_side import Desk, Slow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def desk(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A person's machine beside an emulator, which GEMAUTH_EMULATOR names."""
    clock = FakeClock(time.time())
    with EmulatorServer(clock=clock) as server:
        monkeypatch.setenv("GEMAUTH_EMULATOR", server.address)
        monkeypatch.chdir(home)
        desk = Desk(server, clock, home)
        desk.environ |= os.environ
        yield desk


@pytest.fixture
def slow(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    """A server that keeps waiting whoever asks what a test holds back."""
    monkeypatch.chdir(home)
    with Slow(home) as server:
        monkeypatch.setenv("GEMAUTH_EMULATOR", server.url)
        yield server
