from __future__ import annotations

import re
from typing import Any

import pytest

from tests.emulator.gemini.world import ANN, GUS, MODEL, OTTO, RIA, ROBOT, TEAM, WILL, World

PARENT = f"/v1beta/{MODEL}/permissions"


def grant(world: World, email: str = ANN, /, **permission: Any) -> Any:
    """Create a permission on the world's model."""
    return world.call("POST", PARENT, email, json=permission)


CREATED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"granteeType": "USER", "emailAddress": OTTO, "role": "READER"},
        {"granteeType": "USER", "emailAddress": OTTO, "role": "READER"},
    ),
    (
        {"grantee_type": 1, "email_address": "Otto@Example.COM", "role": 2},
        {"granteeType": "USER", "emailAddress": OTTO, "role": "WRITER"},
    ),
    (
        {"emailAddress": OTTO, "role": "READER"},
        {"granteeType": "USER", "emailAddress": OTTO, "role": "READER"},
    ),
    (
        {"emailAddress": "all@googlegroups.com", "role": "WRITER"},
        {"granteeType": "GROUP", "emailAddress": "all@googlegroups.com", "role": "WRITER"},
    ),
    (
        {"granteeType": "USER", "emailAddress": ROBOT, "role": "READER"},
        {"granteeType": "USER", "emailAddress": ROBOT, "role": "READER"},
    ),
    ({"granteeType": "EVERYONE", "role": "READER"}, {"granteeType": "EVERYONE", "role": "READER"}),
    (
        {"name": "tunedModels/x/permissions/mine", "emailAddress": OTTO, "role": "READER"},
        {"granteeType": "USER", "emailAddress": OTTO, "role": "READER"},
    ),
]


@pytest.mark.parametrize(("sent", "answered"), CREATED)
def test_create(world: World, sent: dict[str, Any], answered: dict[str, Any]) -> None:
    """A grantee's kind is inferred where it is absent; the name is the server's."""
    answer = grant(world, **sent)
    assert answer.status_code == 200, answer.text
    created = answer.json()
    name = created.pop("name")
    assert created == answered
    # the form that google-generativeai reads (section 6)
    assert re.fullmatch(rf"{MODEL}/permissions/[a-z0-9]+", name)
    assert world.call("GET", f"/v1beta/{name}").json() == {"name": name, **answered}


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"emailAddress": OTTO}, 400, "permission.role: role is not specified"),
    ({"emailAddress": OTTO, "role": "ROLE_UNSPECIFIED"}, 400, "role is not specified"),
    ({"emailAddress": OTTO, "role": 9}, 400, "permission.role"),
    ({"emailAddress": OTTO, "role": "OWNER"}, 400, "OWNER is given by transferOwnership only"),
    ({"role": "READER"}, 400, "permission.email_address: email address is not specified"),
    ({"granteeType": "USER", "role": "READER"}, 400, "email address is not specified"),
    ({"granteeType": "GROUP", "role": "READER"}, 400, "email address is not specified"),
    ({"granteeType": 9, "emailAddress": OTTO, "role": "READER"}, 400, "grantee_type"),
    ({"emailAddress": "otto", "role": "READER"}, 400, "invalid email address"),
    ({"emailAddress": "o t@example.com", "role": "READER"}, 400, "invalid email address"),
    (
        {"granteeType": "EVERYONE", "emailAddress": OTTO, "role": "READER"},
        400,
        "must not be set for grantee type EVERYONE",
    ),
    ({"granteeType": "EVERYONE", "role": "WRITER"}, 400, "EVERYONE can only be a READER"),
    ({"emailAddress": RIA.upper(), "role": "WRITER"}, 409, f"{RIA} on {MODEL} already exists"),
    ({"emailAddress": ANN, "role": "READER"}, 409, "already exists"),
    ({"emailAddress": TEAM, "role": "READER"}, 409, "already exists"),
]


@pytest.mark.parametrize(("sent", "status", "text"), REFUSED)
def test_create_refused(world: World, sent: dict[str, Any], status: int, text: str) -> None:
    """What cannot be granted is refused, and nothing is written."""
    before = world.roles()
    answer = grant(world, **sent)
    assert (answer.status_code, text in answer.json()["error"]["message"]) == (status, True)
    assert world.roles() == before


def test_everyone_once(world: World) -> None:
    """There is one permission for everyone at most."""
    assert grant(world, granteeType="EVERYONE", role="READER").status_code == 200
    assert grant(world, granteeType="EVERYONE", role="READER").status_code == 409


# Who may do what with the permissions of a model.
@pytest.mark.parametrize(
    ("email", "may"), [(ANN, True), (WILL, True), (RIA, False), (GUS, False), (OTTO, False)]
)
def test_writers_share(world: World, email: str, may: bool) -> None:  # noqa: FBT001  # a table's column
    """Granting, changing and taking back take WRITER."""
    theirs = f"{PARENT}/p3"
    calls = [
        grant(world, email, emailAddress="new@example.com", role="WRITER"),
        world.call("PATCH", theirs, email, json={"role": "WRITER"}, updateMask="role"),
        world.call("DELETE", theirs, email),
    ]
    assert [answer.status_code for answer in calls] == ([200] * 3 if may else [403] * 3)


