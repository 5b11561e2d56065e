"""IAM Service Account Credentials v1 (google-oauth.md section 5.2)."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from gemauth.emulator.iam import policy
from gemauth.emulator.storage.records import (
    EnabledService,
    ServiceAccount,
    ServiceAccountKey,
)
from gemauth.emulator.tokens.assertion import public_key
from gemauth.emulator.tokens.verify import Credential, Refused, verify_bearer
from gemauth.google.scopes import CLOUD_PLATFORM, IAM, RETRIEVER, TUNING
from gemauth.oauth import jwt
from tests.emulator.conftest import ROBOT, ROBOT_ID

if TYPE_CHECKING:
    from tests.emulator.cloud.conftest import Api

OWNER = "owner@example.com"
CREATOR = "roles/iam.serviceAccountTokenCreator"
ONE = f"/v1/projects/-/serviceAccounts/{ROBOT}"
AUDIENCE = "https://tool.example.com"


def add_robot(api: Api, name: str, number: int) -> str:
    """Add a service account; return its address."""
    email = f"{name}@demo-project.iam.gserviceaccount.com"
    api.place.add(
        ServiceAccount(
            f"1{number:020}",
            "demo-project",
            email,
            "",
            "",
            disabled=False,
            deleted_at=None,
            etag="e",
            created_at=api.place.clock.now(),
        )
    )
    return email


@pytest.fixture(autouse=True)
def api_on(api: Api) -> None:
    """The API is on in the caller's project, and its owner may act as the service account."""
    api.place.add(EnabledService("demo-project", "iamcredentials.googleapis.com"))
    api.place.grant(CREATOR, f"user:{OWNER}")


def who(api: Api, token: str) -> Credential | Refused:
    """What the emulator says of a token."""
    with api.place.read() as tx:
        return verify_bearer(tx, api.place.clock.now(), token)


def message(answer: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    """Return a refusal's status and text."""
    return answer[0], answer[1]["error"]["message"]


class TestGenerateAccessToken:
    def test_the_token_is_the_accounts_own(self, api: Api) -> None:
        """It carries the account, the scopes asked for, and ends when expireTime says"""
        body = {"scope": [TUNING, RETRIEVER], "lifetime": "600s", "delegates": None}
        answer = api.ok("POST", f"{ONE}:generateAccessToken", body)
        assert answer["accessToken"].startswith("ya29.c.emu-")
        assert answer["expireTime"] == "2026-01-01T00:10:00Z"
        credential = who(api, answer["accessToken"])
        assert isinstance(credential, Credential)
        assert (credential.kind, credential.email) == ("service_account", ROBOT)
        assert credential.scopes == (TUNING, RETRIEVER)
        api.place.clock.advance(600)
        assert isinstance(who(api, answer["accessToken"]), Refused)

    def test_an_hour_by_default(self, api: Api) -> None:
        """Without a lifetime the token lives 3600 seconds; the account may be named by its id"""
        path = f"/v1/projects/-/serviceAccounts/{ROBOT_ID}:generateAccessToken"
        answer = api.ok("POST", path, {"scope": [CLOUD_PLATFORM]})
        assert answer["expireTime"] == "2026-01-01T01:00:00Z"

    def test_a_lifetime_with_a_fraction(self, api: Api) -> None:
        """A Duration may have one, and the token ends with its last whole second"""
        body = {"scope": [TUNING], "lifetime": "600.500s"}
        answer = api.ok("POST", f"{ONE}:generateAccessToken", body)
        assert answer["expireTime"] == "2026-01-01T00:10:00Z"

    def test_the_iam_scope_suffices(self, api: Api) -> None:
        """google-auth asks for `…/auth/iam` where the caller is a service account"""
        body = {"scope": [TUNING]}
        assert api.call("POST", f"{ONE}:generateAccessToken", body, scopes=(IAM,))[0] == 200
        assert api.call("POST", f"{ONE}:generateAccessToken", body, scopes=(TUNING,))[0] == 403

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"scope": []},
            {"scope": TUNING},
            {"scope": ["everything"]},
            {"scope": [TUNING], "lifetime": "3600.5s"},
            {"scope": [TUNING], "lifetime": "0.5s"},
            {"scope": [TUNING], "lifetime": "3601s"},
            {"scope": [TUNING], "lifetime": "43200s"},
            {"scope": [TUNING], "lifetime": "0s"},
            {"scope": [TUNING], "lifetime": "-5s"},
            {"scope": [TUNING], "lifetime": 3600},
            {"scope": [TUNING], "lifetime": "an hour"},
            {"scope": [TUNING], "delegates": [ROBOT]},
            {"scope": [TUNING], "delegates": f"projects/-/serviceAccounts/{ROBOT}"},
        ],
    )
    def test_requests_out_of_form(self, api: Api, body: dict[str, Any]) -> None:
        """No scope, a lifetime beyond an hour, delegates in another form: INVALID_ARGUMENT"""
        status, answer = api.call("POST", f"{ONE}:generateAccessToken", body)
        assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")

    def test_fields_in_either_spelling(self, api: Api) -> None:
        """As of all of Google's JSON: camelCase or snake_case, and no other name"""
        body = {"audience": AUDIENCE, "include_email": True}
        token = api.ok("POST", f"{ONE}:generateIdToken", body)["token"]
        assert jwt.decode(token).claims["email"] == ROBOT
        body = {"scope": [TUNING], "lifeTime": "600s"}
        status, answer = api.call("POST", f"{ONE}:generateAccessToken", body)
        text = 'Invalid JSON payload received. Unknown name "lifeTime": Cannot find field.'
        assert (status, answer["error"]["message"]) == (400, text)
        assert answer["error"]["details"][0]["fieldViolations"] == [{"description": text}]

    def test_the_project_is_a_wildcard(self, api: Api) -> None:
        """The `-` is compulsory"""
        path = f"/v1/projects/demo-project/serviceAccounts/{ROBOT}:generateAccessToken"
        assert api.call("POST", path, {"scope": [TUNING]})[0] == 400


