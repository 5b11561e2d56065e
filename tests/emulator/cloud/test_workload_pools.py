"""IAM v1: workload identity pools (google-oauth.md section 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.emulator.storage.records import Project, WorkloadProvider
from gemauth.google.workload_identity import PoolName
from tests.emulator import issuer

if TYPE_CHECKING:
    from tests.emulator.cloud.conftest import Api

POOLS = "/v1/projects/demo-project/locations/global/workloadIdentityPools"
ONE = f"{POOLS}/my-pool"
DAY = 86400


def create(api: Api, pool: str = "my-pool", **body: Any) -> dict[str, Any]:
    """Create a pool; return its operation."""
    return api.ok("POST", f"{POOLS}?workloadIdentityPoolId={pool}", body)


def name(api: Api, pool: str = "my-pool") -> str:
    """The resource name of a pool, with its project's number."""
    number = next(p.number for p in api.place.all(Project) if p.project_id == "demo-project")
    return str(PoolName(number, pool))


def test_created_and_shown(api: Api) -> None:
    """Creation is an operation that is done; it and the pool are shown under the number's name"""
    operation = create(api, displayName="CI", description="Builds")
    assert operation["done"] is True
    shown = {
        "name": name(api),
        "displayName": "CI",
        "description": "Builds",
        "state": "ACTIVE",
    }
    kind = "type.googleapis.com/google.iam.v1.WorkloadIdentityPool"
    assert operation["response"] == {"@type": kind, **shown}
    assert api.ok("GET", ONE) == shown
    assert api.ok("GET", f"/v1/{name(api)}") == shown
    assert api.ok("GET", f"/v1/{operation['name']}") == operation
    assert api.call("GET", f"{ONE}/operations/nothing")[0] == 404


def test_changed(api: Api) -> None:
    """A patch changes what the mask names, in either spelling, and nothing else"""
    create(api, displayName="CI", description="Builds")
    body = {"displayName": "Other", "description": "Other", "disabled": True}
    api.ok("PATCH", f"{ONE}?updateMask=display_name,disabled", body)
    pool = api.ok("GET", ONE)
    assert (pool["displayName"], pool["description"]) == ("Other", "Builds")
    assert pool["disabled"] is True
    api.ok("PATCH", f"{ONE}?updateMask=disabled,description", {})
    assert api.ok("GET", ONE) == {"name": name(api), "displayName": "Other", "state": "ACTIVE"}


def test_listed_in_pages(api: Api) -> None:
    """Pools come in their order, page by page; deleted ones when asked for"""
    assert api.ok("GET", POOLS) == {}
    for pool in ("one1", "two2", "three3"):
        create(api, pool)
        api.place.clock.advance(1)
    api.ok("DELETE", f"{POOLS}/two2")
    first = api.ok("GET", f"{POOLS}?pageSize=1")
    rest = api.ok("GET", f"{POOLS}?pageSize=1&pageToken={first['nextPageToken']}")
    names = [p["name"] for answer in (first, rest) for p in answer["workloadIdentityPools"]]
    assert names == [name(api, "one1"), name(api, "three3")]
    assert "nextPageToken" not in rest
    assert len(api.ok("GET", f"{POOLS}?showDeleted=true")["workloadIdentityPools"]) == 3


def test_deleted_and_restored(api: Api) -> None:
    """A deleted pool is shown, cannot be changed, keeps its id, and comes back for 30 days"""
    create(api)
    api.ok("DELETE", ONE)
    shown = api.ok("GET", ONE)
    assert (shown["state"], shown["expireTime"]) == ("DELETED", "2026-01-31T00:00:00Z")
    for verb, path in (("DELETE", ONE), ("PATCH", f"{ONE}?updateMask=disabled")):
        assert api.call(verb, path, {})[1]["error"]["status"] == "FAILED_PRECONDITION"
    again = api.call("POST", f"{POOLS}?workloadIdentityPoolId=my-pool", {})
    assert again[1]["error"]["status"] == "ALREADY_EXISTS"
    api.place.clock.advance(30 * DAY - 1)
    api.ok("POST", f"{ONE}:undelete", {})
    assert api.ok("GET", ONE) == {"name": name(api), "state": "ACTIVE"}
    assert api.call("POST", f"{ONE}:undelete", {})[0] == 400


