"""google-auth's external_account: tokens of an outside issuer, exchanged and used."""

from __future__ import annotations

import itertools
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from googleapiclient.discovery import build

from gemauth.google.scopes import CLOUD_PLATFORM, TUNING
from tests.emulator import issuer
from tests.interop.intercepted import Program
from tests.interop.local_google import ADA, PROJECT
from tests.interop.test_google_auth import user

if TYPE_CHECKING:
    from pathlib import Path

    from tests.interop.local_google import Google

pytestmark = pytest.mark.interop

JWT = "urn:ietf:params:oauth:token-type:jwt"
GOOGLE = ("https://sts.googleapis.com", "https://iamcredentials.googleapis.com")
POOLS = f"projects/{PROJECT}/locations/global/workloadIdentityPools"

PROGRAM = """
import json, sys, threading
import google.auth
from google.auth.transport.requests import AuthorizedSession

asked = json.loads(sys.argv[1])
try:
    found, project = google.auth.load_credentials_from_file(asked["file"], scopes=asked["scopes"])
    status = AuthorizedSession(found).get(asked["url"]).status_code
    answer = {"status": status, "token": found.token[:11], "project": project,
              "kind": type(found).__module__}
except google.auth.exceptions.GoogleAuthError as error:
    answer = {"error": str(error)}
for thread in threading.enumerate():  # google-auth's own look-ups
    if type(thread).__name__.endswith("RefreshThread"):
        thread.join(30)
print(json.dumps(answer))
"""


class Federation:
    """A pool with a provider, made by Google's own API client; files that use it."""

    _pools = itertools.count(1)

    def __init__(self, google: Google, program: Program) -> None:
        self.google = google
        self.program = program
        for service in ("iamcredentials", "sts", "cloudresourcemanager"):
            google.control.enable_service(PROJECT, f"{service}.googleapis.com")
        self.pool = f"my-pool-{next(self._pools)}"
        self.condition = "assertion.repository == 'corp/app'"
        self._create()

    def _create(self) -> None:
        credentials = user(self.google, self.google.tokens(ADA, "cloud-platform"))
        options = {"api_endpoint": self.google.address}
        with build("iam", "v1", credentials=credentials, client_options=options) as api:
            pools = api.projects().locations().workloadIdentityPools()
            parent = f"projects/{PROJECT}/locations/global"
            made = pools.create(
                parent=parent, workloadIdentityPoolId=self.pool, body={"displayName": "CI"}
            ).execute()
            assert made["done"], made
            self.name: str = made["response"]["name"]
            provider = {
                "attributeMapping": {
                    "google.subject": "assertion.sub",
                    "attribute.repository": "assertion.repository",
                },
                "attributeCondition": self.condition,
                "oidc": {"issuerUri": issuer.URI, "jwksJson": issuer.jwk_set()},
            }
            done = (
                pools.providers()
                .create(parent=self.name, workloadIdentityPoolProviderId="my-ci", body=provider)
                .execute()
            )
            shown = pools.providers().get(name=f"{self.name}/providers/my-ci").execute()
            assert done["response"] == {"@type": done["response"]["@type"], **shown}
            assert shown["attributeMapping"] == provider["attributeMapping"]
            listed = pools.list(parent=parent, pageSize=1000).execute()["workloadIdentityPools"]
            assert self.name in {pool["name"] for pool in listed}

    @property
    def audience(self) -> str:
        """The provider's full resource name."""
        return f"//iam.googleapis.com/{self.name}/providers/my-ci"

    @property
    def principal(self) -> str:
        """Whom the issuer's subject is here."""
        return f"principal://iam.googleapis.com/{self.name}/subject/{issuer.SUBJECT}"

    def robot(self, member: str) -> str:
        """Return the address of a new service account as which a member may act."""
        email = str(self.google.service_account()["client_email"])
        bindings = [{"role": "roles/iam.workloadIdentityUser", "members": [member]}]
        path = f"/v1/projects/{PROJECT}/serviceAccounts/{email}:setIamPolicy"
        self.google.post(path, {"policy": {"bindings": bindings}})
        return email

    def file(self, hosts: tuple[str, str] = GOOGLE, robot: str | None = None, **claims: Any) -> str:
        """Write a credential file as Google's tools write it, with a subject token beside it."""
        token = self.program.folder / "token.jwt"
        token.write_text(issuer.signed(issuer.claims(time.time(), self.audience, **claims)))
        sts, credentials = hosts
        body: dict[str, Any] = {
            "type": "external_account",
            "audience": self.audience,
            "subject_token_type": JWT,
            "token_url": f"{sts}/v1/token",
            "credential_source": {"file": str(token)},
        }
        if robot is not None:
            body["service_account_impersonation_url"] = (
                f"{credentials}/v1/projects/-/serviceAccounts/{robot}:generateAccessToken"
            )
        path = self.program.folder / "external.json"
        path.write_text(json.dumps(body))
        return str(path)

    def run(self, file: str, *scopes: str, url: str | None = None) -> Any:
        """Return what a program did with a credential file."""
        api = "https://generativelanguage.googleapis.com/v1beta/tunedModels"
        return self.program.run(PROGRAM, file=file, scopes=scopes, url=url or api)


