"""Whether a person may still hold tokens of an app: what can change between two exchanges.

Apps in Testing are for their testers, Internal ones for their organization (google-oauth.md 1.3);
a change takes effect at the next exchange (section 11, row 4). Read by `authserver/grants`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.storage.records import ConsentScreen, Project, TestUser

if TYPE_CHECKING:
    from gemauth.emulator.storage.records import Account, OAuthClient
    from gemauth.emulator.storage.store import Transaction

__all__ = ["is_admitted"]


def is_admitted(tx: Transaction, account: Account, client: OAuthClient) -> bool:
    """Whether an app's consent screen, as it is now, is for this person."""
    screen = tx.get(ConsentScreen, client.project_id)
    if screen is None:
        return False
    if screen.user_type == "internal":
        project = tx.get(Project, client.project_id)
        organization = None if project is None else project.organization
        return organization is not None and account.domain == organization
    if screen.publishing_status == "production":
        return True
    tester = tx.get(TestUser, client.project_id, account.email)
    return tester is not None and tester.removed_at is None
