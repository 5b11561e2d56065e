from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.emulator.storage.records import RECORDS
from tools.control_api import PAGE

if TYPE_CHECKING:
    from tests.emulator.control.conftest import Room

SECRET = "GOCSPX-emu-" + "s" * 43
CLIENT_ID = "123456789012-emu0123456789abcdef.apps.googleusercontent.com"
KEY = "AIzaEmu" + "k" * 32


def documented() -> dict[str, Any]:
    """Return the seed that the documentation shows."""
    found = re.search(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    seed: dict[str, Any] = json.loads(found[1])
    return seed


def everything(room: Room) -> dict[str, list[Any]]:
    """Return every record that an emulator keeps."""
    with room.context.store.read() as tx:
        return {kind.TABLE: tx.find(kind) for kind in RECORDS}


def test_the_documented_seed_sets_up_a_whole_emulator(room: Room) -> None:
    """The page's seed makes all of its parts, and answers the new secrets"""
    answer = room.do("POST", "/seed", documented())
    assert len(answer["created"]) == 8
    assert [list(c["file"]) for c in answer["clients"]] == [["installed"], ["web"]]
    assert answer["apiKeys"][0]["key"].startswith("AIzaEmu")
    assert len(room.do("GET", "/projects/my-project/test-users")["testUsers"]) == 2
    assert room.do("GET", "/projects/my-project/iam")["bindings"] == [
        {"role": "roles/owner", "members": ["user:ada@example.com"]},
        {"role": "roles/viewer", "members": ["group:readers@example.com"]},
    ]
    assert room.do("GET", "/tuned-models")["tunedModels"][0]["owners"] == ["ada@example.com"]


def test_a_seed_applied_twice_changes_nothing(room: Room) -> None:
    """The second time nothing is created and every record stays as it was"""
    room.do("POST", "/seed", documented())
    before = everything(room)
    room.clock.advance(3600)
    answer = room.do("POST", "/seed", documented())
    assert answer == {"created": [], "clients": [], "apiKeys": []}
    assert everything(room) == before


def test_a_seed_changes_what_it_declares_otherwise(room: Room) -> None:
    """Names, members, settings, redirect URIs and a model's members follow the document"""
    room.do("POST", "/seed", documented())
    seed = documented()
    seed["accounts"][0]["name"] = "Ada King"
    seed["groups"][0]["members"].append("ada@example.com")
    project = seed["projects"][0]
    project["name"] = "Renamed"
    project["owner"] = "grace@example.com"
    project["services"].append("iam")
    project["consentScreen"]["publishingStatus"] = "production"
    project["clients"][1]["redirectUris"] = ["https://app.example.com/"]
    project["clients"][0]["clientSecret"] = SECRET
    seed["tunedModels"][0]["resource"]["description"] = "Now described"
    assert room.do("POST", "/seed", seed)["created"] == []
    assert room.do("GET", "/accounts/ada@example.com")["name"] == "Ada King"
    assert len(room.do("GET", "/groups/readers@example.com")["members"]) == 2
    assert room.do("GET", "/projects/my-project")["name"] == "Renamed"
    bindings = room.do("GET", "/projects/my-project/iam")["bindings"]
    assert bindings[0]["members"] == ["user:ada@example.com", "user:grace@example.com"]
    screen = room.do("GET", "/projects/my-project/consent-screen")
    assert screen["publishingStatus"] == "production"
    clients = room.do("GET", "/projects/my-project/clients")["clients"]
    assert {c["name"]: (c["redirectUris"], len(c["secrets"])) for c in clients} == {
        "cli": ([], 2),
        "site": (["https://app.example.com/"], 1),
    }
    (model,) = room.do("GET", "/tuned-models")["tunedModels"]
    assert model["resource"]["description"] == "Now described"
    assert model["resource"]["displayName"] == "My model"


def test_ids_and_secrets_may_be_fixed(room: Room) -> None:
    """A fixed client id, secret and key are the ones that a new emulator has"""
    seed = documented()
    seed["projects"][0]["clients"][0] |= {"clientId": CLIENT_ID, "clientSecret": SECRET}
    seed["projects"][0]["apiKeys"][0]["key"] = KEY
    answer = room.do("POST", "/seed", seed)
    assert answer["clients"][0]["file"]["installed"]["client_id"] == CLIENT_ID
    assert answer["clients"][0]["file"]["installed"]["client_secret"] == SECRET
    assert answer["apiKeys"][0]["key"] == KEY
    assert room.do("POST", "/seed", seed)["created"] == []


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("accounts", 1, "email"), "grace", "accounts[1].email: must be an e-mail address"),
        (("accounts", 0, "nmae"), "x", "accounts[0].nmae: is not known here"),
        (("groups", 0, "members", 0), 1, "groups[0].members[0]: must be an e-mail address"),
        (("projects", 0, "projectId"), None, "projects[0].projectId: is required"),
        (("projects", 0, "projectId"), "x", "projects[0]: project_id must be 6 to 30"),
        (("projects", 0, "services", 0), "X", "projects[0].services[0]: must be like"),
        (("projects", 0, "consentScreen", "userType"), "x", "projects[0].consentScreen.userType"),
        (
            ("projects", 0, "consentScreen", "userType"),
            "internal",
            "projects[0].consentScreen: userType: can be internal only",
        ),
        (("projects", 0, "consentScreen", "x"), 1, "projects[0].consentScreen.x: is not known"),
        (("projects", 0, "consentScreen"), None, "projects[0].testUsers[0]: The OAuth consent"),
        (("projects", 0, "clients", 0, "kind"), "x", "projects[0].clients[0].kind"),
        (
            ("projects", 0, "clients", 0, "clientSecret"),
            "GOCSPX-real",
            "projects[0].clients[0].clientSecret: must be GOCSPX-emu-",
        ),
        (
            ("projects", 0, "clients", 0, "clientId"),
            "1-real.apps.googleusercontent.com",
            "projects[0].clients[0].clientId: must be like",
        ),
        (
            ("projects", 0, "clients", 1, "redirectUris", 0),
            "x",
            "projects[0].clients[1].redirectUris[0]: must be an absolute",
        ),
        (
            ("projects", 0, "iam", 0, "member"),
            "user:nobody@example.com",
            "projects[0].iam[0]: member: user:nobody@example.com does not exist",
        ),
        (("projects", 0, "apiKeys", 0, "key"), "AIzaReal", "projects[0].apiKeys[0].key"),
        (
            ("projects", 0, "apiKeys", 0, "key"),
            "AQ.emu-" + "a" * 43,
            "projects[0].apiKeys[0].key: must start with AQ.emu- if",
        ),
        (("tunedModels", 0, "owner"), "no@example.com", "tunedModels[0]: owner: no@example.com"),
        (("tunedModels", 0, "resource", "topK"), "x", "tunedModels[0].resource"),
        (("projects",), {}, "projects: must be a list"),
        (("extra",), 1, "extra: is not known here"),
    ],
)
def test_a_problem_is_named_with_its_path_and_nothing_is_kept(
    room: Room, path: tuple[Any, ...], value: Any, problem: str
) -> None:
    """Whatever is wrong, wherever it stands: its path is told, and the emulator stays empty"""
    seed = documented()
    place = seed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    before = everything(room)
    _, message = room.refused("POST", "/seed", seed)
    assert problem in message
    assert everything(room) == before


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("projects", 0, "clients", 0, "kind"), "web", "clients[0]: kind: the client 'cli' exists"),
        (("projects", 0, "clients", 0, "clientId"), CLIENT_ID, "clients[0]: clientId: the client"),
        (("tunedModels", 0, "owner"), "grace@example.com", "tunedModels[0]: owner:"),
        (("tunedModels", 0, "project"), "other-project", "tunedModels[0]: project:"),
    ],
)
def test_what_cannot_change_is_refused(
    room: Room, path: tuple[Any, ...], value: Any, problem: str
) -> None:
    """A client's kind and id, a model's owner and project are not changed by declaring others"""
    room.do("POST", "/projects", {"projectId": "other-project"})
    room.do("POST", "/seed", documented())
    seed = copy.deepcopy(documented())
    place: Any = seed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    before = everything(room)
    _, message = room.refused("POST", "/seed", seed)
    assert problem in message
    assert everything(room) == before


def test_secrets_stay_two(room: Room) -> None:
    """Declaring a third secret for a client is refused"""
    room.do("POST", "/seed", documented())
    seed = documented()
    for letter in "ab":
        seed["projects"][0]["clients"][0]["clientSecret"] = "GOCSPX-emu-" + letter * 43
        response = room.send("POST", "/seed", seed)
    assert response.json()["error"]["status"] == "FAILED_PRECONDITION"


def test_fixed_ids_and_keys_belong_to_one(room: Room) -> None:
    """A fixed client id or key that something else has is refused"""
    seed = documented()
    one, two = seed["projects"][0]["clients"]
    one["clientId"] = two["clientId"] = CLIENT_ID
    assert room.refused("POST", "/seed", seed)[0] == "ALREADY_EXISTS"
    seed = documented()
    seed["projects"][0]["apiKeys"] = [{"displayName": name, "key": KEY} for name in ("a", "b")]
    assert room.refused("POST", "/seed", seed)[0] == "ALREADY_EXISTS"