@pytest.fixture
def federation(google: Google, tmp_path: Path) -> Federation:
    """A pool of its own for each test."""
    return Federation(google, Program(google, tmp_path))


def facts(entry: dict[str, Any]) -> tuple[Any, ...]:
    """Return who was seen, and how it ended."""
    return entry["status"], entry.get("credential"), entry.get("principal")


@pytest.mark.parametrize("intercepted", [True, False])
def test_as_a_service_account(google: Google, federation: Federation, *, intercepted: bool) -> None:
    """Subject token, federated token, the account's token: each where and as Google has it.

    The file's URLs may be Google's own, which are intercepted, or the emulator's.
    """
    robot = federation.robot(
        f"principalSet://iam.googleapis.com/{federation.name}/attribute.repository/corp/app"
    )
    hosts = GOOGLE if intercepted else (google.address, google.address)
    told = federation.run(federation.file(hosts, robot), TUNING)
    assert told["kind"] == "google.auth.identity_pool"
    assert (told["status"], told["token"]) == (200, "ya29.c.emu-")
    seen = federation.program.last("/v1/token")
    assert facts(seen) == (200, "federated", federation.principal)
    assert seen["grantType"] == "urn:ietf:params:oauth:grant-type:token-exchange"
    assert (seen["tls"], seen["host"] == "sts.googleapis.com") == (intercepted, intercepted)
    made = federation.program.last(":generateAccessToken")
    assert facts(made) == (200, "federated", federation.principal)
    assert made["consumerProject"] == PROJECT
    called = federation.program.last("/v1beta/tunedModels")
    assert facts(called) == (200, "service_account", robot)
    assert called["scopes"] == [TUNING]


def test_directly(google: Google, federation: Federation) -> None:
    """A role on the project for the principal itself: the federated token is enough."""
    google.control.add_binding(PROJECT, "roles/browser", federation.principal)
    url = f"https://cloudresourcemanager.googleapis.com/v1/projects/{PROJECT}"
    told = federation.run(federation.file(), CLOUD_PLATFORM, url=url)
    assert (told["status"], told["token"], told["project"]) == (200, "ya29.d.emu-", PROJECT)
    called = federation.program.last(f"/v1/projects/{PROJECT}")
    assert facts(called) == (200, "federated", federation.principal)
    assert called["scopes"] == [CLOUD_PLATFORM]


def test_another_repository(federation: Federation) -> None:
    """The attribute condition refuses, in words that google-auth shows."""
    told = federation.run(federation.file(repository="evil/app"), CLOUD_PLATFORM)
    assert "unauthorized_client" in told["error"]
    assert "attribute condition" in told["error"]
    assert federation.program.last("/v1/token")["status"] == 400


def test_a_principal_without_the_role(federation: Federation) -> None:
    """A federated token alone does not make a service account's."""
    robot = federation.robot(f"principal://iam.googleapis.com/{federation.name}/subject/other")
    told = federation.run(federation.file(robot=robot), TUNING)
    assert "iam.serviceAccounts.getAccessToken" in told["error"]
    made = federation.program.last(":generateAccessToken")
    assert (made["status"], made["credential"]) == (403, "federated")
