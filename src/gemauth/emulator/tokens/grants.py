"""Grants: one live record of what a person has consented to for a client.

google-oauth.md sections 1.1 and 3. Recorded by the consent page (`authserver/consent.py`) and by
the control room, for consents given earlier; ended in `revoke`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gemauth.emulator.storage.records import Grant

if TYPE_CHECKING:
    from gemauth.emulator.context import Entropy
    from gemauth.emulator.storage.store import Transaction

__all__ = ["record", "standing"]


def standing(tx: Transaction, sub: str, client_id: str) -> Grant | None:
    """Return a person's live grant to a client, or None."""
    found = tx.find(Grant, sub=sub, client_id=client_id, revoked_at=None)
    return found[0] if found else None


def record(
    tx: Transaction,
    now: float,
    entropy: Entropy,
    sub: str,
    client_id: str,
    scopes: tuple[str, ...],
) -> Grant:
    """Return the person's live grant to a client, which covers exactly these scopes from now on."""
    grant = standing(tx, sub, client_id)
    if grant is None:
        grant = Grant(entropy(16).hex(), sub, client_id, scopes, now, revoked_at=None)
        tx.add(grant)
    else:
        grant = replace(grant, scopes=scopes)
        tx.replace(grant)
    return grant
