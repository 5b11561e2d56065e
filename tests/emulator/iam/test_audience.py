from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.iam.audience import Exclusion, exclusion, is_tester
from gemauth.emulator.storage.records import Account, ConsentScreen, Project, TestUser
from tests.emulator.authserver.room import Room

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def room() -> Iterator[Room]:
    """One app, Ada who is a tester and Bob who is not."""
    room = Room()
    yield room
    room.close()


def _excluded(room: Room, account: Account) -> Exclusion | None:
    with room.context.store.read() as tx:
        project, screen = tx.get(Project, "demo"), tx.get(ConsentScreen, "demo")
        assert project is not None
        assert screen is not None
        return exclusion(tx, project, screen, account)


def test_testing_admits_testers_only(room: Room) -> None:
    """An External app in Testing is open to its test users and nobody else (section 1.3)."""
    assert _excluded(room, room.ada) is None
    assert _excluded(room, room.bob) is Exclusion.NOT_A_TESTER


def test_a_removed_tester_is_none(room: Room) -> None:
    """A removed test user still counts towards the 100 but cannot sign in (section 3)."""
    room.change(TestUser, "demo", "ada@example.com", removed_at=1.0)
    assert _excluded(room, room.ada) is Exclusion.NOT_A_TESTER
    with room.context.store.read() as tx:
        assert not is_tester(tx, "demo", "ada@example.com")


def test_production_admits_everybody(room: Room) -> None:
    """In production an External app has no list."""
    room.change(ConsentScreen, "demo", publishing_status="production")
    assert _excluded(room, room.bob) is None


def test_internal_admits_its_organization(room: Room) -> None:
    """An Internal app is open to the accounts of the project's organization (section 1.3)."""
    room.change(ConsentScreen, "demo", user_type="internal", publishing_status="production")
    assert _excluded(room, room.bob) is None
    assert _excluded(room, room.ada) is Exclusion.OTHER_ORGANIZATION


def test_internal_without_an_organization_admits_nobody(room: Room) -> None:
    """Two accounts without a domain are not one organization."""
    room.change(ConsentScreen, "demo", user_type="internal")
    room.change(Project, "demo", organization=None)
    assert _excluded(room, room.ada) is Exclusion.OTHER_ORGANIZATION
