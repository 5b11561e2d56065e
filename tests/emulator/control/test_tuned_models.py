from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.emulator.storage.records import Permission, TunedModel

if TYPE_CHECKING:
    from tests.emulator.control.conftest import Room

BODY: dict[str, Any] = {"id": "my-model", "owner": "ada@example.com", "project": "my-project"}


def test_a_model_is_there_with_its_owner(lab: Room) -> None:
    """A new model is ACTIVE, on a tunable base model, and its owner holds OWNER"""
    made = lab.do("POST", "/tuned-models", BODY | {"resource": {"display_name": "Mine", "topK": 5}})
    assert made["name"] == "tunedModels/my-model"
    assert made["owners"] == ["ada@example.com"]
    assert made["roles"] == {"ada@example.com": "OWNER"}
    assert made["resource"]["displayName"] == "Mine"
    assert made["resource"]["topK"] == 5
    assert made["resource"]["state"] == "ACTIVE"
    assert made["resource"]["baseModel"].endswith("-tuning")
    assert lab.do("GET", "/tuned-models") == {"tunedModels": [made]}
    with lab.context.store.read() as tx:
        (permission,) = tx.find(Permission, parent="tunedModels/my-model")
        (model,) = tx.find(TunedModel)
    assert (permission.grantee_type, permission.role) == ("USER", "OWNER")
    assert permission.permission_id.isalnum()
    assert permission.permission_id == permission.permission_id.lower()
    assert model.project_number == lab.do("GET", "/projects/my-project")["projectNumber"]


@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ({"id": "Upper"}, "INVALID_ARGUMENT", "id"),
        ({"id": "tunedModels/"}, "INVALID_ARGUMENT", "id"),
        ({"id": "a" * 41}, "INVALID_ARGUMENT", "id"),
        ({"owner": "nobody@example.com"}, "INVALID_ARGUMENT", "owner"),
        ({"project": "nope"}, "NOT_FOUND", "nope"),
        ({"resource": {"nonsense": 1}}, "INVALID_ARGUMENT", "nonsense"),
        ({"resource": {"topK": "many"}}, "INVALID_ARGUMENT", "resource"),
        ({"resource": {"name": "tunedModels/x"}}, "INVALID_ARGUMENT", "resource.name"),
    ],
)
def test_wrong_models_are_refused(
    lab: Room, change: dict[str, Any], status: str, word: str
) -> None:
    """Ids, owners, projects and the API's own members are all checked"""
    found, message = lab.refused("POST", "/tuned-models", BODY | change)
    assert found == status
    assert word in message
    assert lab.do("GET", "/tuned-models") == {"tunedModels": []}


def test_a_model_is_deleted_with_its_permissions(lab: Room) -> None:
    """An id can be used again after deletion, and nothing of the old one is left"""
    lab.do("POST", "/tuned-models", BODY)
    assert lab.refused("POST", "/tuned-models", BODY)[0] == "ALREADY_EXISTS"
    lab.do("DELETE", "/tuned-models/my-model")
    assert lab.refused("DELETE", "/tuned-models/my-model")[0] == "NOT_FOUND"
    with lab.context.store.read() as tx:
        assert tx.find(Permission) == []
    lab.do("POST", "/tuned-models", BODY)
