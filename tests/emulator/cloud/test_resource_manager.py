"""Resource Manager v1 and v3 (google-oauth.md section 5.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.emulator.cloud.conftest import Api

ONE = "/v1/projects/demo-project"


def test_both_versions_show_the_same_project(api: Api) -> None:
    """v1 has projectNumber and lifecycleState, v3 name and state."""
    v1, v3 = api.ok("GET", ONE), api.ok("GET", "/v3/projects/demo-project")
    assert v3["name"] == f"projects/{v1['projectNumber']}"
    assert (v1["lifecycleState"], v3["state"]) == ("ACTIVE", "ACTIVE")
    assert api.ok("GET", f"/v1/projects/{v1['projectNumber']}") == v1


@pytest.mark.parametrize(("version", "member"), [("v1", "name"), ("v3", "displayName")])
def test_who_creates_a_project_owns_it(api: Api, version: str, member: str) -> None:
    """The operation is finished and can be read again."""
    wanted = {"projectId": "made-by-api", member: "Made", "labels": {"a": "b"}}
    operation = api.ok("POST", f"/{version}/projects", wanted)
    assert operation["done"]
    assert operation["response"]["projectId"] == "made-by-api"
    assert api.ok("GET", f"/v1/{operation['name']}") == operation
    policy = api.ok("POST", "/v1/projects/made-by-api:getIamPolicy", {})
    assert policy["bindings"] == [{"role": "roles/owner", "members": ["user:owner@example.com"]}]
    assert api.call("POST", f"/{version}/projects", wanted)[0] == 409
    assert api.call("POST", f"/{version}/projects", {"projectId": "X"})[0] == 400


def test_a_list_shows_what_the_caller_may_see(api: Api) -> None:
    """Others' projects are left out; filters narrow."""
    api.ok("POST", "/v1/projects", {"projectId": "another-one", "labels": {"env": "test"}})
    ids = {p["projectId"] for p in api.ok("GET", "/v1/projects")["projects"]}
    assert ids == {"demo-project", "another-one"}
    assert api.call("GET", "/v1/projects", email="guest@example.com")[1] == {}
    for narrowed in ("id:another*", "labels.env:test", "projectId=another-one"):
        found = api.ok("GET", f"/v1/projects?filter={narrowed}")["projects"]
        assert [p["projectId"] for p in found] == ["another-one"]
    assert api.ok("GET", "/v3/projects:search?query=id:demo-project")["projects"]
    assert api.call("GET", "/v1/projects?filter=colour:red")[0] == 400


def test_a_project_is_renamed(api: Api) -> None:
    """PUT in v1 answers the project, PATCH in v3 an operation with it."""
    assert api.ok("PUT", ONE, {"name": "New"})["name"] == "New"
    changed = api.ok("PATCH", "/v3/projects/demo-project", {"displayName": "Newer"})
    assert changed["done"]
    assert changed["response"]["displayName"] == "Newer"
    assert api.ok("GET", f"/v1/{changed['name']}") == changed
    assert api.call("PUT", ONE, {"name": 5})[0] == 400


def test_a_deleted_project_stops_and_comes_back(api: Api) -> None:
    """DELETE marks it, its APIs and tokens stop; it is undeleted from another project's client."""
    api.ok("POST", "/v1/projects", {"projectId": "short-lived"})
    assert api.ok("DELETE", "/v1/projects/short-lived") == {}
    assert api.ok("GET", "/v1/projects/short-lived")["lifecycleState"] == "DELETE_REQUESTED"
    assert api.call("PUT", "/v1/projects/short-lived", {"name": "x"})[0] == 400
    assert api.ok("POST", "/v1/projects/short-lived:undelete", {}) == {}
    assert api.call("POST", "/v1/projects/short-lived:undelete", {})[0] == 400
    deleted = api.ok("DELETE", "/v3/projects/short-lived")
    assert deleted["response"]["state"] == "DELETE_REQUESTED"
    assert api.ok("GET", f"/v1/{deleted['name']}") == deleted


def test_a_policy_is_read_changed_and_kept_whole(api: Api) -> None:
    """An old etag is refused, an unknown role or member too, and the last owner stays."""
    policy = api.ok("POST", f"{ONE}:getIamPolicy", {})
    viewer = {"role": "roles/viewer", "members": ["user:guest@example.com"]}
    changed = {**policy, "bindings": [*policy["bindings"], viewer]}
    assert viewer in api.ok("POST", f"{ONE}:setIamPolicy", {"policy": changed})["bindings"]
    assert api.call("POST", f"{ONE}:setIamPolicy", {"policy": changed})[0] == 409
    for bindings in (
        [],
        [{"role": "roles/king", "members": ["user:a@example.com"]}],
        [{"role": "roles/owner", "members": ["nobody"]}],
        [{"role": "roles/owner", "members": "user:owner@example.com"}],
        [{"role": "roles/owner", "members": [5]}],
        [{"role": ["roles/owner"], "members": []}],
        ["roles/owner"],
        "roles/owner",
    ):
        assert api.call("POST", f"{ONE}:setIamPolicy", {"policy": {"bindings": bindings}})[0] == 400
    assert api.call("POST", f"{ONE}:setIamPolicy", {})[0] == 400


