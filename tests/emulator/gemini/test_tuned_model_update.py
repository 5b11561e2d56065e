from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.gemini.world import MODEL, RIA, WILL, World

PATH = f"/v1beta/{MODEL}"

# mask, body → what changed; None: the field is gone
CHANGES: list[tuple[str | None, dict[str, Any], dict[str, Any]]] = [
    (None, {"displayName": "New"}, {"displayName": "New"}),
    (None, {"display_name": "New"}, {"displayName": "New"}),
    (None, {"description": "d", "state": "FAILED", "baseModel": "models/x"}, {"description": "d"}),
    (None, {}, {}),
    ("displayName", {"displayName": "New", "description": "ignored"}, {"displayName": "New"}),
    ("display_name,description", {"displayName": "N"}, {"displayName": "N", "description": None}),
    ("temperature", {"temperature": 0.5}, {"temperature": 0.5}),
    ("temperature", {"temperature": 0}, {"temperature": 0}),
    ("topP,topK", {"topP": 0.5, "topK": 3}, {"topP": 0.5, "topK": 3}),
    ("readerProjectNumbers", {"readerProjectNumbers": ["7"]}, {"readerProjectNumbers": ["7"]}),
    ("*", {"displayName": "All"}, {"displayName": "All", "description": None}),
    ("displayName", {"name": "tunedModels/other", "displayName": "N"}, {"displayName": "N"}),
]


@pytest.mark.parametrize(("mask", "body", "changed"), CHANGES)
def test_mask(
    world: World, mask: str | None, body: dict[str, Any], changed: dict[str, Any]
) -> None:
    """A mask picks from the body; without one the body's fields are taken; `*` takes all."""
    before = world.call("GET", PATH).json()
    world.clock.advance(60)
    params = {} if mask is None else {"updateMask": mask}
    answer = world.call("PATCH", PATH, json=body, **params)
    assert answer.status_code == 200, answer.text
    expected = {**before, **changed, "updateTime": "2026-01-01T00:01:01Z"}
    assert answer.json() == {k: v for k, v in expected.items() if v is not None}
    assert world.call("GET", PATH).json() == answer.json()


def test_the_whole_current_object_with_a_mask(world: World) -> None:
    """google-generativeai sends back all that it read; only what the mask names counts."""
    current = world.call("GET", PATH).json()
    current["displayName"] = "Second name"
    current["state"] = 2  # GAPIC sends enums as integers
    answer = world.call("PATCH", PATH, json=current, updateMask="displayName,description")
    assert answer.status_code == 200, answer.text
    assert answer.json()["displayName"] == "Second name"
    assert answer.json()["createTime"] == current["createTime"]


def test_a_cleared_temperature_is_the_base_models_again(world: World) -> None:
    """A mask that names a field which the body lacks clears it; the default shows."""
    world.call("PATCH", PATH, json={"temperature": 0.1})
    answer = world.call("PATCH", PATH, json={}, updateMask="temperature")
    assert answer.json()["temperature"] == 1


REFUSED = [
    ({"updateMask": "state"}, {}, "update_mask: state cannot be updated"),
    ({"updateMask": "name"}, {}, "update_mask: name cannot be updated"),
    ({"updateMask": "tuningTask.hyperparameters"}, {}, "tuning_task.hyperparameters cannot be"),
    ({"updateMask": "colour"}, {}, "update_mask: colour is no field of TunedModel"),
    ({"updateMask": "displayName,*"}, {}, "update_mask: * is no field of TunedModel"),
    ({}, {"displayName": "x" * 41}, "tuned_model.display_name: must not have more than 40"),
    ({}, {"temperature": 1.5}, "tuned_model.temperature: must be from 0.0 to 1.0"),
    ({"updateMask": "temperature"}, {"temperature": -1}, "must be from 0.0 to 1.0"),
]


@pytest.mark.parametrize(("params", "body", "text"), REFUSED)
def test_refused(world: World, params: dict[str, str], body: dict[str, Any], text: str) -> None:
    """What cannot change, and values out of range, are 400, and nothing is written."""
    before = world.call("GET", PATH).json()
    answer = world.call("PATCH", PATH, json=body, **params)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("* UpdateTunedModelRequest.")
    assert text in answer.json()["error"]["message"]
    assert world.call("GET", PATH).json() == before


def test_forty_characters_fit(world: World) -> None:
    """The limit counts characters, and what is not masked is not measured."""
    assert world.call("PATCH", PATH, json={"displayName": "ü" * 40}).status_code == 200
    body = {"displayName": "x" * 41, "description": "d"}
    assert world.call("PATCH", PATH, json=body, updateMask="description").status_code == 200


def test_a_writer_may_a_reader_not(world: World) -> None:
    """Changing takes WRITER."""
    assert world.call("PATCH", PATH, WILL, json={"description": "w"}).status_code == 200
    assert world.call("PATCH", PATH, RIA, json={"description": "r"}).status_code == 403
