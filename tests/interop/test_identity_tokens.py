"""gemauth's ID tokens before google-auth's verifier; what is sent for them is tests/interop/wire's.

The one request that is not there, to a metadata server, is compared here with google-auth's own.
"""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from google.auth import compute_engine
from google.oauth2 import id_token

import gemauth
from gemauth.client.identity import NoIdentityError
from gemauth.client.sdk.metadata_server import MetadataServer
from gemauth.client.sources.metadata import Metadata
from gemauth.client.world import Network
from gemauth.errors import CredentialError, UnreachableError
from gemauth.flow import run
from gemauth.google.scopes import CLOUD_PLATFORM, IAM
from tests.client.transcript import Sender
from tests.interop.intercepted import Program
from tests.interop.local_google import ADA, PROJECT
from tests.interop.test_credential_sources import impersonating, robot
from tests.interop.test_federation import Federation
from tests.interop.test_google_auth import diverted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gemauth import Credentials
    from tests.interop.local_google import Google

pytestmark = pytest.mark.interop

AUDIENCE = "https://tool.example.com"


class Verifier:
    """Reads credentials with gemauth, and has google-auth verify their ID tokens."""

    def __init__(self, google: Google, folder: Path) -> None:
        self.google = google
        self.folder = folder
        google.control.enable_service(PROJECT, "iamcredentials.googleapis.com")

    def load(self, body: Mapping[str, Any], **how: Any) -> Credentials:
        """Return the credentials of a file with this in it."""
        path = self.folder / "adc.json"
        path.write_text(json.dumps(body))
        found = gemauth.load(path, emulator=self.google.address, environ={}, **how)
        return found.credentials

    def claims(
        self, token: gemauth.IdentityToken, audience: str | None = AUDIENCE
    ) -> Mapping[str, Any]:
        """Return what the token says, after signature, end, issuer and audience were verified."""
        claims: Mapping[str, Any] = id_token.verify_oauth2_token(
            token.value, diverted(self.google), audience=audience
        )
        told = (claims["aud"], claims["exp"], claims["sub"], claims.get("email"))
        assert (token.audience, token.expires_at, token.subject, token.email) == told
        return claims

    def person(self, *scopes: str) -> dict[str, Any]:
        """Return Ada's sign-in, as a file has it."""
        return {
            "type": "authorized_user",
            "client_id": self.google.client_id,
            "client_secret": self.google.client_secret,
            "refresh_token": self.google.tokens(ADA, *scopes)["refresh_token"],
        }


@pytest.fixture
def verifier(google: Google, tmp_path: Path) -> Verifier:
    """The verifier, with a folder for its file."""
    return Verifier(google, tmp_path)


def test_a_keys(google: Google, verifier: Verifier) -> None:
    """The service account's own, for the audience; on an event loop too."""
    key = google.service_account()
    credentials = verifier.load(key)
    for token in (
        credentials.identity_token(AUDIENCE),
        asyncio.run(credentials.identity_token_async(AUDIENCE)),
    ):
        claims = verifier.claims(token)
        assert (claims["email"], claims["sub"]) == (key["client_email"], key["client_id"])


@pytest.mark.parametrize("include_email", [True, False])
def test_by_impersonation(google: Google, verifier: Verifier, *, include_email: bool) -> None:
    """Of a file, and of an option with a delegate: the account's, with its address if wanted."""
    first = robot(google, f"user:{ADA}")["client_email"]
    second = robot(google, f"serviceAccount:{first}")["client_email"]
    person = verifier.person("cloud-platform")
    for credentials, email in (
        (verifier.load(impersonating(first, person)), first),
        (verifier.load(person, impersonate=[first, second]), second),
        (verifier.load(impersonating(second, person, first)), second),
    ):
        token = credentials.identity_token(AUDIENCE, include_email=include_email)
        assert verifier.claims(token).get("email") == (email if include_email else None)


def test_a_persons(google: Google, verifier: Verifier) -> None:
    """For the OAuth client of the sign-in, where openid was granted."""
    granted = verifier.load(verifier.person("openid", "email", "cloud-platform"))
    token = granted.identity_token(include_email=True)
    assert verifier.claims(token, google.client_id)["email"] == ADA


