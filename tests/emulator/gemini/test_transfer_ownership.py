from __future__ import annotations

import pytest

from tests.emulator.gemini.world import ANN, GUS, MODEL, OTTO, RIA, TEAM, WILL, World

PATH = f"/v1beta/{MODEL}:transferOwnership"


@pytest.mark.parametrize("new", [WILL, RIA, GUS, OTTO])
def test_transfer(world: World, new: str) -> None:
    """The new owner owns, whatever he had; the old one may still write."""
    others = {k: v for k, v in world.roles().items() if k not in {ANN, new}}
    answer = world.call("POST", PATH, json={"emailAddress": new.upper()})
    assert (answer.status_code, answer.json()) == (200, {})
    assert world.roles() == {**others, ANN: "WRITER", new: "OWNER"}
    assert world.call("DELETE", f"/v1beta/{MODEL}", ANN).status_code == 403
    assert world.call("DELETE", f"/v1beta/{MODEL}", new).status_code == 200


def test_to_oneself(world: World) -> None:
    """A transfer to the owner changes nothing."""
    before = world.roles()
    assert world.call("POST", PATH, json={"email_address": ANN}).status_code == 200
    assert world.roles() == before


@pytest.mark.parametrize("email", [WILL, RIA, GUS, OTTO])
def test_only_the_owner(world: World, email: str) -> None:
    """Others are told that it takes the owner (section 5)."""
    answer = world.call("POST", PATH, email, json={"emailAddress": email})
    assert answer.status_code == 403
    assert answer.json()["error"]["message"] == (
        "You need to be the owner of the resource to transfer ownership"
    )
    assert world.roles()[ANN] == "OWNER"


@pytest.mark.parametrize("body", [{}, {"emailAddress": ""}, {"emailAddress": "nobody"}])
def test_an_address_is_needed(world: World, body: dict[str, str]) -> None:
    """Without an address there is nobody to transfer to."""
    answer = world.call("POST", PATH, json=body)
    assert answer.status_code == 400
    assert "TransferOwnershipRequest.email_address" in answer.json()["error"]["message"]


def test_to_a_groups_address(world: World) -> None:
    """An address that has a GROUP permission keeps it: the new owner is a user."""
    assert world.call("POST", PATH, json={"emailAddress": TEAM}).status_code == 200
    listed = world.call("GET", f"/v1beta/{MODEL}/permissions", ANN).json()["permissions"]
    assert sorted((p["granteeType"], p["role"]) for p in listed if p["emailAddress"] == TEAM) == [
        ("GROUP", "READER"),
        ("USER", "OWNER"),
    ]
