from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.accounts.groups import groups_of
from gemauth.emulator.storage.records import GroupMember

if TYPE_CHECKING:
    from gemauth.emulator.storage.store import Transaction


def test_groups_in_groups(tx: Transaction) -> None:
    """Membership reaches through groups, circles included, and not downwards."""
    for group, member in (("b", "a"), ("c", "b"), ("b", "c"), ("d", "x")):
        tx.add(GroupMember(f"{group}@example.com", f"{member}@example.com"))
    assert groups_of(tx, "A@example.com") == {"b@example.com", "c@example.com"}
    assert groups_of(tx, "nobody@example.com") == frozenset()
