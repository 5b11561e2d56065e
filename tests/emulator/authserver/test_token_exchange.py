"""The Security Token Service's token endpoint (google-oauth.md section 5.3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gemauth.emulator.authserver.token_exchange import decide
from gemauth.emulator.iam.policy import grant_role, has_permission
from gemauth.emulator.storage.records import (
    EnabledService,
    FederatedToken,
    Project,
    WorkloadPool,
    WorkloadProvider,
)
from gemauth.emulator.tokens.verify import Credential, Refused, verify_bearer
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, TUNING
from gemauth.oauth.token_exchange import TokenExchange
from tests.emulator import issuer
from tests.emulator.desk import ROBOT, Answer, Desk

NUMBER = "100000000001"
POOL = f"//iam.googleapis.com/projects/{NUMBER}/locations/global/workloadIdentityPools/my-pool"
AUDIENCE = f"{POOL}/providers/my-ci"
PRINCIPAL = f"principal:{POOL}/subject/{issuer.SUBJECT}"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
TYPE = "urn:ietf:params:oauth:token-type:"


class Sts:
    """The endpoint, with one pool and a provider in it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        now = desk.clock.now()
        state: dict[str, Any] = {"disabled": False, "deleted_at": None, "created_at": now}
        desk.add(
            EnabledService("demo-project", "sts.googleapis.com"),
            WorkloadPool("demo-project", "my-pool", "", "", **state),
            WorkloadProvider(
                project_id="demo-project",
                pool_id="my-pool",
                provider_id="my-ci",
                display_name="",
                description="",
                issuer_uri=issuer.URI,
                allowed_audiences=(),
                jwks_json=issuer.jwk_set(),
                attribute_mapping={
                    "google.subject": "assertion.sub",
                    "google.groups": "assertion.groups",
                    "attribute.repository": "assertion.repository",
                },
                attribute_condition="",
                **state,
            ),
        )

    def token(self, **changes: Any) -> str:
        """A good subject token with some claims changed."""
        return issuer.signed(issuer.claims(self.desk.clock.now(), AUDIENCE, **changes))

    def form(self, **changes: str) -> dict[str, str]:
        """A good request with some fields changed; "" leaves one out."""
        fields = {
            "grant_type": EXCHANGE,
            "audience": AUDIENCE,
            "scope": CLOUD_PLATFORM,
            "requested_token_type": f"{TYPE}access_token",
            "subject_token_type": f"{TYPE}jwt",
            "subject_token": self.token(),
            **changes,
        }
        return {name: value for name, value in fields.items() if value}

    def exchange(self, **changes: str) -> Answer:
        """Send a form with changes."""
        return self.desk.post(self.form(**changes), path="/v1/token")

    def provider(self, **changes: Any) -> None:
        """Change the provider."""
        self.desk.change(WorkloadProvider, "demo-project", "my-pool", "my-ci", **changes)

    def pool(self, **changes: Any) -> None:
        """Change the pool."""
        self.desk.change(WorkloadPool, "demo-project", "my-pool", **changes)

    def who(self, token: str) -> Credential | Refused:
        """Whom an access token stands for."""
        with self.desk.read() as tx:
            return verify_bearer(tx, self.desk.clock.now(), token)


@pytest.fixture
def sts(desk: Desk) -> Sts:
    """The endpoint."""
    return Sts(desk)


