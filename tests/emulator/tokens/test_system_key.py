from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from gemauth.emulator.storage.records import ServiceAccount, ServiceAccountKey
from gemauth.emulator.tokens import system_key
from tests.emulator.conftest import ROBOT_ID

if TYPE_CHECKING:
    from tests.emulator.conftest import Place


def account(place: Place) -> ServiceAccount:
    """The place's service account."""
    (found,) = place.all(ServiceAccount)
    assert isinstance(found, ServiceAccount)
    return found


def current(place: Place) -> ServiceAccountKey:
    """The key that signs now; made first where one is due."""
    robot = account(place)
    while True:
        try:
            with place.read() as tx:
                return system_key.current(tx, place.clock.now(), robot)
        except system_key.SystemKeyDueError as due:
            anyio.run(due.provide, place.context)


def test_due_when_there_is_none(place: Place) -> None:
    """A decision that needs a key raises what makes one; two makers make one"""
    robot = account(place)
    with place.read() as tx, pytest.raises(system_key.SystemKeyDueError) as caught:
        system_key.current(tx, place.clock.now(), robot)
    for _ in range(2):
        anyio.run(caught.value.provide, place.context)
    assert [key.key_id for key in place.all(ServiceAccountKey)] == [current(place).key_id]


def test_rotation(place: Place) -> None:
    """After a week another key signs; the first stays for its fortnight and is then deleted"""
    first = current(place)
    place.clock.advance(7 * 86400 - 1)
    assert current(place) == first
    place.clock.advance(1)
    second = current(place)
    assert [first, second] == place.all(ServiceAccountKey)
    place.clock.advance(7 * 86400)
    third = current(place)
    assert place.all(ServiceAccountKey) == [second, third]


def test_nothing_is_made_for_nobody(place: Place) -> None:
    """An account that went away while its key was made gets none"""
    due = system_key.SystemKeyDueError(ROBOT_ID)
    place.remove(ServiceAccount, ROBOT_ID)
    anyio.run(due.provide, place.context)
    assert place.all(ServiceAccountKey) == []
