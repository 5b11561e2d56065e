"""An authorization request between its first page and its answer: kept, found again, ended.

The handle travels in the pages' URLs and forms. It is random, stored as a digest, good for one
browser session only, and gone when the answer is given, so nothing can be answered twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import BrowserSession, PendingAuthorization

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.context import Entropy
    from gemauth.emulator.storage.store import Transaction

__all__ = ["LIFETIME", "begin", "end", "find", "sweep"]

LIFETIME = 1800.0
"""Seconds that a person may take over the pages; ours to choose, Google publishes none."""


def begin(
    tx: Transaction,
    now: float,
    entropy: Entropy,
    session: BrowserSession,
    parameters: Mapping[str, str],
    sub: str | None,
) -> str:
    """Keep a request, with its account where that needs no choice; return its handle."""
    handle = entropy(32).hex()
    tx.add(
        PendingAuthorization(
            digest(handle),
            session.session_hash,
            parameters,
            sub,
            warned=False,
            expires_at=now + LIFETIME,
        )
    )
    return handle


def find(
    tx: Transaction, now: float, session: BrowserSession, handle: str
) -> PendingAuthorization | None:
    """Return a session's request, or None where it is unknown, another's, answered or too old."""
    kept = tx.get(PendingAuthorization, digest(handle))
    if kept is None or kept.session_hash != session.session_hash or kept.expires_at <= now:
        return None
    return kept


def end(tx: Transaction, handle: str) -> None:
    """Forget a request that has its answer."""
    tx.remove(PendingAuthorization, digest(handle))


def sweep(tx: Transaction, now: float) -> None:
    """Delete the requests that nobody answered in time."""
    tx.expire(PendingAuthorization, now)
