from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.emulator.conftest import Desk


def test_projects_come_and_go(lab: Desk) -> None:
    """Create, list, get and delete a project"""
    made = lab.run(
        "projects", "create", "other-project", "--organization", "example.com", "--format", "json"
    ).json
    assert made["organization"] == "example.com"
    assert len(lab.run("projects", "list", "--format", "json").json) == 2
    assert "ids are never used twice" in lab.run("projects", "create", "my-project", code=4).err
    assert lab.run("projects", "get", "my-project", "--format", "json").json["state"] == "ACTIVE"
    lab.run("projects", "delete", "my-project")
    assert "DELETE_REQUESTED" in lab.run("projects", "get", "my-project").out


def test_apis_are_switched_on_and_off(lab: Desk) -> None:
    """Enable, list and disable an API, by its first part"""
    lab.run("services", "enable", "my-project", "generativelanguage")
    assert "generativelanguage.googleapis.com" in lab.run("services", "list", "my-project").out
    lab.run("services", "disable", "my-project", "generativelanguage")
    assert "generativelanguage" not in lab.run("services", "list", "my-project").out


def test_roles_are_given_and_taken(lab: Desk) -> None:
    """Add, list and remove a member of a role"""
    binding = ("my-project", "roles/viewer", "user:ada@example.com")
    assert "now holds roles/viewer" in lab.run("iam", "add", *binding).err
    assert "roles/viewer" in lab.run("iam", "list", "my-project").out
    lab.run("iam", "remove", *binding)
    assert "roles/viewer" not in lab.run("iam", "list", "my-project").out
