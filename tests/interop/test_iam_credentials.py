"""google-auth's impersonation: tokens, identity, signatures, delegates, the boundary look-up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.google.scopes import CLOUD_PLATFORM, IAM, RETRIEVER, TUNING
from tests.interop.intercepted import Program
from tests.interop.local_google import ADA, PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.interop.local_google import Google

pytestmark = pytest.mark.interop

CREATOR = "roles/iam.serviceAccountTokenCreator"
SERVICE = "iamcredentials.googleapis.com"
AUDIENCE = "https://tool.example.com"

START = """
import base64, json, sys, threading
import google.auth
from google.auth import iam, impersonated_credentials, jwt
from google.auth.crypt import RSAVerifier
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import credentials, id_token, service_account

asked = json.loads(sys.argv[1])
request = Request()
if "key" in asked:
    source = service_account.Credentials.from_service_account_info(asked["key"])
else:
    source = credentials.Credentials(asked["token"])

def impersonated(**more):
    return impersonated_credentials.Credentials(
        source, asked["robot"], asked["scopes"], **more)

def end(answer):
    for thread in threading.enumerate():  # google-auth's own look-ups
        if type(thread).__name__.endswith("RefreshThread"):
            thread.join(30)
    print(json.dumps(answer))
"""

ACCESS = """
robot = impersonated(lifetime=asked["lifetime"], delegates=asked["delegates"])
session = AuthorizedSession(robot)
answers = [
    session.get("https://generativelanguage.googleapis.com/v1beta/tunedModels").status_code
    for _ in range(2)
]
end({"answers": answers, "expiry": robot.expiry.isoformat(), "token": robot.token[:11]})
"""

IDENTITY = """
token = impersonated_credentials.IDTokenCredentials(
    impersonated(), target_audience=asked["audience"], include_email=True)
token.refresh(request)
end(id_token.verify_oauth2_token(token.token, request, asked["audience"]))
"""

SIGNATURES = """
robot = impersonated()
certificates = request("https://www.googleapis.com/robot/v1/metadata/x509/" + asked["robot"])
certificates = json.loads(certificates.data)

def verifies(signature):
    verifiers = [RSAVerifier.from_string(pem) for pem in certificates.values()]
    return any(verifier.verify(b"blob", signature) for verifier in verifiers)

answer = {
    "signer": verifies(iam.Signer(request, source, asked["robot"]).sign(b"blob")),
    "credentials": verifies(robot.sign_bytes(b"blob")),
}
session = AuthorizedSession(source)
url = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/%s:signJwt"
claims = {"iss": asked["robot"], "aud": asked["audience"], "iat": asked["now"],
          "exp": asked["now"] + 600}
