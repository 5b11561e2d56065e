"""What has ended long ago is deleted, so that an emulator that runs for weeks does not grow.

Called when a store is opened, and by the token endpoint, which makes what there is to delete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.storage.records import (
    AccessToken,
    AuthorizationCode,
    FederatedToken,
    SpentCode,
)
from gemauth.emulator.tokens import lifetimes

if TYPE_CHECKING:
    from gemauth.emulator.storage.store import Transaction

__all__ = ["EVERY", "Sweeper", "sweep"]

EVERY = 600.0
"""Seconds between two sweeps: what has ended is refused anyway, this only gives space back."""


def sweep(tx: Transaction, now: float) -> None:
    """Delete codes and access tokens a day after their end; until then they tell why they fail."""
    for kind in (AuthorizationCode, SpentCode, AccessToken, FederatedToken):
        tx.expire(kind, now - lifetimes.DAY)


class Sweeper:
    """Sweeps when it is called, but not more often than it is worth."""

    def __init__(self) -> None:
        self._due = float("-inf")

    def __call__(self, tx: Transaction, now: float) -> None:
        """Sweep, if that is due."""
        if now >= self._due:
            sweep(tx, now)
            self._due = now + EVERY