class TestPermission:
    BODY: ClassVar[dict[str, Any]] = {"scope": [TUNING]}
    DENIED = (
        "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
    )

    def test_strangers_and_strange_accounts(self, api: Api) -> None:
        """Who may not act as an account is told the permission; an unknown address is unknown"""
        email = "nobody@demo-project.iam.gserviceaccount.com"
        unknown = "/v1/projects/-/serviceAccounts/"
        api.place.grant("roles/serviceusage.serviceUsageConsumer", "user:guest@example.com")
        refused = api.call(
            "POST", f"{ONE}:generateAccessToken", self.BODY, email="guest@example.com"
        )
        assert message(refused) == (403, self.DENIED)
        assert refused[1]["error"]["details"][0]["metadata"] == {
            "permission": "iam.serviceAccounts.getAccessToken"
        }
        answer = api.call("POST", f"{unknown}{email}:generateAccessToken", self.BODY)
        assert message(answer) == (404, f"Not found; Gaia id not found for email {email}")
        answer = api.call("POST", f"{unknown}123456:generateAccessToken", self.BODY)
        assert answer == refused

    def test_a_delegate_that_is_unknown(self, api: Api) -> None:
        """An address that no service account has, a person's for one"""
        body = {**self.BODY, "delegates": [f"projects/-/serviceAccounts/{OWNER}"]}
        answer = api.call("POST", f"{ONE}:generateAccessToken", body)
        assert message(answer) == (404, f"Not found; Gaia id not found for email {OWNER}")

    def test_the_accounts_own_policy_suffices(self, api: Api) -> None:
        """A role on the account, or on its project: either lets the caller in"""
        resource = f"projects/demo-project/serviceAccounts/{ROBOT}"
        api.place.grant(CREATOR, "user:guest@example.com", resource)
        answer = api.call(
            "POST", f"{ONE}:generateAccessToken", self.BODY, email="guest@example.com"
        )
        assert answer[0] == 200

    def test_an_owner_alone_may_not(self, api: Api) -> None:
        """roles/owner has no permission to make tokens, as at Google"""
        with api.place.write() as tx:
            policy.revoke_role(tx, "projects/demo-project", CREATOR, f"user:{OWNER}")
        answer = api.call("POST", f"{ONE}:generateAccessToken", self.BODY)
        assert message(answer) == (403, self.DENIED)

    def test_the_api_must_be_on(self, api: Api) -> None:
        """iamcredentials.googleapis.com is needed in the caller's project"""
        api.place.remove(EnabledService, "demo-project", "iamcredentials.googleapis.com")
        status, answer = api.call("POST", f"{ONE}:generateAccessToken", self.BODY)
        assert status == 403
        assert answer["error"]["message"].startswith("IAM Service Account Credentials API has not")

    @pytest.mark.parametrize(
        ("change", "expected"), [({"disabled": True}, 400), ({"deleted_at": 1.0}, 404)]
    )
    def test_ended_accounts(self, api: Api, change: dict[str, Any], expected: int) -> None:
        """A disabled account is refused by name, a deleted one like one that never was"""
        api.place.change(ServiceAccount, ROBOT_ID, **change)
        assert api.call("POST", f"{ONE}:generateAccessToken", self.BODY)[0] == expected

    def test_a_chain_of_delegates(self, api: Api) -> None:
        """Each link needs the role on the next one, and a link that lacks it ends the chain"""
        first, second = add_robot(api, "first", 5), add_robot(api, "second", 6)
        with api.place.write() as tx:
            policy.revoke_role(tx, "projects/demo-project", CREATOR, f"user:{OWNER}")
        links = [(f"user:{OWNER}", first), (f"serviceAccount:{first}", second)]
        for member, account in links:
            api.place.grant(CREATOR, member, f"projects/demo-project/serviceAccounts/{account}")
        chain = [f"projects/-/serviceAccounts/{email}" for email in (first, second)]
        body = {**self.BODY, "delegates": chain}
        assert message(api.call("POST", f"{ONE}:generateAccessToken", body)) == (403, self.DENIED)
        resource = f"projects/demo-project/serviceAccounts/{ROBOT}"
        api.place.grant(CREATOR, f"serviceAccount:{second}", resource)
        assert api.call("POST", f"{ONE}:generateAccessToken", body)[0] == 200
        shorter = {**self.BODY, "delegates": chain[1:]}
        assert message(api.call("POST", f"{ONE}:generateAccessToken", shorter)) == (
            403,
            self.DENIED.replace("getAccessToken", "implicitDelegation"),
        )


