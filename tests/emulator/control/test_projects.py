from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.emulator.control.conftest import Room


def test_a_project_has_a_number_and_an_owner(room: Room) -> None:
    """A project gets a 12-digit number; its creator holds roles/owner; both names find it"""
    room.do("POST", "/accounts", {"email": "ada@example.com"})
    body = {"projectId": "my-project", "name": "Mine", "owner": "Ada@example.com"}
    made = room.do("POST", "/projects", body)
    assert made["state"] == "ACTIVE"
    assert made["name"] == "Mine"
    assert len(made["projectNumber"]) == 12
    assert room.do("GET", "/projects/my-project") == made
    assert room.do("GET", f"/projects/{made['projectNumber']}") == made
    assert room.do("GET", "/projects/my-project/iam")["bindings"] == [
        {"role": "roles/owner", "members": ["user:ada@example.com"]}
    ]


@pytest.mark.parametrize(
    "project", ["short", "Upper-case", "1starts", "ends-", "a" * 31, "under_score", "schön-projekt"]
)
def test_an_id_out_of_form_is_refused(room: Room, project: str) -> None:
    """Ids have 6 to 30 lower-case letters, digits and hyphens (google-oauth.md section 3)"""
    status, message = room.refused("POST", "/projects", {"projectId": project})
    assert status == "INVALID_ARGUMENT"
    assert "6 to 30" in message


def test_an_id_is_never_given_twice(lab: Room) -> None:
    """A deleted project keeps its id for ever, and takes no more changes"""
    assert lab.refused("POST", "/projects", {"projectId": "my-project"})[0] == "ALREADY_EXISTS"
    assert lab.do("DELETE", "/projects/my-project")["state"] == "DELETE_REQUESTED"
    assert lab.refused("POST", "/projects", {"projectId": "my-project"})[0] == "ALREADY_EXISTS"
    for verb, path in (
        ("DELETE", "/projects/my-project"),
        ("PUT", "/projects/my-project/services/generativelanguage"),
    ):
        status, message = lab.refused(verb, path)
        assert (status, message) == (
            "FAILED_PRECONDITION",
            "The project my-project is being deleted.",
        )
    assert [p["projectId"] for p in lab.do("GET", "/projects")["projects"]] == ["my-project"]


def test_an_unknown_owner_is_refused(room: Room) -> None:
    """The owner must be an account: a misspelt one would own nothing"""
    body = {"projectId": "my-project", "owner": "nobody@example.com"}
    status, message = room.refused("POST", "/projects", body)
    assert status == "INVALID_ARGUMENT"
    assert "user:nobody@example.com does not exist" in message


def test_an_organization_is_a_domain(room: Room) -> None:
    """A project may belong to a Workspace organization, named by its domain"""
    body = {"projectId": "corp-project", "organization": "Corp.example.com"}
    assert room.do("POST", "/projects", body)["organization"] == "corp.example.com"
    body = {"projectId": "odd-project", "organization": "no domain"}
    assert room.refused("POST", "/projects", body)[0] == "INVALID_ARGUMENT"


def test_apis_are_switched_on_and_off(lab: Room) -> None:
    """Enabling is idempotent; disabling what is off is refused; the first part is enough"""
    for service in ("generativelanguage", "generativelanguage.googleapis.com"):
        answer = lab.do("PUT", f"/projects/my-project/services/{service}")
    enabled = {"service": "generativelanguage.googleapis.com", "state": "ENABLED"}
    assert enabled in answer["services"]
    assert lab.do("GET", "/projects/my-project/services") == answer
    answer = lab.do("DELETE", "/projects/my-project/services/generativelanguage")
    assert enabled not in answer["services"]
    path = "/projects/my-project/services/generativelanguage"
    assert lab.refused("DELETE", path)[0] == "NOT_FOUND"


@pytest.mark.parametrize("service", ["Generative", "evil.example.com", "a b"])
def test_a_service_is_googles(lab: Room, service: str) -> None:
    """Only names below googleapis.com are services"""
    path = f"/projects/my-project/services/{service}"
    assert lab.refused("PUT", path)[0] == "INVALID_ARGUMENT"


def test_roles_are_given_and_taken(lab: Room) -> None:
    """A role is given to a member and taken again, whatever the case of its address"""
    lab.do("POST", "/groups", {"email": "team@example.com"})
    body = {"role": "roles/viewer", "member": "group:Team@example.com"}
    policy = lab.do("POST", "/projects/my-project/iam/add", body)
    assert {"role": "roles/viewer", "members": ["group:team@example.com"]} in policy["bindings"]
    policy = lab.do("POST", "/projects/my-project/iam/remove", body)
    assert [b["role"] for b in policy["bindings"]] == ["roles/owner"]
    path = "/projects/my-project/iam/remove"
    assert lab.refused("POST", path, body)[0] == "NOT_FOUND"


def test_federated_principals(lab: Room) -> None:
    """External identities are members, too; their case matters"""
    base = "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/pool"
    bodies = [
        {"role": "roles/browser", "member": f"principal:{base}/subject/{name}"}
        for name in ("Ada", "ada")
    ]
    for body in bodies:
        policy = lab.do("POST", "/projects/my-project/iam/add", body)
    members = [body["member"] for body in bodies]
    assert {"role": "roles/browser", "members": members} in policy["bindings"]
    policy = lab.do("POST", "/projects/my-project/iam/remove", bodies[0])
    assert {"role": "roles/browser", "members": members[1:]} in policy["bindings"]
    body = {"role": "roles/browser", "member": f"principal:{base}/*"}
    assert lab.refused("POST", "/projects/my-project/iam/add", body)[0] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("role", "member"),
    [
        ("roles/nonsense", "user:ada@example.com"),
        ("roles/viewer", "ada@example.com"),
        ("roles/viewer", "allUsers"),
        ("roles/viewer", "user:nobody@example.com"),
        ("roles/viewer", "group:nobody@example.com"),
        ("roles/viewer", "serviceAccount:r@my-project.iam.gserviceaccount.com"),
    ],
)
def test_roles_and_members_must_exist(lab: Room, role: str, member: str) -> None:
    """Roles are those that the emulator knows; members must exist, except domains"""
    body = {"role": role, "member": member}
    assert lab.refused("POST", "/projects/my-project/iam/add", body)[0] == "INVALID_ARGUMENT"
    body = {"role": "roles/viewer", "member": "domain:example.com"}
    lab.do("POST", "/projects/my-project/iam/add", body)


def test_googles_own_project_is_not_shown_and_not_changed(room: Room) -> None:
    """The project of Google's shared client is in no list and refuses changes"""
    assert room.do("GET", "/projects") == {"projects": []}
    assert room.refused("DELETE", "/projects/google-cloud-sdk")[0] == "FAILED_PRECONDITION"