def test_a_token_of_the_external_identity(sts: Sts) -> None:
    """The answer is RFC 8693's; the token stands for the mapped subject, with the scopes"""
    answer = sts.exchange(scope=f"{CLOUD_PLATFORM} {TUNING}")
    assert answer.status == 200, answer
    assert answer.body.pop("access_token").startswith("ya29.d.emu-")
    assert answer.body == {
        "issued_token_type": f"{TYPE}access_token",
        "token_type": "Bearer",
        "expires_in": 600,  # the subject token's own
    }
    assert answer.headers["cache-control"].startswith("no-cache, no-store")
    token = sts.exchange(scope=f"{CLOUD_PLATFORM} {TUNING}").body["access_token"]
    credential = sts.who(token)
    assert isinstance(credential, Credential)
    assert (credential.kind, credential.subject) == ("federated", PRINCIPAL)
    assert credential.scopes == (CLOUD_PLATFORM, TUNING)
    assert credential.project_id == "demo-project"
    assert set(credential.principals) == {
        PRINCIPAL,
        f"principalSet:{POOL}/*",
        f"principalSet:{POOL}/group/builders",
        f"principalSet:{POOL}/group/readers",
        f"principalSet:{POOL}/attribute.repository/corp/app",
    }
    assert token not in str(sts.desk.all(FederatedToken))
    sts.desk.clock.advance(3599)
    assert isinstance(sts.who(token), Refused)


def test_json_in_camel_case(sts: Sts) -> None:
    """The same request as JSON has the same answer"""
    names = {
        "grant_type": "grantType",
        "audience": "audience",
        "scope": "scope",
        "requested_token_type": "requestedTokenType",
        "subject_token_type": "subjectTokenType",
        "subject_token": "subjectToken",
    }
    body = {names[name]: value for name, value in sts.form().items()}
    reply = sts.desk.http.post("/v1/token", json=body)
    assert reply.status_code == 200, reply.text
    assert reply.json()["access_token"].startswith("ya29.d.emu-")


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"grantType": 1}', b'{"grantType": "\\ud800"}', b"\xff"]
)
def test_json_out_of_form(sts: Sts, body: bytes) -> None:
    """A body that is no JSON object of texts is an invalid_request"""
    headers = {"content-type": "application/json"}
    reply = sts.desk.http.post("/v1/token", content=body, headers=headers)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")


def test_a_field_twice(sts: Sts) -> None:
    """A parameter that comes twice is refused (RFC 6749 section 3.2)"""
    answer = sts.desk.post(f"grant_type={EXCHANGE}&grant_type=x", path="/v1/token")
    assert answer.error[:2] == (400, "invalid_request")


@pytest.mark.parametrize(
    "subject",
    [
        {"aud": f"https:{AUDIENCE}"},
        {"aud": ["x", AUDIENCE]},
    ],
)
def test_audiences_by_default(sts: Sts, subject: dict[str, Any]) -> None:
    """Without a list of its own a provider takes its resource name, with https or without"""
    assert sts.exchange(subject_token=sts.token(**subject)).status == 200


def test_allowed_audiences_replace_the_default(sts: Sts) -> None:
    """With a list, only what stands in it is taken"""
    sts.provider(allowed_audiences=("my-audience",))
    assert sts.exchange(subject_token=sts.token(aud="my-audience")).status == 200
    assert sts.exchange().error[:2] == (400, "invalid_grant")


def test_an_id_token_of_the_emulators_own(sts: Sts) -> None:
    """Where the issuer is Google's, the emulator's own keys prove its id tokens"""
    sts.provider(issuer_uri="https://accounts.google.com", jwks_json=None)
    assertion = sts.desk.assertion(target_audience=AUDIENCE, scope=None)
    own = sts.desk.assert_robot(assertion).body["id_token"]
    sts.provider(attribute_mapping={"google.subject": "assertion.email"})
    answer = sts.exchange(subject_token=own, subject_token_type=f"{TYPE}id_token")
    assert answer.status == 200, answer
    credential = sts.who(answer.body["access_token"])
    assert isinstance(credential, Credential)
    assert credential.subject == f"principal:{POOL}/subject/{ROBOT}"
    forged = issuer.signed(
        issuer.claims(sts.desk.clock.now(), AUDIENCE, iss="https://accounts.google.com")
    )
    assert sts.exchange(subject_token=forged).error[:2] == (400, "invalid_grant")