class TestGenerateIdToken:
    def claims(self, api: Api, **body: Any) -> dict[str, Any]:
        """Return the claims of an id token for AUDIENCE."""
        answer = api.ok("POST", f"{ONE}:generateIdToken", {"audience": AUDIENCE, **body})
        return dict(jwt.decode(answer["token"]).claims)

    def test_claims(self, api: Api) -> None:
        """The aud is the audience, sub and azp the unique id; the address comes when asked for"""
        claims = self.claims(api)
        assert (claims["aud"], claims["sub"], claims["azp"]) == (AUDIENCE, ROBOT_ID, ROBOT_ID)
        assert claims["iss"] == "https://accounts.google.com"
        assert "email" not in claims
        for asked in (True, "true"):
            claims = self.claims(api, includeEmail=asked, useEmailAzp=asked)
            assert (claims["email"], claims["email_verified"]) == (ROBOT, True)
            assert claims["azp"] == ROBOT

    def test_an_organization_without_a_number(self, api: Api) -> None:
        """With organizationNumberIncluded it is null, as documented without an organization"""
        claims = self.claims(api, organizationNumberIncluded=True)
        assert claims["google"] == {"organization_number": None}

    @pytest.mark.parametrize("body", [{}, {"audience": ""}, {"audience": 1}])
    def test_without_an_audience(self, api: Api, body: dict[str, Any]) -> None:
        """There is no token for nobody"""
        assert api.call("POST", f"{ONE}:generateIdToken", body)[0] == 400

    def test_a_flag_out_of_form(self, api: Api) -> None:
        """A flag is a boolean, or one as text"""
        body = {"audience": AUDIENCE, "includeEmail": "yes"}
        assert api.call("POST", f"{ONE}:generateIdToken", body)[0] == 400


