"""Grants that a person is said to have given earlier: tokens without a sign-in.

A test starts from them, and they stand for what no sign-in can bring about any more: until June
2025 Google's own shared client was granted Gemini scopes (google-oauth.md 7.1). Tokens come from
the same `issue` as the token endpoint's, so every limit and end holds for them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.emulator.control import clients
from gemauth.emulator.control.accounts import find_account
from gemauth.emulator.control.endpoint import Answer, precondition
from gemauth.emulator.tokens.grants import record, standing
from gemauth.emulator.tokens.issue import PersonAccess, issue
from gemauth.errors import UsageError
from gemauth.google import scopes as google_scopes

if TYPE_CHECKING:
    from gemauth.emulator.context import Entropy
    from gemauth.emulator.control.document import Members
    from gemauth.emulator.storage.store import Transaction

__all__ = ["NewGrant", "create", "read_scopes"]


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A consent to be recorded: whose, to which client, for what."""

    account: str
    client_id: str
    scopes: tuple[str, ...]

    @classmethod
    def read(cls, body: Members) -> NewGrant:
        """Read `account`, `clientId` and `scopes` (full or short names)."""
        wanted = read_scopes(body)
        if not body.texts("scopes"):
            body.wrong("scopes", "is required")
        return cls(body.email("account"), body.text("clientId"), wanted)


def read_scopes(body: Members) -> tuple[str, ...]:
    """Read `scopes`, full or short names; missing is empty."""
    names = body.texts("scopes")
    try:
        names = google_scopes.expand(names)
    except UsageError as error:
        body.wrong("scopes", str(error).replace("\n", " "))
    return google_scopes.canonical(names)


def create(tx: Transaction, now: float, entropy: Entropy, wanted: NewGrant) -> Answer:
    """Record the consent; return what the token endpoint would have answered then.

    Raises:
        StatusError: NOT_FOUND for the account or the client, FAILED_PRECONDITION for a client
            that is disabled or deleted.
        KeysDueError: `openid` is among the scopes and no key can sign an id token yet.
    """
    account = find_account(tx, wanted.account)
    client = clients.find(tx, wanted.client_id)
    if client.state != "active":
        raise precondition(f"The OAuth client {client.client_id} is {client.state}.")
    earlier = standing(tx, account.sub, client.client_id)
    scopes = (*(earlier.scopes if earlier else ()), *wanted.scopes)
    grant = record(tx, now, entropy, account.sub, client.client_id, tuple(dict.fromkeys(scopes)))
    access = PersonAccess(
        account, client, grant.grant_id, wanted.scopes, offline=True, refreshable=True
    )
    return issue(tx, now, entropy, access).to_json()
