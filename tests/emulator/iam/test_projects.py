"""Projects: their ids, numbers and defaults."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.iam import projects
from gemauth.emulator.iam.policy import has_permission
from gemauth.emulator.storage.records import EnabledService
from gemauth.google.status import Code, StatusError

if TYPE_CHECKING:
    from tests.emulator.conftest import Place


@pytest.mark.parametrize(
    "project_id", ["short", "1starts-with-digit", "ends-with-", "Upper-case", "x" * 31, ""]
)
def test_an_id_out_of_form_is_refused(place: Place, project_id: str) -> None:
    """6 to 30 characters, a letter first, no hyphen last (google-oauth.md section 3)."""
    with place.write() as tx, pytest.raises(StatusError) as caught:
        projects.create_project(tx, 0.0, secrets.token_bytes, project_id=project_id)
    assert caught.value.status.code is Code.INVALID_ARGUMENT


def test_an_id_is_never_given_twice(place: Place) -> None:
    """Not even after its project was deleted."""
    with place.write() as tx:
        project = projects.find_project(tx, "demo-project")
        assert project is not None
        projects.delete_project(tx, project)
    with place.write() as tx, pytest.raises(StatusError) as caught:
        projects.create_project(tx, 0.0, secrets.token_bytes, project_id="demo-project")
    assert caught.value.status.code is Code.ALREADY_EXISTS


def test_a_new_project_has_a_number_default_services_and_an_owner(place: Place) -> None:
    """The number has 12 digits; the Gemini API is not among what is on."""
    with place.write() as tx:
        project = projects.create_project(
            tx, 0.0, secrets.token_bytes, project_id="second-one", owner="user:guest@example.com"
        )
        services = {on.service for on in tx.find(EnabledService, project_id="second-one")}
        owns = has_permission(
            tx, "guest@example.com", "resourcemanager.projects.delete", "projects/second-one"
        )
    assert len(project.number) == 12
    assert services == set(projects.DEFAULT_SERVICES)
    assert owns


@pytest.mark.parametrize(
    ("email", "member"),
    [
        ("a@example.com", "user:a@example.com"),
        ("r@p.iam.gserviceaccount.com", "serviceAccount:r@p.iam.gserviceaccount.com"),
    ],
)
def test_an_email_makes_a_policy_member(email: str, member: str) -> None:
    """Service accounts are told by their domain."""
    assert projects.member(email) == member
