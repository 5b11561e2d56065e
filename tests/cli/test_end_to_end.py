"""The command against the emulator: what the stand-in answers elsewhere, the emulator decides."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from gemauth.cli.console import Console
from gemauth.testing.emulator import EmulatorServer
from gemauth.testing.person import Person, SignInBlockedError
from tests.cli.google import TUNING
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADA, BOB, EVE = "ada@example.com", "bob@example.com", "eve@example.com"
MODEL = "tunedModels/my-model"
SEED = {
    "accounts": [{"email": email} for email in (ADA, BOB, EVE)],
    "projects": [
        {
            "projectId": "my-project",
            "owner": ADA,
            "services": ["generativelanguage.googleapis.com"],
            "consentScreen": {"appName": "Demo", "supportEmail": ADA},
            "testUsers": [ADA, BOB],
            "clients": [{"kind": "desktop", "name": "cli"}],
        }
    ],
    "tunedModels": [
        {
            "id": "my-model",
            "owner": ADA,
            "project": "my-project",
            "resource": {"displayName": "My model"},
        }
    ],
}


class Machine:
    """A person's machine: a client file, and a credential file for each account."""

    def __init__(self, emulator: EmulatorServer, home: Path) -> None:
        self.address = emulator.address
        self.home = home
        seeded = emulator.control.seed(SEED)
        self.client_file = home / "client_secret.json"
        self.client_file.write_text(json.dumps(seeded["clients"][0]["file"]))

    def credentials(self, account: str) -> str:
        """Where an account's credentials are."""
        return str(self.home / f"{account}.json")

    def login(
        self,
        account: str,
        *more: str,
        untick: tuple[str, ...] = (),
        stopped: list[str] | None = None,
    ) -> Terminal:
        """Sign an account in by pasting what the pages end at; `stopped` gets a dead end."""
        there = Terminal(environ=os.environ)

        def ask(prompt: str, *, secret: bool = False) -> str:
            url = next(
                line.strip() for line in there.err.splitlines() if line.startswith("    http")
            )
            try:
                return Person(account).consent(url, untick=untick)
            except SignInBlockedError as stop:
                if stopped is None:
                    raise
                stopped.append(stop.reason)
                return Console.ask(there.console, prompt)  # where nobody types anything

        there.console.ask = ask  # type: ignore[method-assign]
        words = ("--client-id-file", str(self.client_file), "--no-browser")
        there.run("login", *words, "--output", self.credentials(account), *more)
        return there

    def run(self, account: str, *words: str) -> Terminal:
        """Run a command as an account."""
        there = Terminal(environ={**os.environ, "GEMAUTH_EMULATOR": self.address})
        there.run(*words, "--credentials", self.credentials(account))
        return there


@pytest.fixture
def machine(home: Path) -> Iterator[Machine]:
    """A machine with an emulator that runs in the test's process."""
    with EmulatorServer() as emulator:
        yield Machine(emulator, home)


def test_sign_in_and_list(machine: Machine) -> None:
    """A person signs in at the real pages; models are listed; a token is printed from the cache."""
    signed_in = machine.login(ADA, "--scopes", "cloud-platform,tuning,email", "--format", "json")
    assert signed_in.code == 0, signed_in.err
    assert signed_in.json["missing"] == []
    assert "an app in Testing gets 7 days" in signed_in.err
    models = machine.run(ADA, "models", "list", "--format", "json")
    assert "models/gemini-2.5-flash" in {model["name"] for model in models.json}
    printed = machine.run(ADA, "print-access-token")
    assert printed.out.startswith("ya29.emu-")


