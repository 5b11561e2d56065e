from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from gemauth.errors import GemauthError
from gemauth.testing.clock import FakeClock
from gemauth.testing.emulator import EmulatorProcess, EmulatorServer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.processes


def listens(address: str) -> bool:
    """Whether something accepts connections there."""
    parts = urlsplit(address)
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname, parts.port)) == 0


def test_a_server_answers_and_leaves_nothing() -> None:
    """It answers inside the block; after it no listener and no thread is left"""
    before = set(threading.enumerate())
    with EmulatorServer() as emulator:
        assert emulator.control.status()["address"] == emulator.address
        assert listens(emulator.address)
    assert not listens(emulator.address)
    left = set(threading.enumerate()) - before
    assert "gemauth-emulator" not in [thread.name for thread in left]


def test_a_servers_clock_can_be_the_tests() -> None:
    """The emulator lives on the clock that it is given"""
    clock = FakeClock()
    with EmulatorServer(clock=clock) as emulator:
        clock.advance(3600)
        assert emulator.control.status()["time"] == "2026-01-01T01:00:00Z"
        assert emulator.context.clock is clock


def test_two_servers_live_side_by_side() -> None:
    """Each has its own port and its own data"""
    with EmulatorServer() as one, EmulatorServer() as two:
        one.control.create_account("ada@example.com")
        assert one.address != two.address
        assert two.control.accounts() == []


def test_a_process_answers_and_ends(tmp_path: Path) -> None:
    """The real command runs in the block and has ended, with exit code 0, after it"""
    with EmulatorProcess(tmp_path) as emulator:
        status = emulator.control.status()
        assert status["pid"] == emulator.process.pid
        assert status["data"] == str(tmp_path)
    assert emulator.process.returncode == 0
    assert not listens(emulator.address)


def test_a_process_can_be_killed(tmp_path: Path) -> None:
    """A killed process is gone at once, and what it had answered is there in the next one"""
    with EmulatorProcess(tmp_path) as emulator:
        emulator.control.create_account("ada@example.com")
        emulator.kill()
        assert emulator.process.returncode == -9
    with EmulatorProcess(tmp_path) as emulator:
        assert emulator.control.accounts()[0]["email"] == "ada@example.com"


def test_a_process_that_does_not_start_says_why() -> None:
    """What the command wrote is the error's text"""
    emulator = EmulatorProcess(arguments=["--host", "0.0.0.0"])
    with pytest.raises(GemauthError, match=r"does not listen on 0\.0\.0\.0"), emulator:
        pass
