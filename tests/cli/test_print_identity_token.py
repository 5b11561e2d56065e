"""The command against the emulator; what each source sends is tests/client/sources' matter."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.transport import Transport
from gemauth.clock import rfc3339
from gemauth.google.scopes import CLOUD_PLATFORM
from gemauth.http import JSON, Headers, Request
from gemauth.oauth import jwt
from gemauth.testing.emulator import EmulatorServer
from tests.cli.terminal import Terminal
from tests.cli.test_end_to_end import ADA, Machine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROBOT = "robot-1@my-project.iam.gserviceaccount.com"
URL = "https://tool.example.com"


class Identities:
    """An emulator with a person's sign-in and a service account's key."""

    def __init__(self, emulator: EmulatorServer, home: Path) -> None:
        self.emulator = emulator
        self.home = home
        self._machine = Machine(emulator, home)
        made = json.loads(self._machine.client_file.read_text())["installed"]
        self.client_id, self._client_secret = made["client_id"], made["client_secret"]

    def person(self, *scopes: str) -> str:
        """Return the file of a sign-in with these scopes."""
        control = self.emulator.control
        granted = control.create_grant(ADA, client_id=self.client_id, scopes=scopes)
        body = {
            "type": "authorized_user",
            "client_id": self.client_id,
            "client_secret": self._client_secret,
            "refresh_token": granted["refresh_token"],
        }
        return self._write("person", body)

    def key(self) -> tuple[str, dict[str, Any]]:
        """Return the file of a service account's key, and what is in it."""
        control = self.emulator.control
        asker = control.create_grant(ADA, client_id=self.client_id, scopes=[CLOUD_PLATFORM])
        headers = {"Authorization": f"Bearer {asker['access_token']}", "Content-Type": JSON}
        url = f"{self.emulator.address}/v1/projects/my-project/serviceAccounts"
        control.enable_service("my-project", "iam.googleapis.com")
        with Transport({}) as sender:
            sender.send(Request("POST", url, Headers(headers), b'{"accountId": "robot-1"}'))
        made = control.create_service_account_key(ROBOT)["file"]
        return self._write("key", made), made

    def run(self, *words: str) -> Terminal:
        """Print an ID token of the emulator's."""
        there = Terminal(environ=os.environ)
        there.run("print-identity-token", "--emulator", self.emulator.address, *words)
        return there

    def _write(self, name: str, body: dict[str, Any]) -> str:
        path = self.home / f"{name}.json"
        path.write_text(json.dumps(body))
        return str(path)


@pytest.fixture
def identities(home: Path) -> Iterator[Identities]:
    """A fresh emulator, and a machine with its client."""
    with EmulatorServer() as emulator:
        yield Identities(emulator, home)


def test_a_persons(identities: Identities) -> None:
    """Alone on stdout, for the sign-in's client; a second one is a second request."""
    file = identities.person("openid", "email", "cloud-platform")
    there = identities.run("--credentials", file)
    assert (there.code, there.err) == (0, "")
    claims = jwt.decode(there.out.removesuffix("\n")).claims
    assert (claims["aud"], claims["email"]) == (identities.client_id, ADA)
    before = identities.emulator.control.requests()[-1]["number"]
    identities.run("--credentials", file)
    (entry,) = identities.emulator.control.requests(after=before)
    assert (entry["path"], entry["grantType"]) == ("/token", "refresh_token")


def test_a_persons_without_openid(identities: Identities) -> None:
    """Exit code 3, nothing on stdout, and the command that asks for it."""
    there = identities.run("--credentials", identities.person("cloud-platform"))
    assert (there.code, there.out) == (3, "")
    assert "next: Ask for it: gemauth login --add-scopes openid" in there.err


def test_a_persons_for_somebody_else(identities: Identities) -> None:
    """Exit code 2 with the reason, and who has such tokens."""
    file = identities.person("openid")
    there = identities.run("--credentials", file, "--audience", URL)
    assert (there.code, there.out) == (2, "")
    assert "for the OAuth client of the sign-in" in there.err
    assert "--impersonate-service-account" in there.err


def test_a_keys(identities: Identities) -> None:
    """For programs: the token with what it says, and that nobody has verified it here."""
    file, key = identities.key()
    there = identities.run("--credentials", file, "--audience", URL, "--format", "json")
    told = there.json
    claims = jwt.decode(told["identityToken"]).claims
    assert told == {
        "identityToken": told["identityToken"],
        "expiry": rfc3339(float(claims["exp"])),
        "audience": URL,
        "subject": key["client_id"],
        "email": key["client_email"],
        "signatureVerified": False,
    }


@pytest.mark.parametrize("more", [(), ("--include-email",)])
def test_by_impersonation(identities: Identities, more: tuple[str, ...]) -> None:
    """The account's own, with its address where that is asked for."""
    email = identities.key()[1]["client_email"]
    control = identities.emulator.control
    control.enable_service("my-project", "iamcredentials.googleapis.com")
    control.add_binding("my-project", "roles/iam.serviceAccountTokenCreator", f"user:{ADA}")
    words = ("--credentials", identities.person("cloud-platform"), "--audience", URL)
    there = identities.run(*words, "--impersonate-service-account", email, *more)
    assert (there.code, there.err) == (0, "")
    claims = jwt.decode(there.out.strip()).claims
    assert claims["aud"] == URL
    assert claims.get("email") == (email if more else None)


def test_without_an_audience(identities: Identities) -> None:
    """A key's takes one; an empty option is no audience either."""
    file, _ = identities.key()
    there = identities.run("--credentials", file)
    assert there.code == 2
    assert "--audience URL" in there.err
    assert identities.run("--credentials", file, "--audience", " ").code == 2
