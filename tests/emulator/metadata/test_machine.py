from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gemauth.emulator.metadata.machine import running
from gemauth.emulator.storage.records import MetadataServer, Project, ServiceAccount
from tests.emulator.conftest import ROBOT, ROBOT_ID

if TYPE_CHECKING:
    from tests.emulator.metadata.conftest import Room


def test_there_is_one_where_it_was_set(room: Room) -> None:
    """The machine has a project, an account, and an id that stays."""
    with room.read() as tx:
        machine, again = running(tx), running(tx)
    assert machine is not None
    assert again is not None
    assert machine.account is not None
    assert machine.account.email == ROBOT
    assert machine.instance_id == again.instance_id
    assert len(str(machine.instance_id)) == 19


def test_there_is_none(room: Room) -> None:
    """Without a setting, or with a project that is deleted, there is no machine."""
    room.change(Project, "demo-project", state="DELETE_REQUESTED")
    with room.read() as tx:
        assert running(tx) is None
    room.remove(MetadataServer, "default")
    with room.read() as tx:
        assert running(tx) is None


def test_an_account_that_is_no_longer_fit(room: Room) -> None:
    """A disabled, deleted or missing account is not attached; the machine stays."""
    (account,) = room.all(ServiceAccount)
    for state in (replace(account, disabled=True), replace(account, deleted_at=1.0)):
        with room.write() as tx:
            tx.replace(state)
        with room.read() as tx:
            machine = running(tx)
        assert machine is not None
        assert machine.account is None
    room.remove(ServiceAccount, ROBOT_ID)
    with room.read() as tx:
        machine = running(tx)
    assert machine is not None
    assert machine.account is None
