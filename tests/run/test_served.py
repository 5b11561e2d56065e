from __future__ import annotations

import io
import signal
import socket
import threading

import pytest

from gemauth.client.control import Control
from gemauth.emulator.settings import Settings
from gemauth.errors import UsageError
from gemauth.run.served import served


def test_it_answers_within_the_block_only() -> None:
    """An emulator on a free port; afterwards neither listener nor thread is left"""
    threads = threading.active_count()
    with served(Settings(), io.StringIO()) as emulator:
        address = emulator.started.address
        with Control(address) as control:
            assert control.status()["address"] == address
        port = int(address.rpartition(":")[2])
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", port)) != 0
    assert threading.active_count() == threads


def test_it_ends_with_an_error_too() -> None:
    """Whatever leaves the block"""
    with pytest.raises(KeyboardInterrupt), served(Settings(), io.StringIO()) as emulator:
        raise KeyboardInterrupt
    with socket.socket() as client:
        port = int(emulator.started.address.rpartition(":")[2])
        assert client.connect_ex(("127.0.0.1", port)) != 0


def test_what_cannot_start_is_told() -> None:
    """The server's own refusals come through"""
    settings = Settings(host="192.0.2.1")
    with pytest.raises(UsageError), served(settings, io.StringIO()):
        pass


def test_signals_are_left_to_the_thread_that_waits() -> None:
    """The emulator's threads have them blocked, ours does not"""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    others = threading.enumerate()  # another test's emulator may run in this process
    with served(Settings(), io.StringIO()):
        assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
        (thread,) = (
            t for t in threading.enumerate() if t.name == "gemauth-emulator" and t not in others
        )
        with open(f"/proc/self/task/{thread.native_id}/status", encoding="ascii") as status:  # noqa: PTH123
            (line,) = (line for line in status if line.startswith("SigBlk"))
        blocked = int(line.split()[1], 16)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
            assert blocked & (1 << (number - 1))
