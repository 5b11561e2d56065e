from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.emulator.settings import Settings
from gemauth.emulator.storage.records import Permission
from gemauth.emulator.storage.sqlite import SqliteStore
from tests.emulator.gemini.world import (
    ANN,
    GUS,
    MODEL,
    NUMBER,
    OTHER_NUMBER,
    OTHER_PROJECT,
    OTTO,
    RESOURCE,
    RIA,
    ROBOT,
    TEAM,
    WILL,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def get(world: World, name: str = MODEL) -> dict[str, Any]:
    """Return a tuned model as its owner reads it."""
    answer = world.call("GET", f"/v1beta/{name}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_get_shows_what_the_owner_set(world: World) -> None:
    """A tuned model is its record, with its name and times."""
    model = get(world)
    assert model["name"] == MODEL
    assert model["displayName"] == RESOURCE["displayName"]
    assert model["state"] == "ACTIVE"
    assert model["createTime"] == model["updateTime"] == "2026-01-01T00:00:01Z"
    assert model["tuningTask"]["startTime"] == "2026-01-01T00:00:02.649978713Z"


def test_training_data_is_never_answered(world: World) -> None:
    """google-generativeai breaks on trainingData and learningRateMultiplier (fact 8)."""
    listed = world.call("GET", "/v1beta/tunedModels").text
    patched = world.call("PATCH", f"/v1beta/{MODEL}", json={"description": "d"}).text
    for answer in (world.call("GET", f"/v1beta/{MODEL}").text, listed, patched):
        assert "batchSize" in answer
        assert "trainingData" not in answer
        assert "learningRateMultiplier" not in answer


def test_a_model_without_a_tuning_task_gets_none(world: World) -> None:
    """Hiding training data does not make an empty tuningTask."""
    world.add_model("tunedModels/bare", {"displayName": "Bare"}, {ANN: "OWNER"})
    assert "tuningTask" not in get(world, "tunedModels/bare")


def test_sampling_defaults_are_the_base_models(world: World) -> None:
    """Where the owner set none, temperature, topP and topK are the base model's (section 5)."""
    world.add_model("tunedModels/own", {**RESOURCE, "temperature": 0.25}, {ANN: "OWNER"})
    assert {k: get(world)[k] for k in ("temperature", "topP", "topK")} == {
        "temperature": 1,
        "topP": 0.95,
        "topK": 64,
    }
    assert get(world, "tunedModels/own")["temperature"] == 0.25


def test_a_model_tuned_from_a_tuned_model_names_both(world: World) -> None:
    """A tunedModelSource has to hold both names, or google-generativeai breaks (section 12)."""
    source = {"tunedModelSource": {"tunedModel": MODEL}}
    world.add_model("tunedModels/second", source, {ANN: "OWNER"})
    world.add_model(
        "tunedModels/orphan", {"tunedModelSource": {"tunedModel": "tunedModels/x"}}, {ANN: "OWNER"}
    )
    assert get(world, "tunedModels/second")["tunedModelSource"] == {
        "tunedModel": MODEL,
        "baseModel": RESOURCE["baseModel"],
    }
    assert "baseModel" not in get(world, "tunedModels/orphan")["tunedModelSource"]


# Who sees which of four models, by filter.
LISTS = [
    (ANN, "", ["mine", "open", "sentences-k3"]),
    (ANN, "owner:me", ["mine", "open", "sentences-k3"]),
    (ANN, "readers:everyone", ["open", "world"]),
    (ANN, "owner:me readers:everyone", ["open"]),
    (ANN, "translator", ["sentences-k3"]),
    (ANN, "TURNS around owner:me", ["sentences-k3"]),
    (WILL, "", ["sentences-k3"]),
    (WILL, "owner:me", []),
    (WILL, "writers:me", ["sentences-k3"]),
    (RIA, "writers:me", []),
    (RIA, "readers:me", ["sentences-k3"]),
    (GUS, "", ["sentences-k3"]),
    (OTTO, "", ["world"]),
    (OTTO, "owner:me", ["world"]),
    (OTTO, "readers:everyone", ["open", "world"]),
    (ROBOT, "", []),
]


@pytest.mark.parametrize(("email", "text", "names"), LISTS)
def test_list(world: World, email: str, text: str, names: list[str]) -> None:
    """A list shows what was shared with the caller; what is shared with all only if asked for."""
    world.add_model("tunedModels/mine", {"displayName": "Mine"}, {ANN: "OWNER"})
    world.add_model("tunedModels/open", {"displayName": "Open"}, {ANN: "OWNER"})
    world.add_model("tunedModels/world", {"displayName": "World"}, {OTTO: "OWNER"})
    for name in ("open", "world"):
        world.share(f"tunedModels/{name}", "", "READER", kind="EVERYONE")
    answer = world.call("GET", "/v1beta/tunedModels", email, filter=text)
    assert answer.status_code == 200
    listed = [m["name"].removeprefix("tunedModels/") for m in answer.json().get("tunedModels", [])]
    assert sorted(listed) == names


def test_a_long_list_asks_the_store_no_more_often(world: World) -> None:
    """The number of queries grows neither with the models nor with who may do what with them."""

    def queries() -> int:
        store = world.context.store
        assert isinstance(store, SqliteStore)
        seen: list[str] = []
        store._connection.set_trace_callback(seen.append)
        assert world.call("GET", "/v1beta/tunedModels", GUS).status_code == 200
        store._connection.set_trace_callback(None)
        return len(seen)

    few = queries()
    for i in range(30):
        name = f"tunedModels/m{i}"
        world.add_model(name, RESOURCE, {ANN: "OWNER", GUS: "WRITER"})
        world.share(name, TEAM, "READER", kind="GROUP")
        world.share(name, "", "READER", kind="EVERYONE")
    assert queries() == few


def test_pages_are_stable(world: World) -> None:
    """Ten models a page, oldest first; a deletion between two pages loses no other model."""
    for i in range(11):
        world.add_model(f"tunedModels/m{i:02}", {}, {ANN: "OWNER"})
    first = world.call("GET", "/v1beta/tunedModels").json()
    assert len(first["tunedModels"]) == 10
    last = first["tunedModels"][-1]["name"]
    assert world.call("DELETE", f"/v1beta/{last}").status_code == 200
    token = first["nextPageToken"]
    second = world.call("GET", "/v1beta/tunedModels", pageToken=token).json()
    assert [m["name"] for m in second["tunedModels"]] == ["tunedModels/m09", "tunedModels/m10"]
    assert "nextPageToken" not in second


@pytest.mark.parametrize(
    ("email", "params"), [(WILL, {}), (ANN, {"filter": "owner:me"})], ids=["caller", "filter"]
)
def test_a_page_token_is_its_lists(world: World, email: str, params: Mapping[str, str]) -> None:
    """A token of another caller's list, or of one with another filter, is refused (section 1)."""
    world.add_model("tunedModels/second", {}, {ANN: "OWNER", WILL: "READER"})
    token = world.call("GET", "/v1beta/tunedModels", pageSize="1").json()["nextPageToken"]
    answer = world.call(
        "GET", "/v1beta/tunedModels", email, pageSize="1", pageToken=token, **params
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


def test_delete_takes_the_permissions_along(world: World) -> None:
    """A model made anew under a deleted one's name is nobody's but its owner's."""
    answer = world.call("DELETE", f"/v1beta/{MODEL}")
    assert (answer.status_code, answer.json()) == (200, {})
    with world.context.store.read() as tx:
        assert tx.find(Permission, parent=MODEL) == []
    assert world.call("GET", f"/v1beta/{MODEL}").status_code == 404
    world.add_model(MODEL, RESOURCE, {OTTO: "OWNER"})
    assert world.call("GET", f"/v1beta/{MODEL}", RIA).status_code == 403


def test_reader_projects() -> None:
    """The readerProjectNumbers let the callers of other projects read (section 5)."""
    world = World(Settings(accept_standard_api_keys_on_tuned_models=True))
    path = f"/v1beta/{MODEL}"
    key = {"x-goog-api-key": world.key(OTHER_PROJECT)}
    assert world.call("GET", path, None, headers=key).status_code == 403
    patched = world.call("PATCH", path, json={"readerProjectNumbers": [OTHER_NUMBER]})
    assert patched.json()["readerProjectNumbers"] == [OTHER_NUMBER]
    assert world.call("GET", path, None, headers=key).status_code == 200
    assert world.call("DELETE", path, None, headers=key).status_code == 403
    assert NUMBER != OTHER_NUMBER
