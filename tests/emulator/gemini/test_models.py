from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.gemini.models import base_models

if TYPE_CHECKING:
    from tests.emulator.gemini.world import World


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_list_in_every_version(world: World, version: str) -> None:
    """Every version lists every base model (gemini-api.md section 0, fact 4)."""
    answer = world.call("GET", f"/{version}/models").json()
    assert [model["name"] for model in answer["models"]] == list(base_models())
    assert "nextPageToken" not in answer


def test_pages_join_to_the_whole_list(world: World) -> None:
    """Following nextPageToken gives every model once, in the table's order."""
    names: list[str] = []
    token = ""
    while True:
        page = world.call("GET", "/v1beta/models", pageSize="4", pageToken=token).json()
        names += [model["name"] for model in page["models"]]
        assert len(page["models"]) <= 4
        token = page.get("nextPageToken", "")
        if not token:
            break
    assert names == list(base_models())


def test_get(world: World) -> None:
    """A model is answered as the list has it."""
    listed = world.call("GET", "/v1beta/models").json()["models"]
    assert [world.call("GET", f"/v1beta/{m['name']}").json() for m in listed] == listed


def test_table_can_be_tuned_embedded_and_asked() -> None:
    """The table has a model for each of the methods that people look for."""
    methods = {m for model in base_models().values() for m in model["supportedGenerationMethods"]}
    assert {
        "generateContent",
        "countTokens",
        "embedContent",
        "createTunedModel",
        "createCachedContent",
        "generateAnswer",
    } <= methods


def test_display_names_fit() -> None:
    """Display names have at most 128 characters (section 4), and names are keys."""
    for name, model in base_models().items():
        assert name == model["name"]
        assert name.startswith("models/")
        assert len(model["displayName"]) <= 128
