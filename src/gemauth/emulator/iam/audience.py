"""Whom an app is open to: its testers, its organization, or everybody.

The console's "Audience" page; google-oauth.md sections 1.3 and 3. Asked when an account is chosen,
again at consent, by the token endpoint at every exchange (section 11.5), and by the control room.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from gemauth.emulator.storage.records import Account, ConsentScreen, Project, TestUser

if TYPE_CHECKING:
    from gemauth.emulator.storage.store import Transaction

__all__ = ["Exclusion", "exclusion", "is_tester"]


class Exclusion(Enum):
    """Why an account may not use an app."""

    NOT_A_TESTER = auto()
    OTHER_ORGANIZATION = auto()


def is_tester(tx: Transaction, project_id: str, email: str) -> bool:
    """Whether an address (lower case) is on a project's list of test users now."""
    user = tx.get(TestUser, project_id, email)
    return user is not None and user.removed_at is None


def exclusion(
    tx: Transaction, project: Project, screen: ConsentScreen, account: Account
) -> Exclusion | None:
    """Return why an account may not use a project's apps, or None.

    The project's owner needs to be on the list too, as at Google. Which scopes are asked for makes
    no difference.
    """
    if screen.user_type == "internal":
        organization = project.organization
        inside = organization is not None and account.domain == organization
        return None if inside else Exclusion.OTHER_ORGANIZATION
    if screen.publishing_status == "testing" and not is_tester(
        tx, project.project_id, account.email
    ):
        return Exclusion.NOT_A_TESTER
    return None