def test_keys_that_cannot_be_fetched(sts: Sts) -> None:
    """A foreign issuer without keys is refused, and the text says why and what to do"""
    sts.provider(jwks_json=None)
    status, error, text = sts.exchange().error
    assert (status, error) == (400, "invalid_grant")
    assert issuer.URI in text
    assert "no connections" in text
    assert "oidc.jwksJson" in text


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        (
            {"iss": f"{issuer.URI}/"},
            f"The issuer in ID Token {issuer.URI}/ does not match the expected ones: {issuer.URI}",
        ),
        (
            {"aud": ["x", "y"]},
            "The audience in ID Token [x, y] does not match the expected audience.",
        ),
        ({"exp": 1}, "ID Token issued at 1767225600 is stale to sign-in."),
        ({"iat": 1}, "ID Token issued at 1 is stale to sign-in."),
        ({"sub": None}, "The subject token is refused: it has no sub."),
        ({"nbf": 2**40}, "The subject token is refused: its nbf is in the future or no time."),
    ],
)
def test_subject_tokens_that_prove_nothing(sts: Sts, claims: dict[str, Any], why: str) -> None:
    """Each check of the token is made, and the first that fails is told"""
    status, error, text = sts.exchange(subject_token=sts.token(**claims)).error
    assert (status, error, text) == (400, "invalid_grant", why)
    assert sts.desk.all(FederatedToken) == []


def test_a_forged_token(sts: Sts) -> None:
    """A token of another key with a known kid proves nothing"""
    forged = issuer.signed(issuer.claims(sts.desk.clock.now(), AUDIENCE), key=1)
    assert sts.exchange(subject_token=forged).error[:2] == (400, "invalid_grant")


def test_the_condition_decides(sts: Sts) -> None:
    """The attribute condition admits and refuses"""
    sts.provider(attribute_condition="assertion.repository == 'corp/app'")
    assert sts.exchange().status == 200
    status, error, text = sts.exchange(subject_token=sts.token(repository="evil/app")).error
    assert (status, error) == (400, "unauthorized_client")
    assert "attribute condition" in text


@pytest.mark.parametrize(
    ("claims", "error", "words"),
    [
        ({"email": None}, "unauthorized_client", "Could not obtain a value for google.subject"),
        ({"email": "a" * 128}, "invalid_request", "google.subject exceeds the 127 bytes limit"),
        ({"email": "a", "groups": ["g" * 9000]}, "invalid_request", "more than 8192 bytes"),
    ],
)
def test_claims_that_make_nobody(sts: Sts, claims: dict[str, Any], error: str, words: str) -> None:
    """A subject without a value or of 128 bytes, attributes beyond 8 KiB: each its own error"""
    sts.provider(
        attribute_mapping={"google.subject": "assertion.email", "google.groups": "assertion.groups"}
    )
    answer = sts.exchange(subject_token=sts.token(**claims))
    assert answer.error[:2] == (400, error)
    assert words in answer.error[2]


@pytest.mark.parametrize(("left", "seconds"), [(300, 300), (7200, 3599)])
def test_a_token_ends_with_its_proof(sts: Sts, left: int, seconds: int) -> None:
    """The federated token lives no longer than the subject token, and an hour at most"""
    now = sts.desk.clock.now()
    answer = sts.exchange(subject_token=sts.token(exp=int(now) + left)).body
    assert answer["expires_in"] == seconds
    sts.desk.clock.advance(seconds - 1)
    assert isinstance(sts.who(answer["access_token"]), Credential)
    sts.desk.clock.advance(1)
    assert isinstance(sts.who(answer["access_token"]), Refused)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ("{}", None),
        ("%7B%7D", None),
        ('{"accessBoundary": {}}', "they have: accessBoundary"),
        ("%7B%22userProject%22%3A%20%22p%22%7D", "they have: userProject"),
        ("nonsense", "options is no JSON object"),
    ],
)
def test_no_option_goes_unseen(sts: Sts, options: str, error: str | None) -> None:
    """What would narrow the token, or have somebody else pay, is refused and not left out"""
    answer = sts.exchange(options=options)
    if error is None:
        assert answer.status == 200
    else:
        assert answer.error[:2] == (400, "invalid_request")
        assert error in answer.error[2]


