"""Who holds which permission, through which member name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.iam import policy
from gemauth.emulator.iam.roles import PERMISSIONS, ROLES

if TYPE_CHECKING:
    from tests.emulator.conftest import Place

PROJECT = "projects/demo-project"
ROBOT = f"{PROJECT}/serviceAccounts/robot1@demo-project.iam.gserviceaccount.com"
USE = "serviceusage.services.use"


def holds(place: Place, email: str, permission: str, resource: str = PROJECT) -> bool:
    """Whether an e-mail's owner holds a permission."""
    with place.context.store.read() as tx:
        return policy.has_permission(tx, email, permission, resource)


@pytest.mark.parametrize(
    "member",
    [
        "user:guest@example.com",
        "user:Guest@Example.com",
        "group:inner@example.com",
        "group:team@example.com",
        "allAuthenticatedUsers",
        "allUsers",
    ],
)
def test_a_member_name_stands_for_a_person(place: Place, member: str) -> None:
    """By e-mail without case, by a group, by a group in a group, or as anybody."""
    assert not holds(place, "guest@example.com", USE)
    place.grant("roles/serviceusage.serviceUsageConsumer", member)
    assert holds(place, "guest@example.com", USE)


def test_a_domain_stands_for_its_workspace_accounts(place: Place) -> None:
    """`domain:` means accounts of the Workspace domain, not addresses that end in it."""
    place.grant("roles/iam.serviceAccountUser", "domain:example.com")
    assert holds(place, "owner@example.com", "iam.serviceAccounts.actAs")
    assert not holds(place, "guest@example.com", "iam.serviceAccounts.actAs")


def test_a_service_account_inherits_its_projects_policy(place: Place) -> None:
    """The owner of a project may use its accounts; the reverse does not hold."""
    assert holds(place, "owner@example.com", "iam.serviceAccounts.get", ROBOT)
    place.grant("roles/iam.serviceAccountTokenCreator", "user:guest@example.com", ROBOT)
    assert holds(place, "guest@example.com", "iam.serviceAccounts.getAccessToken", ROBOT)
    assert not holds(place, "guest@example.com", "iam.serviceAccounts.getAccessToken")


def test_a_role_taken_away_is_gone(place: Place) -> None:
    """revoke_role undoes grant_role, and a role without members falls away."""
    place.grant("roles/viewer", "user:guest@example.com")
    with place.write() as tx:
        after = policy.revoke_role(tx, PROJECT, "roles/viewer", "user:GUEST@example.com")
    assert "roles/viewer" not in after.bindings
    assert not holds(place, "guest@example.com", "resourcemanager.projects.get")


def test_the_etag_follows_the_bindings(place: Place) -> None:
    """The same bindings have the same etag, others another."""
    with place.write() as tx:
        first = policy.read(tx, PROJECT).etag
        changed = policy.grant_role(tx, PROJECT, "roles/viewer", "user:guest@example.com").etag
        back = policy.revoke_role(tx, PROJECT, "roles/viewer", "user:guest@example.com").etag
    assert first == back != changed


def test_an_owner_may_do_what_an_editor_may_and_an_editor_what_a_viewer_may() -> None:
    """The basic roles are concentric, and none holds an unknown permission."""
    assert ROLES["roles/viewer"] < ROLES["roles/editor"] < ROLES["roles/owner"] <= PERMISSIONS