made = session.post(url % asked["robot"], json={"payload": json.dumps(claims)}).json()
answer["jwt"] = jwt.decode(made["signedJwt"], certs=certificates, audience=asked["audience"])
answer["keyId"] = made["keyId"] in certificates
end(answer)
"""


@pytest.fixture
def program(google: Google, tmp_path: Path) -> Program:
    """Programs whose calls end at the emulator."""
    google.control.enable_service(PROJECT, SERVICE)
    return Program(google, tmp_path)


def robot(google: Google, *creators: str) -> dict[str, Any]:
    """Return the key of a new service account as which others may act."""
    key = google.service_account()
    bindings = [{"role": CREATOR, "members": list(creators)}]
    path = f"/v1/projects/{PROJECT}/serviceAccounts/{key['client_email']}:setIamPolicy"
    google.post(path, {"policy": {"bindings": bindings}})
    return key


def facts(entry: dict[str, Any]) -> tuple[Any, ...]:
    """Return who was seen where, and how it ended."""
    names = ("host", "status", "credential", "principal")
    return tuple(entry.get(name) for name in names)


class TestAccessTokens:
    def test_a_person_acts_as_a_service_account(self, google: Google, program: Program) -> None:
        """The API sees the service account, with the scopes and lifetime that were asked for."""
        email = robot(google, f"user:{ADA}")["client_email"]
        told = program.run(
            START + ACCESS,
            token=google.tokens(ADA, "cloud-platform")["access_token"],
            robot=email,
            scopes=[TUNING, RETRIEVER],
            lifetime=600,
            delegates=None,
        )
        assert told["answers"] == [200, 200]
        assert told["token"] == "ya29.c.emu-"
        made = program.last(":generateAccessToken")
        assert facts(made) == (SERVICE, 200, "user", ADA)
        assert (made["tls"], made["consumerProject"]) == (True, PROJECT)
        called = program.last("/v1beta/tunedModels")
        assert facts(called)[1:] == (200, "service_account", email)
        assert called["scopes"] == [TUNING, RETRIEVER]
        boundary = program.last(f"/serviceAccounts/{email}/allowedLocations")
        assert facts(boundary) == (SERVICE, 200, "service_account", email)

    def test_a_service_account_through_a_delegate(self, google: Google, program: Program) -> None:
        """A chain of three, each of which may act as the next; google-auth asks with scope iam."""
        first = google.service_account()
        second = robot(google, f"serviceAccount:{first['client_email']}")
        third = robot(google, f"serviceAccount:{second['client_email']}")
        told = program.run(
            START + ACCESS,
            key=first,
            robot=third["client_email"],
            scopes=[TUNING],
            lifetime=3600,
            delegates=[f"projects/-/serviceAccounts/{second['client_email']}"],
        )
        assert told["answers"] == [200, 200]
        made = program.last(":generateAccessToken")
        assert facts(made) == (SERVICE, 200, "service_account", first["client_email"])
        assert made["scopes"] == [IAM]
        called = program.last("/v1beta/tunedModels")
        assert facts(called)[1:] == (200, "service_account", third["client_email"])


class TestIdentity:
    def test_an_id_token_that_google_auth_verifies(self, google: Google, program: Program) -> None:
        """Its keys are fetched where Google's are, and its claims are the account's."""
        key = robot(google, f"user:{ADA}")
        claims = program.run(
            START + IDENTITY,
            token=google.tokens(ADA, "cloud-platform")["access_token"],
            robot=key["client_email"],
            scopes=[CLOUD_PLATFORM],
            audience=AUDIENCE,
        )
        assert (claims["aud"], claims["sub"]) == (AUDIENCE, key["client_id"])
        assert (claims["email"], claims["email_verified"]) == (key["client_email"], True)
        assert program.last("/oauth2/v1/certs")["host"] == "www.googleapis.com"
        assert facts(program.last(":generateIdToken")) == (SERVICE, 200, "user", ADA)


class TestSignatures:
    def test_signatures_of_googles_own_key(self, google: Google, program: Program) -> None:
        """Signer, sign_bytes and signJwt: all verify with the account's published certificates."""
        email = robot(google, f"user:{ADA}")["client_email"]
        bindings = [{"role": CREATOR, "members": [f"user:{ADA}", f"serviceAccount:{email}"]}]
        path = f"/v1/projects/{PROJECT}/serviceAccounts/{email}"
        google.post(f"{path}:setIamPolicy", {"policy": {"bindings": bindings}})
        told = program.run(
            START + SIGNATURES,
            token=google.tokens(ADA, "cloud-platform")["access_token"],
            robot=email,
            scopes=[CLOUD_PLATFORM],
            audience=AUDIENCE,
            now=int(time.time()),
        )
        assert (told["signer"], told["credentials"], told["keyId"]) == (True, True, True)
        assert (told["jwt"]["iss"], told["jwt"]["aud"]) == (email, AUDIENCE)
        keys = google.get(f"{path}/keys?keyTypes=SYSTEM_MANAGED")["keys"]
        assert [key["keyOrigin"] for key in keys] == ["GOOGLE_PROVIDED"]
        assert program.last(":signJwt")["principal"] == ADA