def test_gone_after_30_days(api: Api) -> None:
    """Then it is not found, and its id starts afresh, without the former's providers"""
    create(api)
    provider = {"attributeMapping": {"google.subject": "assertion.sub"}, "oidc": {}}
    provider["oidc"] = {"issuerUri": issuer.URI}
    api.ok("POST", f"{ONE}/providers?workloadIdentityPoolProviderId=my-ci", provider)
    api.ok("DELETE", ONE)
    api.place.clock.advance(30 * DAY)
    assert api.call("GET", ONE)[0] == 404
    assert api.call("POST", f"{ONE}:undelete", {})[0] == 404
    assert api.ok("GET", f"{POOLS}?showDeleted=true") == {}
    create(api, displayName="New")
    assert api.ok("GET", ONE)["displayName"] == "New"
    assert api.place.all(WorkloadProvider) == []


@pytest.mark.parametrize("pool", ["", "abc", "a" * 33, "gcp-pool", "My-Pool", "my_pool"])
def test_ids(api: Api, pool: str) -> None:
    """An id has 4 to 32 of [a-z0-9-] and does not begin with gcp-"""
    status, body = api.call("POST", f"{POOLS}?workloadIdentityPoolId={pool}", {})
    assert (status, body["error"]["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("verb", "path", "permission"),
    [
        ("POST", f"{POOLS}?workloadIdentityPoolId=other", "create"),
        ("GET", POOLS, "list"),
        ("GET", ONE, "get"),
        ("PATCH", f"{ONE}?updateMask=disabled", "update"),
        ("DELETE", ONE, "delete"),
        ("POST", f"{ONE}:undelete", "undelete"),
    ],
)
def test_permissions(api: Api, verb: str, path: str, permission: str) -> None:
    """Each method takes its own permission on the project"""
    create(api)
    api.place.grant("roles/serviceusage.serviceUsageConsumer", "user:guest@example.com")
    body: dict[str, Any] | None = None if verb == "GET" else {}
    status, answer = api.call(verb, path, body, email="guest@example.com")
    assert status == 403
    (info,) = answer["error"]["details"]
    assert info["metadata"]["permission"] == f"iam.workloadIdentityPools.{permission}"
    api.place.grant("roles/iam.workloadIdentityPoolAdmin", "user:guest@example.com")
    assert api.call(verb, path, body, email="guest@example.com")[0] in {200, 400}


def test_a_pool_that_is_not_there(api: Api) -> None:
    """The owner of the project is told that there is none"""
    assert api.call("GET", f"{POOLS}/none")[0] == 404


def test_principals_in_policies(api: Api) -> None:
    """A policy takes federated principals and sets of them, as they are written, and no others"""
    robot = "/v1/projects/demo-project/serviceAccounts/robot1@demo-project.iam.gserviceaccount.com"
    base = f"//iam.googleapis.com/{name(api)}"
    members = [
        f"principal:{base}/subject/repo:Corp/App:ref:refs/heads/main",
        f"principalSet:{base}/*",
        f"principalSet:{base}/attribute.repository/Corp/App",
    ]
    bindings = [{"role": "roles/iam.workloadIdentityUser", "members": members}]
    api.ok("POST", f"{robot}:setIamPolicy", {"policy": {"bindings": bindings}})
    assert api.ok("POST", f"{robot}:getIamPolicy", {})["bindings"] == bindings
    for member in (f"principal:{base}/*", base, f"principalSet:{base}/attribute.Repo/x"):
        bindings = [{"role": "roles/iam.workloadIdentityUser", "members": [member]}]
        body = {"policy": {"bindings": bindings}}
        assert api.call("POST", f"{robot}:setIamPolicy", body)[0] == 400
