"""A run that is ended in its middle: the report is true, and the next run goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

import gemauth
from gemauth.testing.emulator import EmulatorServer
from tests.client.test_end_to_end import ADA, Machine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.processes

ROWS = 1000
MODEL = "tunedModels/my-model"


@pytest.fixture
def machine(home: Path) -> Iterator[Machine]:
    """A machine that is signed in, and a list of many."""
    from gemauth.testing.clock import FakeClock

    clock = FakeClock(time.time())
    with EmulatorServer(clock=clock) as server:
        machine = Machine(server, clock, home)
        machine.login(account=ADA)
        rows = "".join(f"person{number}@example.com,reader\n" for number in range(ROWS))
        (home / "users.csv").write_text(rows)
        yield machine


def start(machine: Machine) -> subprocess.Popen[str]:
    """Share with the list, in a process."""
    words = ["share", MODEL, "--from", "users.csv", "--report", "r.jsonl"]
    return subprocess.Popen(
        [sys.executable, "-m", "gemauth", *words],
        cwd=machine.home,
        env={**os.environ, **machine.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def lines(machine: Machine) -> list[dict[str, Any]]:
    """Return the report's lines."""
    path = machine.home / "r.jsonl"
    whole = path.read_text().rpartition("\n")[0] if path.exists() else ""
    return [json.loads(line) for line in whole.splitlines()]


def shared(machine: Machine) -> set[str]:
    """Whom the model is shared with, as the emulator says."""
    with gemauth.Gemini(machine.default()) as gemini:
        found = gemini.permissions.list(MODEL, page_size=1000)
        return {each.email_address or "" for each in found} - {ADA}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_ended_in_its_middle(machine: Machine, number: signal.Signals) -> None:
    """All that the report calls created is; Ctrl-C also names the rest; a second run does it."""
    with start(machine) as process:
        while len(lines(machine)) < 50:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    first = lines(machine)
    created = {row["emailAddress"] for row in first if row.get("outcome") == "created"}
    assert 40 < len(created) < ROWS
    there = shared(machine)
    if number is signal.SIGINT:
        assert process.returncode == 130
        assert created == there
        left = [row for row in first if row.get("outcome") == "left"]
        assert len(left) + len(created) == ROWS
        assert first[-1]["left"] == len(left)
        assert f"{len(left)} were not tried: It was stopped." in err
    else:
        assert created <= there
        assert len(there - created) <= 4  # those on their way
        assert "ended" not in first[-1]
    with start(machine) as again:
        out, _ = again.communicate(timeout=60)
    assert again.returncode == 0, out
    second = lines(machine)
    outcomes = [row["outcome"] for row in second[1:-1]]
    assert outcomes.count("already") == len(there)
    assert outcomes.count("created") == ROWS - len(there)
    assert len(shared(machine)) == ROWS
