"""Groups: who is in one, directly or through another group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.storage.records import GroupMember

if TYPE_CHECKING:
    from gemauth.emulator.storage.store import Transaction

__all__ = ["groups_of"]


def groups_of(tx: Transaction, email: str) -> frozenset[str]:
    """Return the addresses of every group that an e-mail is in; groups may contain groups."""
    found: set[str] = set()
    pending = [email.lower()]
    while pending:
        for membership in tx.find(GroupMember, member_email=pending.pop()):
            if membership.group_email not in found:
                found.add(membership.group_email)
                pending.append(membership.group_email)
    return frozenset(found)