@pytest.mark.parametrize(
    ("email", "seen"),
    [
        (ANN, ["p1", "p2", "p3", "p4"]),
        (WILL, ["p1", "p2", "p3", "p4"]),
        (RIA, ["p3"]),
        (GUS, ["p4"]),
    ],
)
def test_list_and_get(world: World, email: str, seen: list[str]) -> None:
    """Writers see all permissions, others those that reach them, in the list and one by one."""
    listed = world.call("GET", PARENT, email).json()["permissions"]
    assert [p["name"].rpartition("/")[2] for p in listed] == seen
    for permission_id in ("p1", "p2", "p3", "p4"):
        status = world.call("GET", f"{PARENT}/{permission_id}", email).status_code
        assert status == (200 if permission_id in seen else 403)


def test_everyone_sees_that_it_is_everyones(world: World) -> None:
    """Who reads by EVERYONE sees that permission and no other."""
    world.share(MODEL, "", "READER", kind="EVERYONE")
    listed = world.call("GET", PARENT, OTTO).json()["permissions"]
    assert listed == [
        {"name": f"{MODEL}/permissions/p5", "granteeType": "EVERYONE", "role": "READER"}
    ]


def test_a_missing_one(world: World) -> None:
    """A writer is told that a permission does not exist, a reader only that it is not his."""
    assert world.call("GET", f"{PARENT}/p9", WILL).status_code == 404
    assert world.call("GET", f"{PARENT}/p9", RIA).status_code == 403
    assert world.call("DELETE", f"{PARENT}/p9").status_code == 404
    patch = world.call("PATCH", f"{PARENT}/p9", json={"role": "READER"}, updateMask="role")
    assert patch.status_code == 404


def test_pages(world: World) -> None:
    """Permissions come ten a page, oldest first."""
    for i in range(8):
        world.clock.advance(1)
        grant(world, emailAddress=f"n{i}@example.com", role="READER")
    first = world.call("GET", PARENT).json()
    assert len(first["permissions"]) == 10
    second = world.call("GET", PARENT, pageToken=first["nextPageToken"]).json()
    assert [p["emailAddress"] for p in second["permissions"]] == [
        "n6@example.com",
        "n7@example.com",
    ]


def test_patch(world: World) -> None:
    """Only the role changes, though the whole permission is sent (section 12)."""
    body = {"name": "x", "granteeType": 2, "emailAddress": "x@y.example", "role": 2}
    answer = world.call("PATCH", f"{PARENT}/p3", json=body, updateMask="role")
    assert answer.json() == {
        "name": f"{MODEL}/permissions/p3",
        "granteeType": "USER",
        "emailAddress": RIA,
        "role": "WRITER",
    }
    assert world.roles()[RIA] == "WRITER"


PATCHES: list[tuple[str, dict[str, str], dict[str, Any], str]] = [
    ("p3", {}, {"role": "WRITER"}, "update_mask: must name role and nothing else"),
    ("p3", {"updateMask": "*"}, {"role": "WRITER"}, "update_mask"),
    ("p3", {"updateMask": "role,emailAddress"}, {"role": "WRITER"}, "update_mask"),
    ("p3", {"updateMask": "role"}, {}, "role is not specified"),
    ("p3", {"updateMask": "role"}, {"role": "OWNER"}, "OWNER is given by transferOwnership only"),
    ("p1", {"updateMask": "role"}, {"role": "READER"}, "The owner's permission cannot be changed"),
    ("p5", {"updateMask": "role"}, {"role": "WRITER"}, "EVERYONE can only be a READER"),
]


@pytest.mark.parametrize(("permission_id", "params", "body", "text"), PATCHES)
def test_patch_refused(
    world: World, permission_id: str, params: dict[str, str], body: dict[str, Any], text: str
) -> None:
    """The mask is required and names the role; the owner's permission stands."""
    world.share(MODEL, "", "READER", kind="EVERYONE")
    before = world.roles()
    answer = world.call("PATCH", f"{PARENT}/{permission_id}", json=body, **params)
    assert answer.status_code == 400
    assert text in answer.json()["error"]["message"]
    assert world.roles() == before


def test_the_owner_cannot_be_removed(world: World) -> None:
    """Not even by the owner: a model without one could never be shared again."""
    for email in (ANN, WILL):
        answer = world.call("DELETE", f"{PARENT}/p1", email)
        assert answer.status_code == 400
        assert answer.json()["error"]["status"] == "FAILED_PRECONDITION"
    assert world.roles()[ANN] == "OWNER"


def test_delete_ends_access(world: World) -> None:
    """A permission taken back is gone with the next call."""
    assert world.call("GET", f"/v1beta/{MODEL}", RIA).status_code == 200
    answer = world.call("DELETE", f"{PARENT}/p3")
    assert (answer.status_code, answer.json()) == (200, {})
    assert world.call("GET", f"/v1beta/{MODEL}", RIA).status_code == 403
