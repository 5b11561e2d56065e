"""What has ended long ago is deleted, so that an emulator that runs for weeks does not grow.

Called by whoever opens a store, before it serves: it reads whole tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.storage.records import AccessToken, AuthorizationCode, SpentCode
from gemauth.emulator.tokens import lifetimes

if TYPE_CHECKING:
    from gemauth.emulator.storage.store import Transaction

__all__ = ["sweep"]


def sweep(tx: Transaction, now: float) -> None:
    """Delete codes and access tokens a day after their end; until then they tell why they fail."""
    before = now - lifetimes.DAY
    for code in tx.find(AuthorizationCode):
        if code.expires_at <= before:
            tx.remove(AuthorizationCode, code.code_hash)
    for spent in tx.find(SpentCode):
        if spent.expires_at <= before:
            tx.remove(SpentCode, spent.code_hash)
    for token in tx.find(AccessToken):
        if token.expires_at <= before:
            tx.remove(AccessToken, token.token_hash)
