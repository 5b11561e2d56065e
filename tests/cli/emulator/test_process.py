from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.server import announcement, lock
from gemauth.emulator.server.announcement import Announcement
from gemauth.emulator.server.banner import Started
from gemauth.testing.emulator import EmulatorProcess, EmulatorServer
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import TextIO

    from gemauth.emulator.settings import Settings


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """What `start` would have served: the server itself is tested where it lives."""
    import gemauth.emulator.server.serve

    told: list[Settings] = []

    def serve(
        settings: Settings,
        announce: Callable[[Started], None],
        log: TextIO,
        *,
        log_requests: bool,
        environ: Mapping[str, str],
    ) -> None:
        told.append(settings)
        announce(Started("http://127.0.0.1:1234", 4711, "2026-01-01T00:00:00Z", settings))

    monkeypatch.setattr(gemauth.emulator.server.serve, "serve", serve)
    return told


def test_start_keeps_data_in_the_usual_place(served: list[Settings], home: Path) -> None:
    """Without options: port 8085 of 127.0.0.1, data in the platform's folder, a banner on stderr"""
    terminal = Terminal(environ={"HOME": str(home)})
    assert terminal.run("emulator", "start") == 0
    (settings,) = served
    assert (settings.host, settings.port) == ("127.0.0.1", 8085)
    assert settings.data == home / ".local" / "share" / "gemauth" / "emulator"
    assert not settings.accept_standard_api_keys_on_tuned_models
    assert not settings.tunnel_other_hosts
    assert terminal.out == ""
    assert "export GEMAUTH_EMULATOR=http://127.0.0.1:1234" in terminal.err


def test_start_takes_its_options(served: list[Settings], tmp_path: Path) -> None:
    """Every option reaches the settings"""
    terminal = Terminal()
    words = ("--port", "0", "--data", str(tmp_path), "--seed", "s.json", "--host", "::1")
    loose = ("--accept-standard-api-keys-on-tuned-models", "--tunnel-other-hosts")
    assert terminal.run("emulator", "start", *words, *loose) == 0
    (settings,) = served
    assert (settings.port, settings.data, settings.host) == (0, tmp_path, "::1")
    assert str(settings.seed) == "s.json"
    assert settings.accept_standard_api_keys_on_tuned_models
    assert settings.tunnel_other_hosts


def test_start_tells_programs_in_one_line(served: list[Settings]) -> None:
    """With --format json stdout gets one line of JSON and stderr nothing"""
    terminal = Terminal()
    assert terminal.run("emulator", "start", "--in-memory", "--format", "json") == 0
    assert terminal.out.count("\n") == 1
    assert terminal.json["address"] == "http://127.0.0.1:1234"
    assert terminal.err == ""
    assert served[0].data is None


def test_memory_and_a_folder_exclude_each_other(served: list[Settings]) -> None:
    """--in-memory with --data is a usage error"""
    terminal = Terminal()
    assert terminal.run("emulator", "start", "--in-memory", "--data", "x") == 2
    assert served == []


def test_without_its_extra_the_emulator_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where uvicorn is missing, the next step is the extra"""
    anew = ("gemauth.emulator.server.serve", "gemauth.emulator.front")
    for name in [name for name in sys.modules if name.startswith(anew)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn.config", None)
    terminal = Terminal()
    assert terminal.run("emulator", "start") == 2
    assert "pip install 'gemauth[emulator]'" in terminal.err


def test_status_and_stop_find_the_emulator_of_a_folder(tmp_path: Path) -> None:
    """Status shows it, stop ends it and waits; then there is none any more"""
    folder = ("--data", str(tmp_path))
    with EmulatorProcess(tmp_path) as emulator:
        terminal = Terminal()
        assert terminal.run("emulator", "status", *folder, "--format", "json") == 0
        assert terminal.json["pid"] == emulator.process.pid
        terminal = Terminal()
        assert terminal.run("emulator", "stop", *folder) == 0
        assert terminal.err == f"Stopped the emulator at {emulator.address}.\n"
        assert emulator.process.wait(5) == 0
    for command in ("status", "stop"):
        terminal = Terminal()
        assert terminal.run("emulator", command, *folder) == 6
        assert f"No emulator runs on {tmp_path}" in terminal.err


def test_stop_signals_no_process_that_is_not_the_emulator(tmp_path: Path) -> None:
    """A stale announcement whose number another process has by now leads to no signal"""
    with EmulatorServer() as other, lock.locked(tmp_path):
        stale = Announcement(other.address, os.getpid() + 1, "2026-01-01T00:00:00Z")
        announcement.write(tmp_path, stale)
        terminal = Terminal()
        assert terminal.run("emulator", "stop", "--data", str(tmp_path)) == 5
        assert "Another emulator answers" in terminal.err
