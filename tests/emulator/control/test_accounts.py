from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.control.accounts import NewAccount, update_account
from gemauth.emulator.storage.records import Account

if TYPE_CHECKING:
    from tests.emulator.control.conftest import Room


def test_a_person_is_created_shown_listed_and_deleted(room: Room) -> None:
    """An account has a lower-case address, a name and a 21-digit sub; there is no password"""
    made = room.do("POST", "/accounts", {"email": "Ada@Example.com", "name": "Ada Lovelace"})
    assert made["email"] == "ada@example.com"
    assert made["name"] == "Ada Lovelace"
    assert len(made["sub"]) == 21
    assert made["createTime"] == "2026-01-01T00:00:00Z"
    assert "domain" not in made
    assert room.do("GET", "/accounts") == {"accounts": [made]}
    assert room.do("GET", "/accounts/ADA@example.com") == made
    room.do("DELETE", "/accounts/ada@example.com")
    assert room.refused("GET", "/accounts/ada@example.com")[0] == "NOT_FOUND"
    assert room.refused("DELETE", "/accounts/ada@example.com")[0] == "NOT_FOUND"


def test_a_new_person_does_not_inherit_a_deleted_ones_roles(room: Room) -> None:
    """A role stays with the `sub`, as `deleted:user:…?uid=…`, when its holder is deleted"""
    email = "ada@example.com"
    sub = room.do("POST", "/accounts", {"email": email})["sub"]
    room.do("POST", "/projects", {"projectId": "my-project", "owner": email})
    room.do("DELETE", f"/accounts/{email}")
    room.do("POST", "/accounts", {"email": email})
    (owner,) = room.do("GET", "/projects/my-project/iam")["bindings"]
    assert owner["members"] == [f"deleted:user:{email}?uid={sub}"]


def test_a_workspace_account_has_its_domain(room: Room) -> None:
    """A Workspace account's domain is its address's; gmail.com is no Workspace"""
    body = {"email": "ada@corp.example.com", "workspace": True}
    assert room.do("POST", "/accounts", body)["domain"] == "corp.example.com"
    status, message = room.refused(
        "POST", "/accounts", {"email": "ada@gmail.com", "workspace": True}
    )
    assert status == "INVALID_ARGUMENT"
    assert "gmail.com is no Workspace domain" in message


def test_an_address_is_one_principal(room: Room) -> None:
    """A person and a group cannot share an address, nor can two of either"""
    room.do("POST", "/accounts", {"email": "a@example.com"})
    room.do("POST", "/groups", {"email": "g@example.com"})
    for path in ("/accounts", "/groups"):
        for email in ("a@example.com", "g@example.com"):
            status, message = room.refused("POST", path, {"email": email})
            assert (status, message) == ("ALREADY_EXISTS", f"{email} exists already.")


def test_a_group_takes_members_and_lets_them_go(room: Room) -> None:
    """Members are put in and taken out by address; twice in is once in"""
    body = {"email": "team@example.com", "name": "Team", "members": ["a@example.com"]}
    assert room.do("POST", "/groups", body)["members"] == ["a@example.com"]
    for _ in range(2):
        group = room.do("PUT", "/groups/team@example.com/members/B@example.com")
    assert group["members"] == ["a@example.com", "b@example.com"]
    group = room.do("DELETE", "/groups/team@example.com/members/a@example.com")
    assert group == {"email": "team@example.com", "name": "Team", "members": ["b@example.com"]}
    assert room.do("GET", "/groups") == {"groups": [group]}
    path = "/groups/team@example.com/members/a@example.com"
    assert room.refused("DELETE", path)[0] == "NOT_FOUND"


def test_a_group_is_not_in_itself(room: Room) -> None:
    """A group cannot be its own member, and a member must be an address"""
    room.do("POST", "/groups", {"email": "team@example.com"})
    for member in ("team@example.com", "nonsense"):
        path = f"/groups/team@example.com/members/{member}"
        assert room.refused("PUT", path)[0] == "INVALID_ARGUMENT"


def test_a_deleted_group_is_in_no_other(room: Room) -> None:
    """Deleting a group deletes its memberships in both directions"""
    room.do("POST", "/groups", {"email": "inner@example.com", "members": ["a@example.com"]})
    room.do("POST", "/groups", {"email": "outer@example.com", "members": ["inner@example.com"]})
    room.do("DELETE", "/groups/inner@example.com")
    assert room.do("GET", "/groups/outer@example.com")["members"] == []
    assert room.refused("GET", "/groups/inner@example.com")[0] == "NOT_FOUND"


def test_a_seeds_name_replaces_the_one_that_is_there(lab: Room) -> None:
    """A person declared again with another name gets it; without a name keeps theirs"""
    with lab.context.store.write() as tx:
        account = tx.find(Account, email="ada@example.com")[0]
        same = update_account(tx, account, NewAccount("ada@example.com", "", workspace=False))
        assert same == account
        update_account(tx, account, NewAccount("ada@example.com", "Ada King", workspace=False))
        changed = tx.find(Account, email="ada@example.com")[0]
    assert (changed.name, changed.given_name, changed.family_name) == ("Ada King", "Ada", "King")
