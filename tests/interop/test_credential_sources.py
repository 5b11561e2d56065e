"""One credential file, read by google-auth and by gemauth: the server sees the same of both.

google-auth calls Google's own URLs, which end at the emulator; gemauth is told its address.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

import gemauth
from gemauth.errors import CredentialError, UsageError
from gemauth.google.scopes import CLOUD_PLATFORM, TUNING
from tests.interop.intercepted import Program
from tests.interop.local_google import ADA, PROJECT
from tests.interop.test_federation import GOOGLE as GOOGLES
from tests.interop.test_federation import PROGRAM, Federation

if TYPE_CHECKING:
    from pathlib import Path

    from tests.interop.local_google import Google

pytestmark = pytest.mark.interop

CREATOR = "roles/iam.serviceAccountTokenCreator"
MODELS = "https://generativelanguage.googleapis.com/v1beta/tunedModels"
COMPARED = (
    *("path", "status", "grantType", "credential"),
    *("principal", "scopes", "consumerProject"),
)


class Both:
    """Reads a file with google-auth in a program, and with gemauth here."""

    def __init__(self, google: Google, folder: Path) -> None:
        self.google = google
        self.program = Program(google, folder)
        self.path = folder / "adc.json"
        google.control.enable_service(PROJECT, "iamcredentials.googleapis.com")

    def google_auth(self, path: str, *scopes: str) -> list[dict[str, Any]]:
        """List tuned models with it; return what the server saw.

        Left out is what google-auth asks for itself: boundaries, and a project's id.
        """
        told = self.program.run(PROGRAM, file=path, scopes=list(scopes), url=MODELS)
        assert told.get("status") == 200, told
        return _facts(self.program.seen)

    def gemauth(self, path: str, *scopes: str) -> list[dict[str, Any]]:
        """Do the same with gemauth."""
        before = max((e["number"] for e in self.google.control.requests()), default=0)
        found = gemauth.load(path, scopes, emulator=self.google.address, environ={})
        with gemauth.Gemini(found.credentials) as api:
            assert api.request("GET", "/v1beta/tunedModels").status == 200
        return _facts(self.google.control.requests(after=before))

    def write(self, body: dict[str, Any]) -> str:
        """Write a credential file."""
        self.path.write_text(json.dumps(body))
        return str(self.path)


def _facts(seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: entry[name] for name in COMPARED if name in entry}
        for entry in seen
        if not entry["path"].endswith("/allowedLocations")
        and not re.fullmatch(r"/v1/projects/\d+", entry["path"])
    ]


@pytest.fixture
def both(google: Google, tmp_path: Path) -> Both:
    """The two readers, with a folder for their file."""
    return Both(google, tmp_path)


def person(google: Google) -> dict[str, Any]:
    """Return Ada's sign-in as gcloud writes it."""
    return {
        "type": "authorized_user",
        "account": "",
        "client_id": google.client_id,
        "client_secret": google.client_secret,
        "refresh_token": google.tokens(ADA, "cloud-platform")["refresh_token"],
        "universe_domain": "googleapis.com",
    }


def robot(google: Google, *creators: str) -> dict[str, Any]:
    """Return the key of a new service account as which others may act."""
    key = google.service_account()
    path = f"/v1/projects/{PROJECT}/serviceAccounts/{key['client_email']}:setIamPolicy"
    google.post(path, {"policy": {"bindings": [{"role": CREATOR, "members": list(creators)}]}})
    return key


def impersonating(email: str, source: dict[str, Any], *delegates: str) -> dict[str, Any]:
    """Return the file that gcloud writes for `--impersonate-service-account`."""
    return {
        "delegates": [f"projects/-/serviceAccounts/{name}" for name in delegates],
        "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/"
        f"serviceAccounts/{email}:generateAccessToken",
        "source_credentials": source,
        "type": "impersonated_service_account",
    }


