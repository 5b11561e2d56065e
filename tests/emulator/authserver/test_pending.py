from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.accounts import sessions
from gemauth.emulator.authserver import pending
from gemauth.emulator.storage.records import PendingAuthorization

if TYPE_CHECKING:
    from tests.emulator.authserver.room import Room


def test_found_by_its_own_browser_until_it_ends(room: Room) -> None:
    """A handle is good for its session and its half hour, and is stored as a digest."""
    with room.context.store.write() as tx:
        mine, other = (sessions.start(tx, 0, cookie) for cookie in ("mine", "other"))
        handle = pending.begin(tx, 100, room.entropy, mine, {"state": "s"}, None)
        found = pending.find(tx, 100 + pending.LIFETIME - 1, mine, handle)
        assert found is not None
        assert found.parameters == {"state": "s"}
        assert handle not in repr(found)
        assert pending.find(tx, 101, other, handle) is None
        assert pending.find(tx, 101, mine, "guess") is None
        assert pending.find(tx, 100 + pending.LIFETIME, mine, handle) is None
        pending.end(tx, handle)
        assert pending.find(tx, 101, mine, handle) is None


def test_sweep_takes_what_has_ended_only(room: Room) -> None:
    """Requests that nobody answered do not pile up."""
    with room.context.store.write() as tx:
        session = sessions.start(tx, 0, "cookie")
        for moment in (0, 1000):
            pending.begin(tx, moment, room.entropy, session, {}, None)
        pending.sweep(tx, pending.LIFETIME)
        assert [kept.expires_at for kept in tx.find(PendingAuthorization)] == [
            1000 + pending.LIFETIME
        ]
