"""The token half of an authorization server, with one app of each kind, on a clock of its own."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gemauth.emulator.authserver import api_routes, sts_routes
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import (
    Account,
    AuthorizationCode,
    ClientSecretHash,
    ConsentScreen,
    Grant,
    OAuthClient,
    Project,
    ServiceAccount,
    ServiceAccountKey,
    SigningKey,
    TestUser,
)
from gemauth.emulator.tokens import shape, signing
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, TUNING
from gemauth.oauth import jwt
from gemauth.testing.clock import FakeClock
from tests.emulator.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from httpx2 import Response

    from gemauth.emulator.storage.store import Transaction

BASE = "http://127.0.0.1:8085"
CLIENT = "100000000001-emu0.apps.googleusercontent.com"
OTHER_CLIENT = "100000000001-emu1.apps.googleusercontent.com"
SECRET = "GOCSPX-emu-" + "s" * 43
NEXT_SECRET = "GOCSPX-emu-" + "n" * 43
REDIRECT = "http://127.0.0.1:51234/"
SCOPES = (OPENID, EMAIL, CLOUD_PLATFORM, TUNING)
SUB = f"1{1:020}"
PERSON = "ada@example.com"
ROBOT = "robot@demo-project.iam.gserviceaccount.com"
ROBOT_ID = f"1{9:020}"
KEY_ID = "a" * 40
VERIFIER = "v" * 64
AUDIENCE = "https://oauth2.googleapis.com/token"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@cache
def robot_key(number: int) -> RSAPrivateKey:
    """One of the private keys that service accounts sign with here."""
    return generate_private_key(public_exponent=65537, key_size=2048)


@cache
def certificate(number: int = 0) -> str:
    """The certificate of a key of `robot_key`."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ROBOT_ID)])
    key = robot_key(number)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=3650))
        .sign(key, SHA256())
        .public_bytes(Encoding.PEM)
        .decode("ascii")
    )


@cache
def _signing_keys() -> tuple[SigningKey, ...]:
    """Two of the emulator's own keys, made once for all tests."""
    now = FakeClock().now()
    return tuple(signing._make(now, secrets.token_bytes) for _ in range(2))


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a JSON body and headers."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]

    @property
    def error(self) -> tuple[int, Any, Any]:
        """What a row of the error table says."""
        return self.status, self.body.get("error"), self.body.get("error_description")


