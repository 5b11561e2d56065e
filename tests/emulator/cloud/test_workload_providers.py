"""IAM v1: providers of workload identity pools (google-oauth.md section 5.1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.emulator.storage.records import WorkloadProvider
from tests.emulator import issuer
from tests.emulator.cloud.test_workload_pools import DAY, ONE, create, name

if TYPE_CHECKING:
    from tests.emulator.cloud.conftest import Api

PROVIDERS = f"{ONE}/providers"
CI = f"{PROVIDERS}/my-ci"
MAPPING = {"google.subject": "assertion.sub", "attribute.repository": "assertion.repository"}


def body(**changes: Any) -> dict[str, Any]:
    """A good provider with some fields changed."""
    return {
        "displayName": "CI",
        "attributeMapping": MAPPING,
        "attributeCondition": "assertion.repository.startsWith('corp/')",
        "oidc": {"issuerUri": issuer.URI, "jwksJson": issuer.jwk_set()},
        **changes,
    }


@pytest.fixture(autouse=True)
def pool(api: Api) -> None:
    """There is a pool."""
    create(api)


def add(api: Api, provider: str = "my-ci", **changes: Any) -> dict[str, Any]:
    """Create a provider; return its operation."""
    path = f"{PROVIDERS}?workloadIdentityPoolProviderId={provider}"
    return api.ok("POST", path, body(**changes))


def test_created_and_shown(api: Api) -> None:
    """All that was sent is shown again, under the name with the project's number"""
    operation = add(api)
    shown = {"name": f"{name(api)}/providers/my-ci", "state": "ACTIVE", **body()}
    kind = "type.googleapis.com/google.iam.v1.WorkloadIdentityPoolProvider"
    assert operation["response"] == {"@type": kind, **shown}
    assert api.ok("GET", CI) == shown
    assert api.ok("GET", f"/v1/{operation['name']}") == operation
    assert api.ok("GET", PROVIDERS) == {"workloadIdentityPoolProviders": [shown]}


def test_changed(api: Api) -> None:
    """A mask may name a member of oidc alone, or all of it"""
    add(api)
    change = {"oidc": {"allowedAudiences": ["one", "two"]}, "attributeCondition": "true"}
    api.ok("PATCH", f"{CI}?updateMask=oidc.allowed_audiences,attributeCondition", change)
    shown = api.ok("GET", CI)
    oidc = {"issuerUri": issuer.URI, "allowedAudiences": ["one", "two"]}
    assert shown["oidc"] == {**oidc, "jwksJson": issuer.jwk_set()}
    assert shown["attributeCondition"] == "true"
    api.ok("PATCH", f"{CI}?updateMask=oidc", {"oidc": {"issuerUri": "https://b.example"}})
    assert api.ok("GET", CI)["oidc"] == {"issuerUri": "https://b.example"}
    api.ok("PATCH", f"{CI}?updateMask=disabled,attribute_condition", {"disabled": True})
    shown = api.ok("GET", CI)
    assert shown["disabled"] is True
    assert "attributeCondition" not in shown


def test_deleted_and_restored(api: Api) -> None:
    """A provider keeps its id for 30 days, and can be restored until then"""
    add(api)
    api.ok("DELETE", CI)
    assert api.ok("GET", CI)["state"] == "DELETED"
    assert api.ok("GET", PROVIDERS) == {}
    assert len(api.ok("GET", f"{PROVIDERS}?showDeleted=true")["workloadIdentityPoolProviders"]) == 1
    assert api.call("PATCH", f"{CI}?updateMask=disabled", {})[0] == 400
    path = f"{PROVIDERS}?workloadIdentityPoolProviderId=my-ci"
    assert api.call("POST", path, body())[0] == 409
    api.ok("POST", f"{CI}:undelete", {})
    assert api.ok("GET", CI)["state"] == "ACTIVE"
    api.ok("DELETE", CI)
    api.place.clock.advance(30 * DAY)
    assert api.call("GET", CI)[0] == 404
    add(api, displayName="New")
    assert api.ok("GET", CI)["displayName"] == "New"


def test_none_in_a_deleted_pool(api: Api) -> None:
    """A deleted pool takes no new providers"""
    api.ok("DELETE", ONE)
    path = f"{PROVIDERS}?workloadIdentityPoolProviderId=my-ci"
    assert api.call("POST", path, body())[0] == 400


