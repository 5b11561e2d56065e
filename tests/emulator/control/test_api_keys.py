from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import ApiKey, ServiceAccount

if TYPE_CHECKING:
    from tests.emulator.control.conftest import Room

PATH = "/projects/my-project/api-keys"
ROBOT = "robot@my-project.iam.gserviceaccount.com"


def test_a_standard_key_is_shown_once(lab: Room) -> None:
    """A standard key names a project; only its digest is kept; deleted, it is gone"""
    made = lab.do("POST", PATH, {"displayName": "ci"})
    key = made.pop("key")
    assert key.startswith("AIzaEmu")
    assert len(key) == 39
    assert lab.do("GET", PATH) == {"apiKeys": [made]}
    with lab.context.store.read() as tx:
        record = tx.get(ApiKey, digest(key))
    assert record is not None
    assert record.service_account_id is None
    lab.do("DELETE", f"/api-keys/{made['uid']}")
    assert lab.do("GET", PATH) == {"apiKeys": []}
    assert lab.refused("DELETE", f"/api-keys/{made['uid']}")[0] == "NOT_FOUND"


def test_a_key_may_be_bound_to_a_service_account_of_the_project(lab: Room) -> None:
    """A bound key stands for a principal; the service account must live in the project"""
    body = {"displayName": "ci", "serviceAccount": ROBOT}
    assert lab.refused("POST", PATH, body)[0] == "INVALID_ARGUMENT"
    with lab.context.store.write() as tx:
        tx.add(
            ServiceAccount(
                "1" * 21,
                "my-project",
                ROBOT,
                "",
                "",
                disabled=False,
                deleted_at=None,
                etag="",
                created_at=0.0,
            )
        )
    made = lab.do("POST", PATH, body)
    assert made["key"].startswith("AQ.emu-")
    assert made["serviceAccount"] == ROBOT