class Desk(State):
    """The endpoints over a test client, and the verbs that tests arrange things with."""

    def __init__(self, *, with_keys: bool = True) -> None:
        super().__init__()
        routes = [*api_routes.routes(self.context), *sts_routes.routes(self.context)]
        self.http = TestClient(Starlette(routes=routes), base_url=BASE)
        with self.write() as tx:
            self._populate(tx, self.clock.now())
            for key in _signing_keys() if with_keys else ():
                tx.add(key)

    def _populate(self, tx: Transaction, now: float) -> None:
        project = "demo-project"
        tx.add(Project(project, "100000000001", "Demo", "ACTIVE", "example.com", {}, now))
        tx.add(ConsentScreen(project, "external", "testing", "Demo", PERSON, ()))
        tx.add(Account(SUB, PERSON, "Ada Lovelace", "Ada", "Lovelace", "example.com", now))
        tx.add(TestUser(project, PERSON, now, None))
        for client_id in (CLIENT, OTHER_CLIENT):
            tx.add(OAuthClient(client_id, project, "desktop", "Desktop", (), "active", now))
            for secret in (SECRET, NEXT_SECRET):
                tx.add(ClientSecretHash(client_id, digest(secret), now))
        tx.add(
            ServiceAccount(
                ROBOT_ID, project, ROBOT, "", "", disabled=False, deleted_at=None, etag="e",
                created_at=now,
            )
        )  # fmt: skip
        tx.add(
            ServiceAccountKey(
                KEY_ID, ROBOT_ID, certificate(), "GOOGLE_PROVIDED", "USER_MANAGED",
                disabled=False, valid_after=now, valid_before=None, private_pem=None,
            )
        )  # fmt: skip

    def consent(
        self,
        *,
        scopes: tuple[str, ...] = SCOPES,
        client_id: str = CLIENT,
        sub: str = SUB,
        challenge: str | None = None,
        method: str | None = None,
        offline: bool = True,
        shown: bool = True,
        nonce: str | None = None,
    ) -> str:
        """Let a person consent as the authorization endpoint does; return the code."""
        code = shape.authorization_code(self.entropy)
        now = self.clock.now()
        with self.write() as tx:
            live = [
                grant
                for grant in tx.find(Grant, sub=sub, client_id=client_id)
                if grant.revoked_at is None
            ]
            if not live:
                live = [Grant(self.entropy(16).hex(), sub, client_id, scopes, now, None)]
                tx.add(live[0])
            tx.add(
                AuthorizationCode(
                    digest(code), live[0].grant_id, sub, client_id, REDIRECT, scopes, challenge,
                    method, nonce, offline=offline, consent_shown=shown, expires_at=now + 600,
                )
            )  # fmt: skip
        return code

    def post(
        self,
        fields: Mapping[str, str] | str,
        *,
        path: str = "/token",
        basic: tuple[str, str] | str | None = None,
        media_type: str = "application/x-www-form-urlencoded",
    ) -> Answer:
        """Send a form; `basic` is the id and secret, or a whole header."""
        headers = {"content-type": media_type}
        if basic is not None:
            headers["authorization"] = basic if isinstance(basic, str) else to_basic(*basic)
        if isinstance(fields, str):
            return answer(self.http.post(path, content=fields, headers=headers))
        return answer(self.http.post(path, data=dict(fields), headers=headers))

    def get(self, path: str, *, bearer: str | None = None, **query: str) -> Answer:
        """Get a path."""
        headers = {} if bearer is None else {"authorization": f"Bearer {bearer}"}
        return answer(self.http.get(path, params=query, headers=headers))

    def exchange(self, code: str, /, **fields: str) -> Answer:
        """Exchange a code as its client; fields replace the right ones."""
        return self.post(code_form(code, **fields))

    def refresh(self, token: str, /, **fields: str) -> Answer:
        """Refresh as the client; fields replace the right ones."""
        return self.post(refresh_form(token, **fields))

    def signed_in(self, **consent: Any) -> dict[str, Any]:
        """Return the tokens of a person who has just signed in."""
        answered = self.exchange(self.consent(**consent))
        assert answered.status == 200, answered
        return answered.body

    def assertion(self, *, key: int = 0, key_id: str | None = KEY_ID, **claims: Any) -> str:
        """Return a service account's assertion; a claim that is None is left out."""
        now = int(self.clock.now())
        whole = {
            "iss": ROBOT, "aud": AUDIENCE, "iat": now, "exp": now + 3600, "scope": CLOUD_PLATFORM,
            **claims,
        }  # fmt: skip
        whole = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(whole, jwt.signer(robot_key(key)), key_id=key_id)

    def assert_robot(self, assertion: str) -> Answer:
        """Exchange an assertion."""
        return self.post({"grant_type": JWT_BEARER, "assertion": assertion})

    def is_accepted(self, access_token: str) -> bool:
        """Whether an access token is still good."""
        return self.get("/tokeninfo", access_token=access_token).status == 200


def code_form(code: str, /, **fields: str) -> dict[str, str]:
    """Return a right authorization_code request with some fields replaced; "" leaves one out."""
    return _replaced(
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "client_id": CLIENT,
            "client_secret": SECRET,
        },
        fields,
    )


def refresh_form(token: str, /, **fields: str) -> dict[str, str]:
    """Return a right refresh_token request with some fields replaced; "" leaves one out."""
    return _replaced(
        {
            "grant_type": "refresh_token",
            "refresh_token": token,
            "client_id": CLIENT,
            "client_secret": SECRET,
        },
        fields,
    )


def to_basic(client_id: str, secret: str) -> str:
    """Return a Basic header's value."""
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def answer(response: Response) -> Answer:
    """Return a response's parts."""
    is_json = response.headers.get("content-type", "").startswith("application/json")
    return Answer(response.status_code, response.json() if is_json else {}, response.headers)


def _replaced(fields: dict[str, str], more: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in {**fields, **more}.items() if value}