class TestSigning:
    def key(self, api: Api, key_id: str) -> Any:
        """Return the public key that is kept under an id, which is a system-managed one."""
        (key,) = [key for key in api.place.all(ServiceAccountKey) if key.key_id == key_id]
        assert (key.type, key.unique_id) == ("SYSTEM_MANAGED", ROBOT_ID)
        return public_key(key.certificate_pem)

    def test_a_blob(self, api: Api) -> None:
        """The signature is RSASSA-PKCS1-v1_5 with SHA-256 by the key that keyId names"""
        blob = b"\xff\xfe to sign"
        payload = base64.b64encode(blob).decode()
        for text in (payload, base64.urlsafe_b64encode(blob).decode().rstrip("=")):
            answer = api.ok("POST", f"{ONE}:signBlob", {"payload": text})
            signature = base64.b64decode(answer["signedBlob"])
            key = self.key(api, answer["keyId"])
            key.verify(signature, blob, PKCS1v15(), SHA256())
        older = api.ok("POST", f"{ONE}:signBlob", {"bytesToSign": payload})
        assert older == {"keyId": answer["keyId"], "signature": answer["signedBlob"]}

    def test_a_jwt(self, api: Api) -> None:
        """The payload's claims are signed as they are, kid names the key"""
        payload = {"iss": ROBOT, "aud": "x", "exp": int(api.place.clock.now()) + 43200, "n": 1.5}
        answer = api.ok("POST", f"{ONE}:signJwt", {"payload": json.dumps(payload)})
        signed = jwt.decode(answer["signedJwt"])
        assert signed.claims == payload
        assert signed.header["kid"] == answer["keyId"]
        assert jwt.verifies(signed, self.key(api, answer["keyId"]))

    @pytest.mark.parametrize(
        "payload",
        [
            None,
            "",
            "[]",
            "{}",
            "no json",
            '{"exp": "soon"}',
            '{"exp": 1767225600}',
            '{"exp": 1767225601.5}',
            '{"exp": 1767268801}',
            '{"exp": true}',
            {"exp": 1767225900},
        ],
    )
    def test_a_jwt_out_of_form(self, api: Api, payload: Any) -> None:
        """The payload is an object as text; exp is whole, not past and within 12 hours"""
        status, answer = api.call("POST", f"{ONE}:signJwt", {"payload": payload})
        assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")

    @pytest.mark.parametrize("payload", [None, "", "***", 7])
    def test_a_blob_out_of_form(self, api: Api, payload: Any) -> None:
        """There must be bytes to sign"""
        assert api.call("POST", f"{ONE}:signBlob", {"payload": payload})[0] == 400

    def test_a_stranger_makes_no_key(self, api: Api) -> None:
        """Keys are made only for callers who may use them"""
        api.place.grant("roles/serviceusage.serviceUsageConsumer", "user:guest@example.com")
        body = {"payload": "eA=="}
        assert api.call("POST", f"{ONE}:signBlob", body, email="guest@example.com")[0] == 403
        assert api.place.all(ServiceAccountKey) == []


class TestAllowedLocations:
    PATHS = (
        f"{ONE}/allowedLocations",
        "/v1/projects/123456789012/locations/global/workloadIdentityPools/my-pool/allowedLocations",
        "/v1/locations/global/workforcePools/my-pool/allowedLocations",
    )

    @pytest.mark.parametrize("path", PATHS)
    def test_no_boundary(self, api: Api, path: str) -> None:
        """Every look-up is answered with the value that means none, whatever the token's scopes"""
        status, answer = api.call("GET", path, email=ROBOT, scopes=(TUNING,))
        assert (status, answer) == (200, {"locations": [], "encodedLocations": "0x0"})

    @pytest.mark.parametrize("path", PATHS)
    def test_only_for_those_who_prove_to_be_somebody(self, api: Api, path: str) -> None:
        """Without a token, or with a foreign one, the answer is 401"""
        assert api.call("GET", path, email=None)[0] == 401
        answer = api.client.get(path, headers={"Authorization": "Bearer ya29.real"})
        assert answer.status_code == 401
