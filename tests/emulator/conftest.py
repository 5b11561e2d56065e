"""A project with people, a group, a service account and their tokens, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.iam import first_party, policy
from gemauth.emulator.iam.projects import create_project
from gemauth.emulator.storage.records import (
    Account,
    EnabledService,
    Grant,
    Group,
    GroupMember,
    OAuthClient,
    ServiceAccount,
)
from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.scopes import CLOUD_PLATFORM, RETRIEVER, TUNING
from tests.emulator.desk import Desk
from tests.emulator.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT = "100000000001-emu0.apps.googleusercontent.com"
ROBOT = "robot1@demo-project.iam.gserviceaccount.com"
ROBOT_ID = f"1{9:020}"
SCOPES = (CLOUD_PLATFORM, TUNING, RETRIEVER)


class Place(State):
    """One emulator's state and the verbs that tests set it up with."""

    def __init__(self) -> None:
        super().__init__()
        now = self.clock.now()
        with self.write() as tx:
            first_party.install(tx, now)
            create_project(
                tx,
                now,
                self.entropy,
                project_id="demo-project",
                owner="user:owner@example.com",
            )
            for service in (
                GEMINI_SERVICE,
                "iam.googleapis.com",
                "cloudresourcemanager.googleapis.com",
            ):
                tx.add(EnabledService("demo-project", service))
            tx.add(OAuthClient(CLIENT, "demo-project", "desktop", "Desktop", (), "active", now))
            for number, email in enumerate(("owner@example.com", "guest@example.com")):
                domain = "example.com" if number == 0 else None
                tx.add(Account(f"1{number:020}", email, email, "", "", domain, now))
            tx.add(Group("team@example.com", "Team"))
            tx.add(Group("inner@example.com", "Inner"))
            tx.add(GroupMember("inner@example.com", "guest@example.com"))
            tx.add(GroupMember("team@example.com", "inner@example.com"))
            tx.add(
                ServiceAccount(
                    ROBOT_ID,
                    "demo-project",
                    ROBOT,
                    "",
                    "",
                    disabled=False,
                    deleted_at=None,
                    etag="e",
                    created_at=now,
                )
            )

    def token(self, email: str, *scopes: str, client_id: str = CLIENT) -> str:
        """Give a person, or the service account, an access token."""
        accounts = [account for account in self.all(Account) if account.email == email]
        if not accounts:
            return self.access_token(ROBOT_ID, scopes or SCOPES)
        grant_id, sub = self.entropy(8).hex(), accounts[0].sub
        self.add(Grant(grant_id, sub, client_id, scopes, self.clock.now(), None))
        return self.access_token(sub, scopes or SCOPES, grant=(grant_id, client_id))

    def grant(self, role: str, member: str, resource: str = "projects/demo-project") -> None:
        """Give a member a role."""
        with self.write() as tx:
            policy.grant_role(tx, resource, role, member)


@pytest.fixture
def place() -> Iterator[Place]:
    """One emulator's state."""
    place = Place()
    yield place
    place.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    """The token half of an authorization server."""
    desk = Desk()
    yield desk
    desk.close()
