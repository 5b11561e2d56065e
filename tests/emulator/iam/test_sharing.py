"""Which role a caller has on a tuned model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.iam.admission import Caller
from gemauth.emulator.iam.sharing import granted_role, role_on
from gemauth.emulator.storage.records import Permission, Project, TunedModel
from gemauth.emulator.tokens.verify import Credential
from gemauth.google.gemini.method import Role

if TYPE_CHECKING:
    from tests.emulator.conftest import Place

MODEL = "tunedModels/poet"


def share(place: Place, kind: str, email: str, role: str) -> None:
    """Add one permission on the model."""
    with place.write() as tx:
        tx.add(Permission(MODEL, f"{kind}{email}".lower(), kind, email, role, 0.0))


@pytest.mark.parametrize(
    ("kind", "email", "expected"),
    [
        ("USER", "guest@example.com", Role.WRITER),
        ("GROUP", "inner@example.com", Role.WRITER),
        ("GROUP", "team@example.com", Role.WRITER),
        ("EVERYONE", "", Role.WRITER),
        ("USER", "owner@example.com", Role.NONE),
        ("GROUP", "guest@example.com", Role.NONE),
    ],
)
def test_a_permission_reaches_its_grantee(
    place: Place, kind: str, email: str, expected: Role
) -> None:
    """USER by e-mail, GROUP by membership at any depth, EVERYONE always."""
    share(place, kind, email, "WRITER")
    with place.context.store.read() as tx:
        assert granted_role(tx, MODEL, "guest@example.com") == expected


def test_the_highest_role_counts(place: Place) -> None:
    """A reader by everyone and a writer by group is a writer."""
    share(place, "EVERYONE", "", "READER")
    share(place, "GROUP", "team@example.com", "WRITER")
    with place.context.store.read() as tx:
        assert granted_role(tx, MODEL, "guest@example.com") == Role.WRITER
        assert granted_role(tx, MODEL, None) == Role.READER


def test_projects_may_read_and_a_key_owns_in_its_own_project(place: Place) -> None:
    """ReaderProjectNumbers lets a project's callers read; a standard key has no person to own."""
    with place.context.store.read() as tx:
        project = tx.get(Project, "demo-project")
    assert project is not None
    key = Caller(Credential("api_key", "uid", None, None, None, "demo-project", None), project)
    guest = Caller(
        Credential("user", "1", "guest@example.com", (), None, "demo-project", None), project
    )
    own = TunedModel(MODEL, project.number, {}, 0.0, 0.0)
    foreign = TunedModel(MODEL, "1", {"readerProjectNumbers": [project.number]}, 0.0, 0.0)
    with place.context.store.read() as tx:
        assert role_on(tx, own, key) == Role.OWNER
        assert role_on(tx, own, guest) == Role.NONE
        assert role_on(tx, foreign, key) == Role.READER
        assert role_on(tx, foreign, guest) == Role.READER
