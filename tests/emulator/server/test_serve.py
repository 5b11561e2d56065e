from __future__ import annotations

import io
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from gemauth.emulator.server import announcement, lock
from gemauth.emulator.server.listener import listen
from gemauth.emulator.server.serve import serve
from gemauth.emulator.settings import Settings
from gemauth.errors import GemauthError, UsageError
from gemauth.testing.emulator import EmulatorProcess, EmulatorServer

if TYPE_CHECKING:
    from pathlib import Path

    from gemauth.emulator.server.banner import Started

pytestmark = pytest.mark.processes

SEED = {"accounts": [{"email": "ada@example.com"}]}


def test_a_running_emulator_is_announced_until_it_stops(tmp_path: Path) -> None:
    """emulator.json names the running process and is gone after a clean stop, like the lock"""
    with EmulatorProcess(tmp_path) as emulator:
        found = announcement.read(tmp_path)
        assert found is not None
        assert (found.address, found.pid) == (emulator.address, emulator.process.pid)
        assert lock.held(tmp_path)
    assert announcement.read(tmp_path) is None
    assert not lock.held(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [lock.FILE, "emulator.sqlite3"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_and_quickly(number: signal.Signals) -> None:
    """SIGTERM and Ctrl-C end it within two seconds with exit code 0 and no listener left, also
    while clients keep idle connections.
    """
    with EmulatorProcess() as emulator:
        emulator.control.status()  # its connection stays open
        begin = time.monotonic()
        emulator.process.send_signal(number)
        assert emulator.process.wait(10) == 0
        assert time.monotonic() - begin < 2
        parts = urlsplit(emulator.address)
        with socket.socket() as probe:
            assert probe.connect_ex((parts.hostname, parts.port)) != 0
    assert "Traceback" not in emulator.talk


def test_a_request_in_flight_is_finished(tmp_path: Path) -> None:
    """A request whose body is still on its way at the stop is read to its end and answered"""
    with EmulatorProcess(tmp_path) as emulator:
        parts = urlsplit(emulator.address)
        body = json.dumps({"email": "ada@example.com"}).encode()
        with socket.create_connection((parts.hostname or "", parts.port or 0), 10) as connection:
            connection.sendall(
                b"POST /_emulator/v1/accounts HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body) + body[:5]
            )
            time.sleep(0.3)
            emulator.process.terminate()
            time.sleep(0.5)
            connection.sendall(body[5:])
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in answer
        assert emulator.process.wait(10) == 0


def test_a_request_that_never_ends_does_not_hold_up_the_stop() -> None:
    """A client that stops sending is cut off after the grace period"""
    with EmulatorProcess() as emulator:
        parts = urlsplit(emulator.address)
        with socket.create_connection((parts.hostname or "", parts.port or 0), 20) as connection:
            connection.sendall(
                b"POST /_emulator/v1/accounts HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
            )
            time.sleep(0.3)
            emulator.process.terminate()
            assert emulator.process.wait(15) == 0


def test_a_second_emulator_on_the_folder_is_refused(tmp_path: Path) -> None:
    """The second one ends with a reason, and the first goes on"""
    with EmulatorProcess(tmp_path) as emulator:
        with (
            pytest.raises(GemauthError, match="Another emulator runs on"),
            EmulatorProcess(tmp_path),
        ):
            pass
        assert emulator.control.status()
        assert announcement.read(tmp_path) is not None


def test_a_killed_emulator_leaves_its_folder_usable(tmp_path: Path) -> None:
    """After kill -9 the next one starts at once, on whatever is left, and announces itself"""
    with EmulatorProcess(tmp_path) as emulator:
        emulator.control.create_account("ada@example.com")
        emulator.kill()
    assert announcement.read(tmp_path) is not None
    assert not lock.held(tmp_path)
    with EmulatorProcess(tmp_path) as emulator:
        assert [a["email"] for a in emulator.control.accounts()] == ["ada@example.com"]
        found = announcement.read(tmp_path)
        assert found is not None
        assert found.pid == emulator.process.pid


def test_only_its_owner_may_read_what_it_keeps(tmp_path: Path) -> None:
    """Folder 0700 and files 0600, though the umask is 0"""
    folder = tmp_path / "below" / "data"
    before = os.umask(0)
    try:
        with EmulatorProcess(folder) as emulator:
            emulator.control.create_account("ada@example.com")
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(modes) == 5
    assert set(modes.values()) == {0o600}


def test_an_address_that_others_reach_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    """0.0.0.0 is refused, and the data folder was not even created"""
    with pytest.raises(UsageError, match="only this machine may reach it"):
        serve(Settings(data=tmp_path / "data", host="0.0.0.0"), lambda _: None, sys.stderr)
    assert not (tmp_path / "data").exists()


def test_a_taken_port_leaves_nothing_behind(tmp_path: Path) -> None:
    """A start that fails lets go of the lock and announces nothing"""
    listener = listen("127.0.0.1", 0)
    port = str(listener.getsockname()[1])
    with (
        pytest.raises(GemauthError, match="cannot listen on"),
        EmulatorProcess(tmp_path, arguments=["--port", port]),
    ):
        pass
    listener.close()
    assert announcement.read(tmp_path) is None
    assert not lock.held(tmp_path)


def test_a_folder_that_holds_something_else_is_refused_and_left(tmp_path: Path) -> None:
    """A corrupt database is not touched, and nothing is announced"""
    (tmp_path / "emulator.sqlite3").write_bytes(b"not a database" * 100)
    with pytest.raises(GemauthError, match="cannot be opened"), EmulatorProcess(tmp_path):
        pass
    assert (tmp_path / "emulator.sqlite3").read_bytes() == b"not a database" * 100
    assert announcement.read(tmp_path) is None


def test_a_seed_is_there_from_the_first_request(tmp_path: Path) -> None:
    """The seed file is applied before the start is announced, and again without harm"""
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(SEED))
    for _ in range(2):
        with EmulatorProcess(tmp_path / "data", arguments=["--seed", str(seed)]) as emulator:
            assert len(emulator.control.accounts()) == 1


def test_a_wrong_seed_stops_the_start(tmp_path: Path) -> None:
    """A seed that cannot be applied is told with its path, and the emulator does not start"""
    seed = tmp_path / "seed.json"
    seed.write_text('{"accounts": [{"email": "x"}]}')
    with (
        pytest.raises(GemauthError, match=r"accounts\[0\].email"),
        EmulatorProcess(arguments=["--seed", str(seed)]),
    ):
        pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_in_process_it_ends_at_a_signal_and_leaves_the_handlers(
    tmp_path: Path, number: signal.Signals
) -> None:
    """Serve returns at a signal; then the process has the signal handlers that it had before"""
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(SEED))
    before = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]
    told = []

    def announce(started: Started) -> None:
        told.append(started)
        signal.raise_signal(number)

    serve(Settings(data=tmp_path / "data", seed=seed), announce, io.StringIO())
    assert [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)] == before
    assert [started.pid for started in told] == [os.getpid()]
    assert not lock.held(tmp_path / "data")
    assert announcement.read(tmp_path / "data") is None


def test_the_start_imports_nothing_heavy() -> None:
    """Neither cryptography nor protobuf nor jinja2 is loaded before it is needed; nor is STS"""
    code = (
        "import sys, gemauth.emulator.server.serve\n"
        "heavy = {'cryptography', 'google.protobuf', 'jinja2', 'rich', 'urllib3',\n"
        "         'gemauth.emulator.iam.expression', 'gemauth.emulator.tokens.external_token'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ended.stdout.strip() == "[]"


def test_defects_and_unknown_paths_have_their_own_answers() -> None:
    """An unknown path is short HTML with 404; so is a wrong method, with 405"""
    import urllib3

    with EmulatorServer() as emulator, urllib3.PoolManager() as http:
        response = http.request("GET", f"{emulator.address}/nowhere")
        assert response.status == 404
        assert response.headers["content-type"].startswith("text/html")
        assert b"gemauth emulator" in response.data
        assert http.request("DELETE", f"{emulator.address}/token").status in {404, 405}
