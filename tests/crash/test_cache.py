"""Kills processes that renew one token, again and again: the store is whole after every kill.

Forty processes, eight at a time, each of which renews the token fifty times; most of them are
killed (SIGKILL) at a random moment: while they wait for the lock, hold it, ask the emulator, write.
"""

from __future__ import annotations

import os
import random
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

import gemauth
from gemauth.client.cache.lock import FileLock, lock_file
from gemauth.client.cache.tokens import cached, lookup
from gemauth.client.transport import Transport
from gemauth.http import Request
from gemauth.testing.emulator import EmulatorServer
from tests.client.stampede import Machine, Slow

PROCESSES = 40
AT_ONCE = 8
REFRESHES = 50
MOMENT = (0.0, 0.02)
"""Seconds between one of a process' tokens, by chance, and its end: a random value from here."""

RENEW = f"""
import gemauth
from gemauth.client.transport import Transport
credentials = gemauth.default().credentials
with Transport() as transport:
    for _ in range({REFRESHES}):
        print(credentials.token(fresh=True, transport=transport).value, flush=True)
"""


class Victim:
    """A process that renews the token, and perhaps how many it has before it is killed, and when.

    By count and not by time: how fast it renews is the machine's matter.
    """

    def __init__(self, machine: Machine, log: Path, moment: tuple[int, float] | None) -> None:
        self.log = log
        self.moment = moment
        self._due: float | None = None
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RENEW], env=machine.environ, stdout=file
            )

    def over(self) -> bool:
        """Kill it, if it is time; whether it has ended."""
        if self.moment is not None:
            count, pause = self.moment
            if self._due is None and len(self.tokens()) > count:
                self._due = time.monotonic() + pause
            if self._due is not None and time.monotonic() >= self._due:
                self.process.kill()
                self.process.wait()
        return self.process.poll() is not None

    def tokens(self) -> list[str]:
        """Return what it had when it ended; a line that was cut off does not count."""
        return self.log.read_text().split("\n")[:-1]


def check(machine: Machine, issued: set[str]) -> None:
    """See that what is stored is a whole token of the emulator's, and the owner's alone."""
    entry = Path(machine.entry)
    kept = lookup(str(entry))
    assert kept is not None, entry.read_bytes()
    assert kept.usable(time.time())
    assert kept.value.startswith("ya29.emu-")
    assert {len(value) for value in issued} <= {len(kept.value)}
    assert cached(machine.environ, time.time()) is not None
    for path in entry.parent.iterdir():
        assert path == entry or path.name.startswith(f".{entry.name}."), path
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.crash
@pytest.mark.timeout(120)
def test_forty_processes_leave_a_whole_store(home: Path, tmp_path: Path) -> None:
    """After every kill -9 the entry is a whole token, and the lock is not stuck: processes that
    are not killed get all their tokens, and so does one that comes afterwards.
    """
    seed = int(os.environ.get("CRASH_SEED") or random.randrange(2**32))
    print(f"\nCRASH_SEED={seed}")  # to have the same moments again
    chance = random.Random(seed)
    killed = finished = 0
    issued: set[str] = set()
    with EmulatorServer() as server, Slow(server.address, 0.0) as slow:
        machine = Machine(home, slow)
        adc = machine.adc.read_bytes()
        running: list[Victim] = []
        started = 0
        while started < PROCESSES or running:
            while started < PROCESSES and len(running) < AT_ONCE:
                moment = chance.randrange(REFRESHES // 2), chance.uniform(*MOMENT)
                doomed = chance.random() < 0.8
                running.append(Victim(machine, tmp_path / str(started), moment if doomed else None))
                started += 1
            for victim in [victim for victim in running if victim.over()]:
                running.remove(victim)
                issued.update(victim.tokens())
                check(machine, issued)
                if victim.process.returncode:
                    assert victim.moment is not None, victim.process.returncode
                    killed += 1
                else:
                    assert len(victim.tokens()) == REFRESHES
                    finished += 1
            time.sleep(0.002)
        assert machine.adc.read_bytes() == adc
        lock = FileLock(lock_file(machine.entry))
        assert lock.acquire()
        lock.release()
        start = time.monotonic()
        token = gemauth.default(environ=machine.environ).credentials.token(fresh=True).value
        assert time.monotonic() - start < 5.0
        with Transport({}) as transport:
            url = f"{server.address}/tokeninfo?access_token={token}"
            answer = transport.send(Request("GET", url))
        assert answer.status == 200
        left = len([*Path(machine.entry).parent.iterdir()]) - 1
    print(f"{killed} killed, {finished} finished, {len(issued)} tokens, {left} cut-off files")
    assert killed > PROCESSES / 4
    assert finished > 0
