"""google-auth on a machine of Google's: everything comes from the metadata server.

google-auth reads GCE_METADATA_HOST when it is imported, so each test's program is a process of its
own, as it would be on the machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from google.auth.transport.requests import Request
from google.oauth2 import id_token

from gemauth.google.scopes import CLOUD_PLATFORM, TUNING
from tests.interop.local_google import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.interop.local_google import Google

pytestmark = pytest.mark.interop

AUDIENCE = "https://tool.example.com"


class Machine:
    """A machine with a service account of its own, and what the emulator saw of its programs."""

    def __init__(self, google: Google) -> None:
        self.google = google
        self.email: str = google.service_account()["client_email"]
        host = google.address.removeprefix("http://")
        self._environ = os.environ | {"GCE_METADATA_HOST": host, "GCE_METADATA_IP": host}
        # On the machine the API's host is Google's; here the program asks the emulator's address.
        self._environ |= {"ADDRESS": google.address}
        self._before = self._number()

    def attach(self, *scopes: str, platform: str = "compute-engine") -> None:
        """Attach the account."""
        self.google.control.set_metadata(self.email, scopes=scopes, platform=platform)

    def run(self, code: str) -> Any:
        """Run a program there, and return the JSON that it prints."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def seen(self, path: str) -> list[dict[str, Any]]:
        """Return the program's requests for a path, as the emulator saw them."""
        return [entry for entry in self._all() if entry["path"] == path]

    def _all(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.google.control.call("GET", "requests")["requests"]
        return [entry for entry in entries if entry["number"] > self._before]

    def _number(self) -> int:
        entries = self.google.control.call("GET", "requests")["requests"]
        return entries[-1]["number"] if entries else 0


@pytest.fixture
def machine(google: Google) -> Iterator[Machine]:
    """A machine whose account may use the Gemini API, and nothing else."""
    machine = Machine(google)
    yield machine
    google.control.clear_metadata()


V1 = "/computeMetadata/v1/"
ACCOUNT = f"{V1}instance/service-accounts/default/"
LIST = """
import json, os, google.auth
from google.auth.transport.requests import AuthorizedSession
credentials, project = google.auth.default()
answer = AuthorizedSession(credentials).get(os.environ["ADDRESS"] + "/v1beta/tunedModels")
print(json.dumps([type(credentials).__module__, project, answer.status_code, answer.text]))
"""


def test_default_credentials(machine: Machine) -> None:
    """google.auth.default() finds the machine, its project, and a token that the API accepts."""
    machine.attach(CLOUD_PLATFORM, TUNING)
    module, project, status, _ = machine.run(LIST)
    assert module == "google.auth.compute_engine.credentials"
    assert project == PROJECT
    assert status == 200
    (entry,) = machine.seen("/v1beta/tunedModels")
    assert entry["credential"] == "service_account"
    assert entry["principal"] == machine.email
    assert entry["scopes"] == [CLOUD_PLATFORM, TUNING]
    assert entry["consumerProject"] == PROJECT
    assert [entry["status"] for entry in machine.seen(f"{ACCOUNT}token")] == [200]
    assert machine.seen("/")
    assert machine.seen(f"{V1}project/project-id")
    assert not machine.seen("/token")


def test_the_default_scopes_are_too_few(machine: Machine) -> None:
    """A machine that was made without choosing scopes cannot call the Gemini API."""
    machine.attach()
    _, _, status, text = machine.run(LIST)
    assert status == 403
    assert "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in text


WANTS = """
import json, google.auth
from google.auth.transport.requests import Request
credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
credentials.refresh(Request())
print(json.dumps([credentials.token, credentials.service_account_email]))
"""


@pytest.mark.parametrize(
    ("platform", "granted"), [("compute-engine", [TUNING]), ("cloud-run", [CLOUD_PLATFORM])]
)
def test_scopes_that_a_program_asks_for(
    machine: Machine, platform: str, granted: list[str]
) -> None:
    """Compute Engine ignores them, Cloud Run grants them."""
    machine.attach(TUNING, platform=platform)
    token, email = machine.run(WANTS)
    assert token.startswith("ya29.c.emu-")
    assert email == machine.email
    (entry,) = machine.seen(f"{ACCOUNT}token")
    assert entry["scopes"] == granted
    assert entry["principal"] == machine.email


IDENTITY = """
import json
from google.auth import compute_engine
from google.auth.transport.requests import Request
credentials = compute_engine.IDTokenCredentials(
    Request(), "https://tool.example.com", use_metadata_identity_endpoint=True
)
credentials.refresh(Request())
print(json.dumps([credentials.token, credentials.service_account_email]))
"""


def test_identity(machine: Machine) -> None:
    """The metadata server's id token stands up to google-auth's own verifier."""
    machine.attach(CLOUD_PLATFORM)
    token, email = machine.run(IDENTITY)
    certificates = f"{machine.google.address}/oauth2/v1/certs"
    claims = id_token.verify_token(token, Request(), audience=AUDIENCE, certs_url=certificates)
    assert claims["iss"] == "https://accounts.google.com"
    assert claims["email"] == email == machine.email
    assert claims["google"]["compute_engine"]["project_id"] == PROJECT
    (entry,) = machine.seen(f"{ACCOUNT}identity")
    assert (entry["status"], entry["principal"]) == (200, machine.email)


FETCH = """
import json
from google.oauth2 import id_token
from google.auth.transport.requests import Request
print(json.dumps(id_token.fetch_id_token(Request(), "https://tool.example.com")))
"""


def test_fetch_id_token(machine: Machine) -> None:
    """`fetch_id_token` finds the metadata server by itself."""
    machine.attach(CLOUD_PLATFORM)
    assert machine.run(FETCH).count(".") == 2
    assert machine.seen(f"{ACCOUNT}identity")


INFO = """
import json
from google.auth.compute_engine import _metadata
from google.auth.transport.requests import Request
request = Request()
print(json.dumps([
    _metadata.ping(request),
    _metadata.get_project_id(request) if _metadata.ping(request) else None,
    _metadata.get_universe_domain(request),
    _metadata.get(request, "instance/", recursive=True, return_none_for_not_found_error=True),
]))
"""


def test_what_the_library_reads(machine: Machine) -> None:
    """The liveness probe, the project, the universe, and the instance as one object."""
    machine.attach(TUNING)
    alive, project, universe, instance = machine.run(INFO)
    assert (alive, project, universe) == (True, PROJECT, "googleapis.com")
    assert instance["serviceAccounts"]["default"] == {
        "aliases": ["default"],
        "email": machine.email,
        "scopes": [TUNING],
    }


def test_no_machine(machine: Machine) -> None:
    """Where none is set the library finds none."""
    assert machine.run(INFO) == [False, None, "googleapis.com", None]


NOTHING = """
import json, google.auth
from google.auth.transport.requests import Request
try:
    google.auth.default()[0].refresh(Request())
except google.auth.exceptions.GoogleAuthError as error:
    print(json.dumps([type(error).__name__, str(error)]))
"""


def test_a_machine_without_an_account(machine: Machine) -> None:
    """There are credentials, and they give no token."""
    machine.google.control.set_metadata(project=PROJECT)
    name, text = machine.run(NOTHING)
    assert name == "RefreshError"
    assert "404" in text
