"""An emulator with a project in it, and people who run commands against it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.testing.emulator import EmulatorServer
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADA, BOB = "ada@example.com", "bob@example.com"
PROJECT = "my-project"
ROBOT = f"robot-1@{PROJECT}.iam.gserviceaccount.com"


class Place:
    """Ada owns the project, Bob has no role in it; both have signed in."""

    def __init__(self, emulator: EmulatorServer, home: Path) -> None:
        self.emulator = emulator
        self.home = home
        seeded = emulator.control.seed(
            {
                "accounts": [{"email": ADA}, {"email": BOB}],
                "projects": [
                    {
                        "projectId": PROJECT,
                        "owner": ADA,
                        "services": ["iam.googleapis.com", "generativelanguage.googleapis.com"],
                        "consentScreen": {"appName": "Demo", "supportEmail": ADA},
                        "testUsers": [ADA, BOB],
                        "clients": [{"kind": "desktop", "name": "cli"}],
                    }
                ],
            }
        )
        self._client = seeded["clients"][0]["file"]["installed"]
        for email in (ADA, BOB):
            self._sign_in(email)

    def _sign_in(self, email: str) -> None:
        client = {name: self._client[name] for name in ("client_id", "client_secret")}
        body = {"account": email, "clientId": client["client_id"], "scopes": ["cloud-platform"]}
        granted = self.emulator.control.call("POST", "grants", body=body)
        user = {"type": "authorized_user", "account": email, **client}
        user["refresh_token"] = granted["refresh_token"]
        (self.home / f"{email}.json").write_text(json.dumps(user))

    def environ(self, **more: str) -> dict[str, str]:
        """The environment of a command."""
        return {**os.environ, "GEMAUTH_EMULATOR": self.emulator.address, **more}

    def run(
        self,
        *words: str,
        who: str = ADA,
        typed: str = "",
        tty: bool = False,
        **environ: str,
    ) -> Terminal:
        """Run `gemauth service-accounts WORDS…` as somebody, or as a key's file."""
        there = Terminal(typed, tty=tty, environ=self.environ(**environ))
        file = who if who.endswith(".json") else str(self.home / f"{who}.json")
        there.run("service-accounts", *words, "--credentials", file)
        return there

    def json(self, *words: str, **more: Any) -> Any:
        """Run a command that works, and return what it answers to programs."""
        there = self.run(*words, "--format", "json", **more)
        assert there.code == 0, there.err
        return there.json

    def robot(self) -> str:
        """Make the service account, and return its address."""
        self.json("create", "robot-1", "--project", PROJECT)
        return ROBOT

    def keys(self) -> dict[str, dict[str, Any]]:
        """The robot's own keys by their ids, as IAM has them."""
        listed = self.json("keys", "list", ROBOT, "--managed-by", "user")
        return {key["id"]: key for key in listed}

    def works(self, file: Path) -> bool:
        """Whether a token can be had with a key's file."""
        there = Terminal(environ=self.environ())
        there.run("print-access-token", "--fresh", "--credentials", str(file))
        return there.code == 0


@pytest.fixture
def place(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A machine with an emulator that runs in the test's process; the folder is the home."""
    monkeypatch.chdir(home)
    with EmulatorServer() as emulator:
        yield Place(emulator, home)
