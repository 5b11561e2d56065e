"""Ready-made credentials: google-auth in a program of its own, with what the command printed.

No proxy of ours between, and no certificate to trust: only the file and the leak guard
(google-oauth.md 9.1 and 9.3).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from google.auth import exceptions, external_account_authorized_user
from google.auth.transport.requests import Request

from gemauth.google.scopes import CLOUD_PLATFORM, RETRIEVER, TUNING
from tests.interop.local_google import ADA, EVE, GRACE, PROJECT

if TYPE_CHECKING:
    from tests.interop.local_google import Google

pytestmark = pytest.mark.interop

COMMAND = Path(__file__).parents[2] / ".venv" / "bin" / "gemauth"

# The program knows the API's address and nothing else. The hook only looks: which addresses are
# connected to, and which names are looked up.
PROGRAM = """
import json, sys, threading
reached = set()
def look(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple):
        reached.add(args[1][0])
    elif event == "socket.getaddrinfo":
        reached.add(args[0])
sys.addaudithook(look)

import google.auth
from google.auth.transport.requests import AuthorizedSession, Request

found, project = google.auth.default(scopes=sys.argv[2:])
session = AuthorizedSession(found)
answers = [session.get(sys.argv[1] + "/v1beta/tunedModels").status_code]
found.refresh(Request())
answers.append(session.get(sys.argv[1] + "/v1beta/tunedModels").status_code)
for thread in threading.enumerate():  # of google-auth's own: what it asks behind our back
    if thread is not threading.current_thread():
        thread.join(30)
print(json.dumps({
    "type": type(found).__module__, "project": project, "answers": answers,
    "reached": sorted(map(str, reached)),
}))
"""


class Ready:
    """The command, and a program with the environment that it printed."""

    def __init__(self, google: Google, folder: Path) -> None:
        self._google = google
        self._folder = folder

    def credentials(self, principal: str, *more: str) -> dict[str, Any]:
        """Return what `gemauth emulator credentials` answers."""
        words = ["emulator", "credentials", "--as", principal, "--format", "json"]
        output = ["--output", str(self._folder / "credentials.json")]
        done = self._run([str(COMMAND), *words, *output, *more], self._environ())
        made: dict[str, Any] = json.loads(done.stdout)
        return made

    def program(self, made: dict[str, Any], *scopes: str) -> dict[str, Any]:
        """Return what the program found and reached."""
        words = [sys.executable, "-c", PROGRAM, self._google.address, *scopes]
        done = self._run(words, self._environ() | made["environment"])
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def last(self) -> int:
        """Return the number of the last request that the server saw."""
        return max((r["number"] for r in self._google.control.requests()), default=0)

    def seen(self, after: int) -> list[dict[str, Any]]:
        """Return what the server has seen since."""
        return self._google.control.requests(after=after)

    def _environ(self) -> dict[str, str]:
        """Return an environment that says nothing of an emulator to google-auth."""
        proxies = ("http", "https", "no", "all", "grpc", "no_grpc")
        hidden = {f"{name}_proxy" for name in proxies}
        kept = {k: v for k, v in os.environ.items() if k.lower() not in hidden}
        return {**kept, "GEMAUTH_EMULATOR": self._google.address, "HOME": str(self._folder)}

    @staticmethod
    def _run(words: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done


@pytest.fixture
def ready(google: Google, home: Path) -> Ready:
    """The command and the program, in a home of their own."""
    return Ready(google, home)


def facts(request: dict[str, Any]) -> dict[str, Any]:
    """Return what was seen of who came."""
    names = ("credential", "principal", "scopes", "clientId", "grantType", "consumerProject")
    return {name: request[name] for name in names if name in request}


def test_person(google: Google, ready: Ready) -> None:
    """`google.auth.default()` refreshes at the emulator and calls the API as that person."""
    made = ready.credentials(ADA, "--quota-project", PROJECT)
    before = ready.last()
    told = ready.program(made)
    assert told == {
        "type": "google.auth.external_account_authorized_user",
        "project": PROJECT,
        "answers": [200, 200],
        "reached": ["127.0.0.1"],
    }
    refresh, call, *again = ready.seen(before)
    scopes = [CLOUD_PLATFORM, TUNING, RETRIEVER]
    who = {"credential": "user", "principal": ADA, "scopes": scopes, "clientId": made["clientId"]}
    assert (refresh["verb"], refresh["path"], refresh["status"]) == ("POST", "/v1/oauthtoken", 200)
    assert facts(refresh) == {**who, "grantType": "refresh_token"}
    assert (call["path"], call["status"], call["tls"]) == ("/v1beta/tunedModels", 200, False)
    assert facts(call) == {**who, "consumerProject": PROJECT}
    assert [entry["path"] for entry in again] == ["/v1/oauthtoken", "/v1beta/tunedModels"]


def test_narrow_scopes_and_own_client(google: Google, ready: Ready, home: Path) -> None:
    """The consent covers what was named, to the client whose file was given."""
    client = home / "client_secret.json"
    client.write_text(json.dumps(google.client_file))
    made = ready.credentials(GRACE, "--scopes", "tuning", "--client-id-file", str(client))
    before = ready.last()
    assert ready.program(made)["answers"] == [200, 200]
    (call, _) = (r for r in ready.seen(before) if r["path"] == "/v1beta/tunedModels")
    assert call["scopes"] == [TUNING]
    assert call["clientId"] == google.client_id
    assert call["principal"] == GRACE


def test_revoked(ready: Ready, home: Path) -> None:
    """google-auth revokes at the file's `revoke_url`; what is read from the file then is dead."""
    ready.credentials(GRACE)
    file = str(home / "credentials.json")
    person = external_account_authorized_user.Credentials.from_file(file)
    person.refresh(Request())
    person.revoke(Request())
    with pytest.raises(exceptions.OAuthError, match="expired or revoked"):
        external_account_authorized_user.Credentials.from_file(file).refresh(Request())


def test_service_account(google: Google, ready: Ready) -> None:
    """A new key works at once; the look-up that google-auth makes unasked reaches nobody."""
    email = google.service_account()["client_email"]
    made = ready.credentials(email)
    before = ready.last()
    told = ready.program(made, TUNING)
    assert told == {
        "type": "google.oauth2.service_account",
        "project": PROJECT,
        "answers": [200, 200],
        "reached": ["127.0.0.1"],
    }
    exchange, call, *_ = ready.seen(before)
    who = {"credential": "service_account", "principal": email, "scopes": [TUNING]}
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert facts(exchange) == {**who, "grantType": grant}
    assert exchange["path"] == "/token"
    assert facts(call) == {**who, "consumerProject": PROJECT}
    assert {entry["host"] for entry in ready.seen(before)} == {"127.0.0.1"}


def test_not_a_tester(google: Google, home: Path) -> None:
    """Who is no test user gets no file: the refresh would be refused."""
    words = ["emulator", "credentials", "--as", EVE, "--output", str(home / "eve.json")]
    done = subprocess.run(
        [str(COMMAND), *words],
        env={**os.environ, "GEMAUTH_EMULATOR": google.address},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert f"gemauth emulator test-users add {PROJECT} {EVE}" in done.stderr
    assert not (home / "eve.json").exists()
