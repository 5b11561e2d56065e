"""A project with people, a group, a service account and their tokens, in memory."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.context import Context
from gemauth.emulator.iam import first_party, policy
from gemauth.emulator.iam.projects import create_project
from gemauth.emulator.settings import Settings
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import (
    AccessToken,
    Account,
    EnabledService,
    Grant,
    Group,
    GroupMember,
    OAuthClient,
    ServiceAccount,
)
from gemauth.emulator.storage.sqlite import SqliteStore
from gemauth.emulator.tokens import shape
from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.scopes import CLOUD_PLATFORM, RETRIEVER, TUNING
from gemauth.testing.clock import FakeClock
from tests.emulator.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gemauth.emulator.storage.store import Transaction

CLIENT = "100000000001-emu0.apps.googleusercontent.com"
ROBOT = "robot1@demo-project.iam.gserviceaccount.com"


class Place:
    """One emulator's state and the verbs that tests set it up with."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.context = Context(Settings(), SqliteStore(None), self.clock, secrets.token_bytes)
        now = self.clock.now()
        with self.write() as tx:
            first_party.install(tx, now)
            create_project(
                tx,
                now,
                secrets.token_bytes,
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
                    f"1{9:020}",
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

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a writing transaction."""
        with self.context.store.write() as tx:
            yield tx

    def token(
        self,
        email: str,
        *scopes: str,
        client_id: str = CLIENT,
    ) -> str:
        """Give a person, or the service account, an access token."""
        now = self.clock.now()
        with self.write() as tx:
            accounts = tx.find(Account, email=email)
            if not accounts:
                text = shape.service_account_access_token(secrets.token_bytes)
                subject, grant_id, client = f"1{9:020}", None, None
            else:
                text = shape.access_token(secrets.token_bytes)
                subject, grant_id, client = accounts[0].sub, secrets.token_hex(8), client_id
                tx.add(Grant(grant_id, subject, client_id, scopes, now, None))
            tx.add(
                AccessToken(
                    digest(text),
                    subject,
                    grant_id,
                    client,
                    scopes or (CLOUD_PLATFORM, TUNING, RETRIEVER),
                    offline=True,
                    issued_at=now,
                    expires_at=now + 3599,
                )
            )
        return text

    def grant(self, role: str, member: str, resource: str = "projects/demo-project") -> None:
        """Give a member a role."""
        with self.write() as tx:
            policy.grant_role(tx, resource, role, member)


@pytest.fixture
def place() -> Iterator[Place]:
    """One emulator's state."""
    place = Place()
    yield place
    place.context.store.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    """The token half of an authorization server."""
    desk = Desk()
    yield desk
    desk.context.store.close()
