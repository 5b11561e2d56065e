from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from gemauth.clock import SystemClock
from gemauth.testing.emulator import EmulatorServer
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADA = "ada@example.com"


@pytest.fixture
def emulator(home: Path) -> Iterator[EmulatorServer]:
    """An emulator with Ada, who owns a project with the Gemini API on."""
    with EmulatorServer(clock=SystemClock()) as emulator:
        made = emulator.control.seed(
            {
                "accounts": [{"email": ADA}],
                "projects": [
                    {
                        "projectId": "my-project",
                        "owner": ADA,
                        "services": ["generativelanguage.googleapis.com"],
                        "consentScreen": {"appName": "Demo", "supportEmail": ADA},
                        "testUsers": [ADA],
                        "clients": [{"kind": "desktop", "name": "cli"}],
                    }
                ],
            }
        )
        (home / "client_secret.json").write_text(json.dumps(made["clients"][0]["file"]))
        yield emulator


def run(emulator: EmulatorServer, *words: str) -> Terminal:
    """Run a command toward that emulator."""
    there = Terminal(environ={"GEMAUTH_EMULATOR": emulator.address})
    there.run(*words)
    return there


def create(emulator: EmulatorServer, output: Path, *more: str) -> Terminal:
    """Run `grants create` for Ada."""
    words = ("emulator", "grants", "create", ADA, "--scopes", "tuning")
    return run(emulator, *words, "--output", str(output), *more)


def test_gcloud(emulator: EmulatorServer, home: Path) -> None:
    """By default the credentials are those that gcloud left: they lack a quota project."""
    file = home / "old.json"
    assert create(emulator, file).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["client_id"].startswith("764086051850-")
    refused = run(emulator, "models", "list", "--credentials", str(file))
    assert "requires a quota project" in refused.err
    named = run(
        emulator, "models", "list", "--credentials", str(file), "--quota-project", "my-project"
    )
    assert named.code == 0, named.err


def test_own_client(emulator: EmulatorServer, home: Path) -> None:
    """With a client file the credentials are that client's, and work at once."""
    file = home / "mine.json"
    made = create(
        emulator, file, "--client-id-file", str(home / "client_secret.json"), "--format", "json"
    )
    assert made.json["path"] == str(file)
    assert run(emulator, "models", "list", "--credentials", str(file)).code == 0


def test_nothing_is_overwritten(emulator: EmulatorServer, home: Path) -> None:
    """A file that is there stays, unless told otherwise."""
    file = home / "old.json"
    file.write_text("mine")
    assert create(emulator, file).code == 2
    assert file.read_text() == "mine"
    assert create(emulator, file, "--overwrite").code == 0
