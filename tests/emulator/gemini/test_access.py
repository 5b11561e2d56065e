from __future__ import annotations

from typing import Any

import pytest

from gemauth.emulator.gemini.access import tuned_model_of
from gemauth.google.gemini.methods import METHODS
from gemauth.google.gemini.schema import schema
from tests.emulator.gemini.world import ANN, MODEL, OTTO, RIA, WILL, World

MESSAGE = schema("v1beta").message
CASES: list[tuple[str, dict[str, Any]]] = [
    ("GetTunedModel", {"name": "tunedModels/x"}),
    ("UpdateTunedModel", {"tuned_model": {"name": "tunedModels/x"}}),
    ("CreatePermission", {"parent": "tunedModels/x"}),
    ("GetPermission", {"name": "tunedModels/x/permissions/p"}),
    ("UpdatePermission", {"permission": {"name": "tunedModels/x/permissions/p"}}),
    ("TransferOwnership", {"name": "tunedModels/x"}),
]


@pytest.mark.parametrize(("rpc", "fields"), CASES)
def test_which_model_a_request_is_about(rpc: str, fields: dict[str, Any]) -> None:
    """The field that the path fills names the model, or something below it."""
    method = next(method for method in METHODS if method.name == rpc)
    assert tuned_model_of(method, MESSAGE(method.request)(**fields)) == "tunedModels/x"


# verb, path below the model, body → the statuses for owner, writer, reader and nobody
TABLE: list[tuple[str, str, dict[str, Any] | None, dict[str, str], tuple[int, int, int, int]]] = [
    ("GET", "", None, {}, (200, 200, 200, 403)),
    ("PATCH", "", {"description": "d"}, {}, (200, 200, 403, 403)),
    ("DELETE", "", None, {}, (200, 403, 403, 403)),
    ("POST", ":transferOwnership", {"emailAddress": ANN}, {}, (200, 403, 403, 403)),
    ("POST", "/permissions", {"emailAddress": OTTO, "role": 3}, {}, (200, 200, 403, 403)),
    ("GET", "/permissions", None, {}, (200, 200, 200, 403)),
    ("GET", "/permissions/p3", None, {}, (200, 200, 200, 403)),
    ("PATCH", "/permissions/p3", {"role": 2}, {"updateMask": "role"}, (200, 200, 403, 403)),
    ("DELETE", "/permissions/p3", None, {}, (200, 200, 403, 403)),
]


@pytest.mark.parametrize("index", range(4), ids=["owner", "writer", "reader", "nobody"])
@pytest.mark.parametrize(("verb", "path", "body", "params", "statuses"), TABLE)
def test_roles(
    world: World,
    verb: str,
    path: str,
    body: dict[str, Any] | None,
    params: dict[str, str],
    statuses: tuple[int, ...],
    index: int,
) -> None:
    """Each method takes the role that section 5 and 6 give it."""
    email = (ANN, WILL, RIA, OTTO)[index]
    answer = world.call(verb, f"/v1beta/{MODEL}{path}", email, json=body, **params)
    assert answer.status_code == statuses[index]


@pytest.mark.parametrize(("verb", "path", "body", "params", "_"), TABLE)
def test_a_missing_model(
    world: World,
    verb: str,
    path: str,
    body: dict[str, Any] | None,
    params: dict[str, str],
    _: object,
) -> None:
    """A model that nobody has is 404 to everybody."""
    answer = world.call(verb, f"/v1beta/tunedModels/none{path}", OTTO, json=body, **params)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "Tuned model tunedModels/none does not exist."
