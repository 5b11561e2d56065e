"""Which OAuth client sends a token request, whether it is that one, and whose tokens it may hold.

RFC 6749 section 2.3; Google asks desktop clients for their secret too (google-oauth.md 2.1).
Used by `token.py` and `grants/`.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from gemauth.emulator.authserver.token_error import Row, TokenRefused
from gemauth.emulator.iam.audience import exclusion
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import ClientSecretHash, ConsentScreen, OAuthClient, Project

if TYPE_CHECKING:
    from gemauth.emulator.authserver.token_request import NamedClient
    from gemauth.emulator.storage.records import Account
    from gemauth.emulator.storage.store import Transaction

__all__ = ["authenticate", "may_hold_tokens"]


def authenticate(tx: Transaction, named: NamedClient) -> OAuthClient:
    """Return the client whose id and secret were sent.

    Raises:
        TokenRefused: it is unknown, the secret is not one of its two, or it was deleted or
            disabled, itself or with its project.
    """
    client = tx.get(OAuthClient, named.client_id)
    if client is None:
        raise TokenRefused(Row.UNKNOWN_CLIENT)
    secrets = tx.find(ClientSecretHash, client_id=client.client_id)
    presented = digest(named.client_secret)
    # All are compared, in constant time: neither which one matches nor how nearly can be told.
    matches = [hmac.compare_digest(presented, kept.secret_hash) for kept in secrets]
    if client.kind == "first_party":  # its secret is public at Google, and none is kept here
        return client
    # A deleted client may have lost its secrets; it is still said to be deleted, not mistyped.
    if not any(matches) and (secrets or client.state != "deleted"):
        raise TokenRefused(Row.WRONG_SECRET)
    project = tx.get(Project, client.project_id)
    if client.state == "deleted" or project is None or project.state != "ACTIVE":
        raise TokenRefused(Row.DELETED_CLIENT)
    if client.state != "active":
        raise TokenRefused(Row.DISABLED_CLIENT)
    return client


def may_hold_tokens(tx: Transaction, client: OAuthClient, account: Account) -> bool:
    """Whether a client's app is still open to a person: changes count from the next exchange on.

    Google's own client has no consent screen, and is open to everybody.
    """
    if client.kind == "first_party":
        return True
    project = tx.get(Project, client.project_id)
    screen = tx.get(ConsentScreen, client.project_id)
    if project is None or screen is None:
        return False
    return exclusion(tx, project, screen, account) is None
