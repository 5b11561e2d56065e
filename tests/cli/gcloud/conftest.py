"""An emulator with two people in it, and gcloud as a function of its words."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gemauth.cli.console import Console
from gemauth.cli.gcloud.main import run
from gemauth.client.transport import Transport
from gemauth.google.client_secret import GCLOUD_LOGIN_CLIENT_ID
from gemauth.http import JSON, Headers, Request
from gemauth.run import consent
from gemauth.testing.emulator import EmulatorServer
from tests.cli.terminal import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ADA = "ada@example.com"
"""Owns the project and is a tester."""
BOB = "bob@example.com"
"""Has an account, and nothing else."""
PROJECT = "demo-project"
OTHERS = "others-project"
"""A project of Bob's, which Ada has no part in."""
ROBOT = f"robot-one@{PROJECT}.iam.gserviceaccount.com"
"""Its service account, which Ada made."""
CLOUD = "https://www.googleapis.com/auth/cloud-platform"
TUNING = "https://www.googleapis.com/auth/generative-language.tuning"
SCOPES = f"--scopes={CLOUD},{TUNING}"


class Typist(Stream):
    """A standard input that is typed while the command runs."""

    def __init__(self, type_line: Callable[[], str], *, tty: bool) -> None:
        super().__init__(tty=tty)
        self._type = type_line

    def readline(self, size: int | None = -1) -> str:  # type: ignore[override]
        """Return what somebody types now."""
        return self._type()


class Gcloud:
    """gcloud in one home; each call keeps its exit code, `out` and `err`."""

    def __init__(self, emulator: EmulatorServer, home: Path, client: dict[str, Any]) -> None:
        self.emulator = emulator
        self.home = home
        self.folder = home / "gcloud"
        self.client_file = home / "client_secret.json"
        self.client_file.write_text(json.dumps(client), encoding="utf-8")
        self.environ = {
            "GEMAUTH_EMULATOR": emulator.address,
            "HOME": str(home),
            "CLOUDSDK_CONFIG": str(self.folder),
        }
        self.stdout = Stream()
        self.stderr = Stream()

    def __call__(
        self, *words: str, typed: str | Callable[[], str] = "", tty: bool = False, **environ: str
    ) -> int:
        """Run a command line and return its exit code."""
        self.stdout, self.stderr = Stream(tty=tty), Stream(tty=tty)
        stdin = Stream(typed, tty=tty) if isinstance(typed, str) else Typist(typed, tty=tty)
        environment = {**self.environ, **environ}
        return run(words, Console(stdin, self.stdout, self.stderr, environment))

    def consenting(self, *words: str, who: str = ADA) -> int:
        """Run a login that somebody consents to without being asked."""
        return self(*words, GEMAUTH_AUTO_CONSENT=who)

    @property
    def out(self) -> str:
        """What stdout got."""
        return self.stdout.text

    @property
    def err(self) -> str:
        """What stderr got."""
        return self.stderr.text

    @property
    def url(self) -> str:
        """The sign-in's address, as stderr shows it."""
        found = re.search(r'https?://[^\s"]+/o/oauth2/[^\s"]+', self.err)
        assert found is not None, self.err
        return found[0]

    def redirect(self, who: str = ADA) -> str:
        """Sign in at the shown address; the redirect as another gcloud prints it."""
        answer = consent.answer(self.url, who, self.emulator.address)
        return answer.replace("http:", "https:", 1)

    def code(self, who: str = ADA) -> str:
        """Sign in at the shown address; the code that a page would show."""
        answer = consent.answer(self.url, who, self.emulator.address)
        return parse_qs(urlsplit(answer).query)["code"][0]

    @property
    def adc(self) -> dict[str, Any]:
        """The ADC file's members."""
        path = self.folder / "application_default_credentials.json"
        members: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return members

    @property
    def has_adc(self) -> bool:
        """Whether there is an ADC file."""
        return (self.folder / "application_default_credentials.json").exists()


@pytest.fixture(scope="package")
def emulator() -> Iterator[EmulatorServer]:
    """A project that Ada owns, with a client of its own."""
    with EmulatorServer() as server:
        control = server.control
        for email in (ADA, BOB):
            control.create_account(email)
        control.create_project(PROJECT, owner=ADA)
        control.create_project(OTHERS, owner=BOB)
        control.enable_service(PROJECT, "cloudresourcemanager.googleapis.com")
        control.set_consent_screen(PROJECT, app_name="Demo", support_email=ADA)
        control.add_test_user(PROJECT, ADA)
        _create_robot(server)
        yield server


def _create_robot(server: EmulatorServer) -> None:
    """Let Ada create the service account, as gcloud would."""
    consent = server.control.create_grant(ADA, client_id=GCLOUD_LOGIN_CLIENT_ID, scopes=[CLOUD])
    headers = {"Authorization": f"Bearer {consent['access_token']}", "Content-Type": JSON}
    url = f"{server.address}/v1/projects/{PROJECT}/serviceAccounts"
    with Transport({}) as sender:
        answer = sender.send(Request("POST", url, Headers(headers), b'{"accountId": "robot-one"}'))
    assert answer.ok, answer.body


@pytest.fixture(scope="package")
def client(emulator: EmulatorServer) -> dict[str, Any]:
    """The desktop client's file."""
    file: dict[str, Any] = emulator.control.create_client(PROJECT, "Desk")["file"]
    return file


@pytest.fixture
def gcloud(emulator: EmulatorServer, client: dict[str, Any], home: Path) -> Gcloud:
    """gcloud, with nothing configured."""
    return Gcloud(emulator, home, client)


@pytest.fixture
def robot_file(emulator: EmulatorServer, tmp_path: Path) -> str:
    """A service account's key file."""
    key = emulator.control.create_service_account_key(ROBOT)
    path = tmp_path / "key.json"
    path.write_text(json.dumps(key["file"]), encoding="utf-8")
    return str(path)