def test_permissions(api: Api) -> None:
    """A provider's methods take the provider's permissions"""
    add(api)
    api.place.grant("roles/serviceusage.serviceUsageConsumer", "user:guest@example.com")
    api.place.grant("roles/iam.workloadIdentityPoolViewer", "user:guest@example.com")
    assert api.call("GET", CI, email="guest@example.com")[0] == 200
    status, answer = api.call("DELETE", CI, email="guest@example.com")
    assert status == 403
    (info,) = answer["error"]["details"]
    assert info["metadata"]["permission"] == "iam.workloadIdentityPoolProviders.delete"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"oidc": {}}, "issuerUri"),
        ({"attributeMapping": {}}, "google.subject"),
        ({"attributeMapping": {"google.subject": "assertion.sub.extract('{a}')"}}, "extract()"),
        ({"attributeCondition": "assertion.sub.matches('a')"}, "matches()"),
    ],
)
def test_parts_that_do_not_fit(api: Api, changes: dict[str, Any], word: str) -> None:
    """What cannot work is refused when it is kept, and the text says what it is"""
    path = f"{PROVIDERS}?workloadIdentityPoolProviderId=my-ci"
    status, answer = api.call("POST", path, body(**changes))
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert word in answer["error"]["message"]
    assert api.place.all(WorkloadProvider) == []
    add(api)
    mask = ",".join(changes)
    assert api.call("PATCH", f"{CI}?updateMask={mask}", changes)[0] == 400


GITHUB = "https://token.actions.githubusercontent.com"


@pytest.mark.parametrize(
    ("issuer_uri", "condition", "status"),
    [
        (GITHUB, "", 400),
        (f"{GITHUB}/", "true", 400),
        ("https://gitlab.com", "'assertion' == 'assertion'", 400),
        ("https://app.terraform.io", "", 400),
        (GITHUB, "assertion.repository_owner == 'corp'", 200),
        (GITHUB, "attribute['repository'] == 'corp/app'", 200),
        (f"{GITHUB}/corp", "", 200),
        (issuer.URI, "", 200),
    ],
)
def test_issuers_that_everybody_shares(
    api: Api, issuer_uri: str, condition: str, status: int
) -> None:
    """Tokens of GitHub, GitLab and Terraform Cloud need a condition on a claim, as at Google"""
    path = f"{PROVIDERS}?workloadIdentityPoolProviderId=my-ci"
    sent = body(attributeCondition=condition, oidc={"issuerUri": issuer_uri})
    answer = api.call("POST", path, sent)
    assert answer[0] == status, answer
    if status == 400:
        text = answer[1]["error"]["message"]
        assert text.startswith("The attribute condition must reference one of the provider's")


def test_a_condition_cannot_be_taken_from_a_shared_issuer(api: Api) -> None:
    """A change is checked like a creation"""
    add(api, oidc={"issuerUri": GITHUB})
    assert api.call("PATCH", f"{CI}?updateMask=attributeCondition", {})[0] == 400


def test_a_key_set_as_issuers_publish_it(api: Api) -> None:
    """Keys with certificates (x5c, x5t) are refused, as Google's troubleshooting page says"""
    keys = json.dumps({"keys": [{**issuer.rsa_jwk(), "x5c": ["AA=="], "x5t": "AA"}]})
    sent = body(oidc={"issuerUri": issuer.URI, "jwksJson": keys})
    path = f"{PROVIDERS}?workloadIdentityPoolProviderId=my-ci"
    status, answer = api.call("POST", path, sent)
    assert status == 400
    assert answer["error"]["message"].startswith("Input JWK is not in a valid json format")
    assert "x5c, x5t" in answer["error"]["message"]


def test_a_page_has_a_hundred_providers_at_most(api: Api) -> None:
    """Of providers "values above 100 are truncated to 100" (IAM API v1)"""
    with api.place.write() as tx:
        for number in range(101):
            tx.add(
                WorkloadProvider(
                    project_id="demo-project",
                    pool_id="my-pool",
                    provider_id=f"p{number:04}",
                    display_name="",
                    description="",
                    disabled=False,
                    deleted_at=None,
                    issuer_uri=issuer.URI,
                    allowed_audiences=(),
                    jwks_json=None,
                    attribute_mapping={"google.subject": "assertion.sub"},
                    attribute_condition="",
                    created_at=float(number),
                )
            )
    answer = api.ok("GET", f"{PROVIDERS}?pageSize=1000")
    assert len(answer["workloadIdentityPoolProviders"]) == 100
    assert answer["nextPageToken"]