def test_a_persons_without_openid(verifier: Verifier) -> None:
    """Google's answer to the refresh has none, and the command that gets one is named."""
    with pytest.raises(CredentialError, match="not granted openid") as caught:
        verifier.load(verifier.person("cloud-platform")).identity_token()
    assert "gemauth login --add-scopes openid" in (caught.value.next_step or "")


def test_a_workloads(google: Google, verifier: Verifier, tmp_path: Path) -> None:
    """As the service account that its file names; as itself it has none."""
    federation = Federation(google, Program(google, tmp_path))
    member = federation.principal
    email = federation.robot(member)
    local = (google.address, google.address)
    before = google.control.requests()[-1]["number"]
    found = gemauth.load(federation.file(local, email), environ={})
    token = found.credentials.identity_token(AUDIENCE, include_email=True)
    seen = google.control.requests(after=before)
    assert verifier.claims(token)["email"] == email
    assert [(entry["path"].rpartition(":")[2], entry["principal"]) for entry in seen] == [
        ("/v1/token", member),
        ("generateIdToken", member),
    ]
    assert seen[1]["scopes"] == [IAM]
    alone = gemauth.load(federation.file(local), environ={})
    with pytest.raises(NoIdentityError):
        alone.credentials.identity_token(AUDIENCE)


def test_a_machines(google: Google, verifier: Verifier) -> None:
    """Its service account's, with the machine in it."""
    email = google.service_account()["client_email"]
    google.control.set_metadata(email, scopes=[CLOUD_PLATFORM])
    host = google.address.removeprefix("http://")
    environ = {"GCE_METADATA_HOST": host, "GEMAUTH_EMULATOR": google.address}
    try:
        token = gemauth.default(environ=environ).credentials.identity_token(AUDIENCE)
    finally:
        google.control.clear_metadata()
    claims = verifier.claims(token)
    assert claims["email"] == email
    assert claims["google"]["compute_engine"]["project_id"] == PROJECT


FETCH = """
import json, sys
from google.auth.transport.requests import Request
from google.oauth2 import id_token
print(json.dumps(id_token.fetch_id_token(Request(), json.loads(sys.argv[1])["audience"])))
"""


def test_fetched_from_serve_metadata(google: Google, verifier: Verifier, tmp_path: Path) -> None:
    """google-auth's `fetch_id_token` gets them for Ada, who has none for others, of an account."""
    email = robot(google, f"user:{ADA}")["client_email"]
    credentials = verifier.load(verifier.person("cloud-platform"), impersonate=email)
    program = Program(google, tmp_path)
    with MetadataServer(credentials) as server:
        names = ("GCE_METADATA_HOST", "GCE_METADATA_IP", "GCE_METADATA_ROOT")
        program.environ |= dict.fromkeys(names, server.host)
        value = program.run(FETCH, audience=AUDIENCE)
    assert program.last(":generateIdToken")["principal"] == ADA
    claims = id_token.verify_oauth2_token(value, diverted(google), audience=AUDIENCE)
    assert claims["email"] == email


def test_a_machines_request_is_google_auths() -> None:
    """The same URL and headers, character by character; google-auth adds its statistics."""
    asked: list[tuple[str, dict[str, str]]] = []

    def recording(url: str, *_: Any, headers: Any = None, **__: Any) -> Any:
        asked.append((url, {name.lower(): value for name, value in headers.items()}))
        if "/identity?" in url:
            raise UnreachableError("seen")
        account = {"content-type": "application/json"}
        return SimpleNamespace(status=200, headers=account, data=b'{"email": "default"}')

    theirs = compute_engine.IDTokenCredentials(
        recording, AUDIENCE, use_metadata_identity_endpoint=True
    )
    sender = Sender(UnreachableError("seen"))
    with pytest.raises(UnreachableError, match="seen"):
        theirs.refresh(recording)
    with pytest.raises(UnreachableError, match="seen"):
        run(Metadata("metadata.google.internal", ()).identity(AUDIENCE), Network(sender))
    (request,) = sender.requests
    url, headers = asked[-1]
    assert request.url == url
    headers.pop("x-goog-api-client", None)
    assert {name.lower(): value for name, value in request.headers.items()} == headers
