from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.emulator.conftest import Desk


def test_accounts_come_and_go(desk: Desk) -> None:
    """Create shows the account, list lists it, delete ends it"""
    made = desk.run(
        *("accounts", "create", "Ada@example.com", "--name", "Ada Lovelace", "--workspace"),
        *("--format", "json"),
    ).json
    assert (made["email"], made["domain"]) == ("ada@example.com", "example.com")
    assert "Ada Lovelace" in desk.run("accounts", "list").out
    assert "tokens no longer work" in desk.run("accounts", "delete", "ada@example.com").err
    assert desk.run("accounts", "list").err == "There are no accounts.\n"
    assert "There is no account" in desk.run("accounts", "delete", "ada@example.com", code=6).err


def test_groups_and_their_members(desk: Desk) -> None:
    """A group is made with members, and they come and go"""
    desk.run("groups", "create", "team@example.com", "--member", "a@example.com", "--name", "Team")
    desk.run("groups", "add", "team@example.com", "b@example.com")
    desk.run("groups", "remove", "team@example.com", "a@example.com")
    (group,) = desk.run("groups", "list", "--format", "json").json
    assert group == {"email": "team@example.com", "name": "Team", "members": ["b@example.com"]}
    desk.run("groups", "delete", "team@example.com")
    assert desk.run("groups", "list", "--format", "json").json == []
