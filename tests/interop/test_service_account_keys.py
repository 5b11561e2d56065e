"""What `gemauth service-accounts` makes, uploads and rotates, as Google's own libraries meet it.

google-auth reads the files and spends them; google-api-python-client's IAM client, built from the
description of IAM that it ships with, sees at the server what the command did there.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from google.api_core.client_options import ClientOptions
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import credentials, service_account
from googleapiclient.discovery import build

from gemauth.google.scopes import CLOUD_PLATFORM
from tests.interop.local_google import ADA, PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.interop.local_google import Google

pytestmark = pytest.mark.interop

COMMAND = Path(__file__).parents[2] / ".venv" / "bin" / "gemauth"
ROBOT = f"rotated@{PROJECT}.iam.gserviceaccount.com"
NAME = f"projects/{PROJECT}/serviceAccounts/{ROBOT}"


class Person:
    """Ada, with the command and with Google's own client of IAM."""

    def __init__(self, google: Google, folder: Path) -> None:
        self._google = google
        self._folder = folder
        granted = google.tokens(ADA, "cloud-platform")
        user = {
            "type": "authorized_user",
            "client_id": google.client_id,
            "client_secret": google.client_secret,
            "refresh_token": granted["refresh_token"],
        }
        (folder / "ada.json").write_text(json.dumps(user))
        self.iam = build(
            "iam",
            "v1",
            credentials=credentials.Credentials(granted["access_token"]),
            client_options=ClientOptions(api_endpoint=google.address),
        )

    def run(self, *words: str, fails: bool = False) -> Any:
        """Return what `gemauth service-accounts WORDS…` answers to programs."""
        command = [str(COMMAND), "service-accounts", *words, "--format", "json"]
        done = subprocess.run(
            [*command, "--credentials", str(self._folder / "ada.json")],
            env={**os.environ, "GEMAUTH_EMULATOR": self._google.address},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stderr
        return json.loads(done.stderr if fails else done.stdout)

    def keys(self) -> dict[str, dict[str, Any]]:
        """Return the robot's keys by their ids, as Google's client shows them."""
        keys = self.iam.projects().serviceAccounts().keys()
        listed = keys.list(name=NAME, keyTypes="USER_MANAGED").execute().get("keys", [])
        return {key["name"].rpartition("/")[2]: key for key in listed}

    def calls(self, file: Path) -> int:
        """Return what the API answers to google-auth with a key's file."""
        found = service_account.Credentials.from_service_account_file(
            str(file), scopes=[CLOUD_PLATFORM]
        )
        found.refresh(Request())
        assert found.token.startswith("ya29.c.emu-")
        with AuthorizedSession(found) as session:
            url = f"{self._google.address}/v1/projects/{PROJECT}/serviceAccounts"
            return int(session.get(url).status_code)


@pytest.fixture
def person(google: Google, home: Path) -> Iterator[Person]:
    """Ada, who has made the robot and let it look at the project."""
    person = Person(google, home)
    person.run("create", "rotated", "--project", PROJECT)
    google.control.add_binding(PROJECT, "roles/viewer", f"serviceAccount:{ROBOT}")
    yield person
    person.run("delete", ROBOT, "--yes")
    person.iam.close()


def test_google_auth_spends_each_kind(person: Person, home: Path) -> None:
    """A key of Google's and one that was uploaded work alike; both are what IAM's client sees."""
    made = person.run("keys", "create", ROBOT, "--output", str(home / "made.json"))
    sent = person.run("keys", "upload", ROBOT, "--output", str(home / "sent.json"), "--days", "9")
    assert person.calls(home / "made.json") == person.calls(home / "sent.json") == 200
    keys = person.keys()
    assert keys[made["keyId"]]["keyOrigin"] == "GOOGLE_PROVIDED"
    assert keys[sent["keyId"]]["keyOrigin"] == "USER_PROVIDED"
    assert keys[sent["keyId"]]["validBeforeTime"] == sent["validBeforeTime"]
    shapes = [{*json.loads((home / f"{name}.json").read_text())} for name in ("made", "sent")]
    assert shapes[0] == shapes[1]  # member for member the file that IAM writes


def test_a_rotation(person: Person, home: Path) -> None:
    """google-auth goes on with the rotated file; what it had loaded before is refused."""
    file = home / "key.json"
    old = person.run("keys", "create", ROBOT, "--output", str(file))["keyId"]
    before = service_account.Credentials.from_service_account_file(
        str(file), scopes=[CLOUD_PLATFORM]
    )
    before.refresh(Request())
    done = person.run("keys", "rotate", str(file))
    assert (done["oldKeyId"], done["oldKey"]) == (old, "disabled")
    assert person.calls(file) == 200
    with pytest.raises(RefreshError, match="invalid_grant"):
        before.refresh(Request())
    assert {key: one.get("disabled", False) for key, one in person.keys().items()} == {
        old: True,
        done["keyId"]: False,
    }
    again = person.run("keys", "rotate", str(file), "--delete-old")
    assert {*person.keys()} == {old, again["keyId"]}
    assert person.calls(file) == 200


def test_a_certificate_of_openssl(person: Person, home: Path) -> None:
    """What openssl makes is uploaded as it is; a file that a person puts together of it works."""
    private, public = home / "private.pem", home / "public.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9"]
    where = ["-subj", "/CN=unused", "-keyout", str(private), "-out", str(public)]
    subprocess.run([*words, *where], check=True, capture_output=True)
    sent = person.run("keys", "upload", ROBOT, "--certificate", str(public))
    person.run("keys", "create", ROBOT, "--output", str(home / "key.json"))
    file = json.loads((home / "key.json").read_text())
    file |= {"private_key": private.read_text(), "private_key_id": sent["keyId"]}
    (home / "key.json").write_text(json.dumps(file))
    assert person.calls(home / "key.json") == 200


def test_ten_keys(person: Person, home: Path) -> None:
    """The eleventh is refused in the command's words, and Google's client sees ten."""
    for number in range(10):
        person.run("keys", "upload", ROBOT, "--output", str(home / f"{number}.json"))
    words = ("keys", "upload", ROBOT, "--output", str(home / "10.json"))
    refused = person.run(*words, fails=True)["error"]
    assert "10 keys of yours at the most" in refused["next"]
    assert len(person.keys()) == 10
    assert not (home / "10.json").exists()