@pytest.mark.parametrize(
    ("member", "real"),
    [
        ("user:a@demo-project.iam.gserviceaccount.com", "serviceAccount"),
        ("serviceAccount:guest@example.com", "user"),
    ],
)
def test_a_members_kind_is_its_own(api: Api, member: str, real: str) -> None:
    """Google says what a member is that was called something else"""
    policy = api.ok("POST", f"{ONE}:getIamPolicy", {})
    wrong = {"role": "roles/viewer", "members": [member]}
    sent = {"policy": {"bindings": [*policy["bindings"], wrong]}}
    status, answer = api.call("POST", f"{ONE}:setIamPolicy", sent)
    assert status == 400
    email = member.partition(":")[2]
    assert answer["error"]["message"].startswith(
        f'Principal {email} is of type "{real}". The principal should appear as "{real}:{email}".'
    )


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("nobody@demo-project.iam.gserviceaccount.com", False),
        ("robot1@demo-project.iam.gserviceaccount.com", True),
        ("service-1@gcp-sa-logging.iam.gserviceaccount.com", True),
        ("1-compute@developer.gserviceaccount.com", True),
    ],
)
def test_a_service_account_that_does_not_exist(
    api: Api,
    address: str,
    known: bool,  # noqa: FBT001
) -> None:
    """An account that a project of the emulator's does not have gets no role, as at Google"""
    policy = api.ok("POST", f"{ONE}:getIamPolicy", {})
    viewer = {"role": "roles/viewer", "members": [f"serviceAccount:{address}"]}
    sent = {"policy": {"bindings": [*policy["bindings"], viewer]}}
    status, answer = api.call("POST", f"{ONE}:setIamPolicy", sent)
    assert status == (200 if known else 400)
    if not known:
        assert answer["error"]["message"] == f"Service account {address} does not exist."


def test_a_condition_is_not_left_out(api: Api) -> None:
    """Conditions are not evaluated here, so that a role with one is given to nobody"""
    policy = api.ok("POST", f"{ONE}:getIamPolicy", {})
    never = {"title": "never", "expression": "false"}
    binding = {"role": "roles/viewer", "members": ["user:guest@example.com"], "condition": never}
    sent = {"policy": {"version": 3, "bindings": [*policy["bindings"], binding]}}
    status, answer = api.call("POST", f"{ONE}:setIamPolicy", sent)
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert "condition" in answer["error"]["message"]
    assert api.ok("POST", f"{ONE}:getIamPolicy", {}) == policy


def test_an_etag_is_bytes(api: Api) -> None:
    """Either alphabet of base64 says it, as protobuf's JSON mapping has it: gcloud writes one."""
    to_urlsafe, met = str.maketrans("+/", "-_"), False
    for number in range(40):
        viewer = {"role": "roles/viewer", "members": [f"user:guest{number}@example.com"]}
        policy = api.ok("POST", f"{ONE}:getIamPolicy", {})
        owner = next(one for one in policy["bindings"] if one["role"] == "roles/owner")
        etag = policy["etag"].translate(to_urlsafe)
        met |= etag != policy["etag"]
        api.ok(
            "POST", f"{ONE}:setIamPolicy", {"policy": {"etag": etag, "bindings": [owner, viewer]}}
        )
    assert met
    wrong = {"policy": {"etag": 5, "bindings": [owner]}}
    assert api.call("POST", f"{ONE}:setIamPolicy", wrong)[0] == 409


def test_anyone_may_ask_what_it_may_do(api: Api) -> None:
    """Gcloud's quota-project check: an empty answer is `{}`."""
    asked = {"permissions": ["serviceusage.services.use", "nothing.at.all"]}
    path = f"{ONE}:testIamPermissions"
    assert api.ok("POST", path, asked) == {"permissions": ["serviceusage.services.use"]}
    assert api.call("POST", path, asked, email="guest@example.com") == (200, {})
    assert api.call("POST", "/v1/projects/nowhere:testIamPermissions", asked)[0] == 403
    assert api.call("POST", path, {"permissions": "x"})[0] == 400
    assert api.call("POST", path, {"permissions": [[]]}) == (200, {})


def test_what_one_may_not_see_is_denied_not_missing(api: Api) -> None:
    """403 for an unknown project, so that ids cannot be probed."""
    assert api.call("GET", "/v1/projects/nowhere")[0] == 403
    assert api.call("GET", ONE, email="guest@example.com")[0] == 403
    assert (
        api.ok("POST", f"{ONE}:getAncestry", {})["ancestor"][0]["resourceId"]["type"] == "project"
    )


@pytest.mark.parametrize("member", ["allUsers", "allAuthenticatedUsers"])
def test_a_project_is_not_everybodys(api: Api, member: str) -> None:
    """A project's policy names people; the public is for other resources."""
    owner = {"role": "roles/owner", "members": ["user:owner@example.com"]}
    public = {"role": "roles/viewer", "members": [member]}
    status, answer = api.call(
        "POST", f"{ONE}:setIamPolicy", {"policy": {"bindings": [owner, public]}}
    )
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")