class TestImpersonated:
    def test_a_person(self, google: Google, both: Both) -> None:
        """The person's refresh, the account's token, the call: the same three of both."""
        email = robot(google, f"user:{ADA}")["client_email"]
        path = both.write(impersonating(email, person(google)))
        seen = both.gemauth(path, TUNING)
        assert seen == both.google_auth(path, TUNING)
        assert [entry["principal"] for entry in seen[1:]] == [ADA, email]
        assert seen[-1]["scopes"] == [TUNING]

    def test_a_key_through_a_delegate(self, google: Google, both: Both) -> None:
        """A key asks with the scope iam, along a chain; the scopes are the file's."""
        first = google.service_account()
        second = robot(google, f"serviceAccount:{first['client_email']}")["client_email"]
        third = robot(google, f"serviceAccount:{second}")["client_email"]
        body = impersonating(third, first, second) | {"scopes": [CLOUD_PLATFORM, TUNING]}
        path = both.write(body)
        seen = both.gemauth(path)
        assert seen == both.google_auth(path)
        assert seen[-1]["principal"] == third
        assert set(seen[-1]["scopes"]) == {CLOUD_PLATFORM, TUNING}


def test_a_person_of_another_provider(google: Google, both: Both) -> None:
    """HTTP Basic at the file's token endpoint, no scope asked: the same two requests."""
    path = both.write(google.control.create_credentials(ADA)["file"])
    seen = both.gemauth(path)
    assert seen == both.google_auth(path)
    assert seen[-1]["principal"] == ADA


class TestExternalAccount:
    @pytest.fixture
    def federation(self, google: Google, both: Both) -> Federation:
        """A pool of its own for each test."""
        return Federation(google, both.program)

    def test_as_a_service_account(self, google: Google, both: Both, federation: Federation) -> None:
        """The exchange, the account's token, the call: the same three."""
        email = federation.robot(
            f"principalSet://iam.googleapis.com/{federation.name}/attribute.repository/corp/app"
        )
        local = (google.address, google.address)
        seen = both.gemauth(federation.file(local, email), TUNING)
        assert seen == both.google_auth(federation.file(GOOGLES, email), TUNING)
        assert [entry["principal"] for entry in seen] == [
            federation.principal,
            federation.principal,
            email,
        ]
        assert seen[-1]["scopes"] == [TUNING]

    def test_on_an_event_loop(self, google: Google, federation: Federation) -> None:
        """As itself: the federated token."""
        file = federation.file((google.address, google.address))
        found = gemauth.load(file, [CLOUD_PLATFORM], environ={})
        token = asyncio.run(found.credentials.token_async())
        assert token.value.startswith("ya29.d.emu-")
        assert token.expires_at is not None

    def test_a_refusal(self, google: Google, federation: Federation) -> None:
        """The attribute condition's, with the token service's words as evidence."""
        file = federation.file((google.address, google.address), repository="evil/app")
        with pytest.raises(CredentialError) as caught:
            gemauth.load(file, environ={}).credentials.token()
        assert "attribute condition" in (caught.value.evidence or "")

    def test_a_command(
        self,
        google: Google,
        both: Both,
        federation: Federation,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Run where it was allowed, and only there."""
        body = json.loads(
            (both.path.parent / federation.file((google.address, google.address))).read_text()
        )
        token = body["credential_source"]["file"]
        script = both.path.with_name("token.py")
        script.write_text(
            "import json, pathlib, time\n"
            f"token = pathlib.Path({token!r}).read_text()\n"
            "print(json.dumps({'version': 1, 'success': True, 'id_token': token, "
            "'token_type': 'urn:ietf:params:oauth:token-type:id_token', "
            "'expiration_time': int(time.time()) + 600}))\n"
        )
        body["subject_token_type"] = "urn:ietf:params:oauth:token-type:id_token"
        body["credential_source"] = {"executable": {"command": f"{sys.executable} {script}"}}
        path = both.write(body)
        with pytest.raises(UsageError, match="from a command"):
            gemauth.load(path, environ={})
        name = "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES"
        monkeypatch.setenv(name, "1")
        found = gemauth.load(path, [CLOUD_PLATFORM], environ={name: "1"})
        assert found.credentials.token().value.startswith("ya29.d.emu-")
