"""The OAuth consent screen of a project and its test users (google-oauth.md section 3).

A project has one consent screen; whoever signs in to one of its clients sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gemauth.clock import rfc3339
from gemauth.emulator.control.document import invalid
from gemauth.emulator.control.endpoint import Answer, not_found, precondition
from gemauth.emulator.storage.records import ConsentScreen, TestUser
from gemauth.errors import UsageError
from gemauth.google import scopes
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from gemauth.emulator.control.document import Members
    from gemauth.emulator.storage.records import Project
    from gemauth.emulator.storage.store import Transaction

__all__ = [
    "NewConsentScreen",
    "add_test_user",
    "configure",
    "consent_screen_json",
    "find_consent_screen",
    "remove_test_user",
    "test_users_json",
]

TEST_USER_LIMIT = 100
"""Test users over the life of a project."""


@dataclass(frozen=True, slots=True)
class NewConsentScreen:
    """A consent screen's settings."""

    user_type: str
    publishing_status: str
    app_name: str
    support_email: str
    scopes: tuple[str, ...]

    @classmethod
    def read(cls, body: Members) -> NewConsentScreen:
        """Read `userType`, `publishingStatus`, `appName`, `supportEmail` and `scopes`."""
        declared = body.texts("scopes")
        try:
            declared = scopes.expand(declared)
        except UsageError as error:
            body.wrong("scopes", str(error).replace("\n", " "))
        return cls(
            body.choice("userType", ("external", "internal"), default="external"),
            body.choice("publishingStatus", ("testing", "production"), default="testing"),
            body.text("appName", most=120),
            body.email("supportEmail"),
            declared,
        )


def configure(tx: Transaction, project: Project, wanted: NewConsentScreen) -> ConsentScreen:
    """Set a project's consent screen.

    Raises:
        StatusError: INVALID_ARGUMENT: an Internal app in a project without an organization.
    """
    if wanted.user_type == "internal" and project.organization is None:
        raise invalid(
            "userType",
            f"can be internal only in a project of a Workspace organization, and "
            f"{project.project_id} has none",
        )
    screen = ConsentScreen(
        project.project_id,
        wanted.user_type,
        # Google knows no Testing for Internal apps: they are there for the whole organization.
        "production" if wanted.user_type == "internal" else wanted.publishing_status,
        wanted.app_name,
        wanted.support_email,
        wanted.scopes,
    )
    if tx.get(ConsentScreen, project.project_id) is None:
        tx.add(screen)
    else:
        tx.replace(screen)
    return screen


def find_consent_screen(tx: Transaction, project: Project) -> ConsentScreen:
    """Return a project's consent screen.

    Raises:
        StatusError: FAILED_PRECONDITION if none was configured.
    """
    screen = tx.get(ConsentScreen, project.project_id)
    if screen is None:
        raise precondition(
            f"The OAuth consent screen of {project.project_id} is not configured. Configure it: "
            f"gemauth emulator consent-screen set {project.project_id} --app-name … "
            "--support-email …"
        )
    return screen


def consent_screen_json(screen: ConsentScreen) -> Answer:
    """Return a consent screen as the control API shows one."""
    return {
        "projectId": screen.project_id,
        "userType": screen.user_type,
        "publishingStatus": screen.publishing_status,
        "appName": screen.app_name,
        "supportEmail": screen.support_email,
        "scopes": list(screen.scopes),
    }


def add_test_user(tx: Transaction, now: float, project: Project, email: str) -> bool:
    """Make an address a tester; whether it was none before.

    Raises:
        StatusError: FAILED_PRECONDITION without a consent screen, RESOURCE_EXHAUSTED past the 100.
    """
    find_consent_screen(tx, project)
    before = tx.get(TestUser, project.project_id, email)
    if before is not None:
        if before.removed_at is None:
            return False
        tx.replace(replace(before, added_at=now, removed_at=None))
        return True
    if len(tx.find(TestUser, project_id=project.project_id)) >= TEST_USER_LIMIT:
        text = (
            f"{project.project_id} has had {TEST_USER_LIMIT} test users; removed ones count, "
            "for the life of the project."
        )
        raise StatusError(Status(Code.RESOURCE_EXHAUSTED, text))
    tx.add(TestUser(project.project_id, email, now, None))
    return True


def remove_test_user(tx: Transaction, now: float, project: Project, email: str) -> Answer:
    """Take an address from the testers; it still counts towards the limit.

    Raises:
        StatusError: NOT_FOUND.
    """
    user = tx.get(TestUser, project.project_id, email.lower())
    if user is None or user.removed_at is not None:
        raise not_found(f"{email} is no test user of {project.project_id}.")
    tx.replace(replace(user, removed_at=now))
    return test_users_json(tx, project)


def test_users_json(tx: Transaction, project: Project) -> Answer:
    """Return the testers, and how many of the 100 are used up."""
    users = tx.find(TestUser, project_id=project.project_id)
    return {
        "testUsers": [
            {"email": user.email, "addTime": rfc3339(user.added_at)}
            for user in users
            if user.removed_at is None
        ],
        "used": len(users),
        "limit": TEST_USER_LIMIT,
    }