def test_share(machine: Machine) -> None:
    """A tuned model is hidden from others until its owner shares it, and again afterwards."""
    assert machine.login(ADA).code == machine.login(BOB).code == 0
    assert machine.run(BOB, "tuned-models", "get", MODEL).code == 4
    shared = machine.run(ADA, "share", MODEL, "--user", BOB, "--format", "json")
    assert (shared.code, shared.json["role"]) == (0, "READER")
    got = machine.run(BOB, "tuned-models", "get", MODEL, "--format", "json")
    assert got.json["displayName"] == "My model"
    name = shared.json["name"]
    raised = machine.run(ADA, "share", MODEL, "--user", BOB, "--role", "writer", "--format=json")
    assert (raised.json["name"], raised.json["role"]) == (name, "WRITER")
    listed = machine.run(ADA, "permissions", "list", MODEL, "--format", "json")
    assert {entry.get("emailAddress") for entry in listed.json} == {ADA, BOB}
    assert machine.run(ADA, "permissions", "delete", name).code == 0
    assert machine.run(BOB, "tuned-models", "get", MODEL).code == 4


def test_create_update_get(machine: Machine) -> None:
    """Permissions are created, read and changed one by one."""
    machine.login(ADA)
    words = ("permissions", "create", MODEL, "--user", BOB, "--role", "reader", "--format", "json")
    made = machine.run(ADA, *words).json
    changed = machine.run(ADA, "permissions", "update", made["name"], "--role", "writer")
    assert changed.code == 0
    got = machine.run(ADA, "permissions", "get", made["name"], "--format", "json")
    assert got.json["role"] == "WRITER"
    assert machine.run(ADA, *words).code == 4


def test_scope_not_ticked(machine: Machine) -> None:
    """A box left unticked is told at the sign-in, and its calls are refused with what to do."""
    signed_in = machine.login(ADA, "--scopes", "tuning,retriever", untick=(TUNING,))
    assert "NOT granted  generative-language.tuning" in signed_in.err
    there = machine.run(ADA, "tuned-models", "list", "--filter", "owner:me")
    assert there.code == 4
    assert "evidence: HTTP 403 PERMISSION_DENIED, ACCESS_TOKEN_SCOPE_INSUFFICIENT" in there.err
    assert "tick its box: gemauth login --add-scopes" in there.err


def test_not_a_tester(machine: Machine) -> None:
    """Who is no test user meets a page that never redirects."""
    stopped: list[str] = []
    there = machine.login(EVE, stopped=stopped)
    assert (there.code, stopped) == (2, ["not_a_tester"])
    assert "the input has ended" in there.err


def test_request(machine: Machine) -> None:
    """Raw REST: the body as it came, or the refusal as evidence."""
    machine.login(ADA)
    there = machine.run(ADA, "request", "GET", f"/v1beta/{MODEL}")
    assert there.json["name"] == MODEL
    patched = machine.run(
        ADA,
        *("request", "PATCH", f"/v1beta/{MODEL}?updateMask=displayName"),
        *("--data", '{"displayName": "Renamed"}'),
    )
    assert patched.json["displayName"] == "Renamed"
    missing = machine.run(ADA, "request", "GET", "/v1beta/models/nothing", "--format", "json")
    assert missing.code == 6
    assert json.loads(missing.error["evidence"])["error"]["code"] == 404


def test_revoke(machine: Machine) -> None:
    """After revoke the file is gone and the token that was printed no longer works."""
    machine.login(ADA)
    saved = (machine.home / f"{ADA}.json").read_text()
    assert machine.run(ADA, "models", "list").code == 0
    assert machine.run(ADA, "revoke").code == 0
    assert machine.run(ADA, "models", "list").code == 6
    (machine.home / f"{ADA}.json").write_text(saved)
    there = machine.run(ADA, "models", "list")
    assert there.code == 3
    assert "gemauth login" in there.err


def test_redirect_carries_the_answer(machine: Machine) -> None:
    """What the pages end at is on loopback, with a code, the state and the issuer."""
    there = machine.login(ADA, "--scopes", "tuning")
    url = next(line.strip() for line in there.err.splitlines() if line.startswith("    http"))
    query = parse_qs(urlsplit(Person(ADA).consent(url)).query)
    assert {"code", "state", "iss"} <= set(query)