@pytest.mark.parametrize("change", [{"disabled": True}, {"deleted_at": 1.0}])
def test_ended_pools_and_providers(sts: Sts, change: dict[str, Any]) -> None:
    """Both end exchanges; a pool also suspends its tokens, a provider does not"""
    token = sts.exchange().body["access_token"]
    sts.provider(**change)
    assert sts.exchange().error[:2] == (400, "invalid_target")
    assert isinstance(sts.who(token), Credential)
    sts.pool(**change)
    assert isinstance(sts.who(token), Refused)
    sts.pool(disabled=False, deleted_at=None)
    assert isinstance(sts.who(token), Credential)
    assert sts.exchange().error[:2] == (400, "invalid_target")
    sts.provider(disabled=False, deleted_at=None)
    assert sts.exchange().status == 200


def test_the_api_must_be_on(sts: Sts) -> None:
    """The Security Token Service is an API of the pool's project, like any other"""
    sts.desk.remove(EnabledService, "demo-project", "sts.googleapis.com")
    answer = sts.exchange()
    assert answer.status == 403
    error = answer.body["error"]
    assert error["message"].startswith(
        f"Security Token Service API has not been used in project {NUMBER} before"
    )
    assert error["details"][0]["reason"] == "SERVICE_DISABLED"


def test_an_ended_project(sts: Sts) -> None:
    """A project that is being deleted has no providers"""
    sts.desk.change(Project, "demo-project", state="DELETE_REQUESTED")
    assert sts.exchange().error[:2] == (400, "invalid_target")


def test_what_roles_reach_somebody_federated(sts: Sts) -> None:
    """By name, by attribute, by pool; by exact case; never by allAuthenticatedUsers"""
    credential = sts.who(sts.exchange().body["access_token"])
    assert isinstance(credential, Credential)
    members = {
        PRINCIPAL: True,
        f"principalSet:{POOL}/attribute.repository/corp/app": True,
        f"principalSet:{POOL}/*": True,
        "allUsers": True,
        PRINCIPAL.upper().replace("PRINCIPAL:", "principal:"): False,
        f"principalSet:{POOL}/attribute.repository/corp/lib": False,
        f"principalSet:{POOL}2/*": False,
        "allAuthenticatedUsers": False,
        f"user:{PRINCIPAL}": False,
    }
    for number, (member, reached) in enumerate(members.items()):
        resource = f"projects/p{number}"
        with sts.desk.write() as tx:
            grant_role(tx, resource, "roles/viewer", member)
            permission = "resourcemanager.projects.get"
            assert has_permission(tx, credential.identity, permission, resource) is reached, member


def test_the_ledger_has_the_principal(sts: Sts) -> None:
    """What the server saw: a federated credential, whose, with which scopes"""
    context = sts.desk.context
    message = TokenExchange.from_form(sts.form())
    with (
        context.ledger.open(
            0, transport="http/1.1", tls=False, host="", verb="POST", path="/v1/token", agent=""
        ) as entry,
        sts.desk.write() as tx,
    ):
        decide(tx, context.clock.now(), context.entropy, message)
    assert (entry.credential, entry.principal) == ("federated", PRINCIPAL)
    assert (entry.grant_type, entry.scopes) == (EXCHANGE, (CLOUD_PLATFORM,))
    assert json.dumps(entry.to_json())


def test_nobody_with_an_account(sts: Sts) -> None:
    """Userinfo, tokeninfo and revocation know people and service accounts only"""
    token = sts.exchange(scope=f"{CLOUD_PLATFORM} {EMAIL}").body["access_token"]
    assert sts.desk.get("/oauth2/v3/userinfo", bearer=token).status == 401
    assert sts.desk.get("/tokeninfo", access_token=token).status == 400
    assert sts.desk.post({"token": token}, path="/revoke").error[:2] == (400, "invalid_token")
