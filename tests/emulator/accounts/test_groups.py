from __future__ import annotations

from gemauth.emulator.accounts.groups import groups_of
from gemauth.emulator.storage.records import GroupMember
from gemauth.emulator.storage.sqlite import SqliteStore


def test_groups_in_groups() -> None:
    """Membership reaches through groups, circles included, and not downwards."""
    store = SqliteStore(None)
    with store.write() as tx:
        for group, member in (("b", "a"), ("c", "b"), ("b", "c"), ("d", "x")):
            tx.add(GroupMember(f"{group}@example.com", f"{member}@example.com"))
        assert groups_of(tx, "A@example.com") == {"b@example.com", "c@example.com"}
        assert groups_of(tx, "nobody@example.com") == frozenset()
    store.close()
