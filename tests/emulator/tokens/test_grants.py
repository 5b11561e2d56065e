from __future__ import annotations

from dataclasses import replace

from gemauth.emulator.storage.records import Grant
from gemauth.emulator.tokens.grants import record, standing
from tests.emulator.state import State


def test_one_live_grant_for_each_client() -> None:
    """A second consent changes the first one's scopes; after its end there is a new grant."""
    state = State()
    with state.write() as tx:
        assert standing(tx, "1", "client") is None
        first = record(tx, 5.0, state.entropy, "1", "client", ("a",))
        wider = record(tx, 6.0, state.entropy, "1", "client", ("a", "b"))
        assert wider == replace(first, scopes=("a", "b"))
        assert standing(tx, "1", "client") == wider
        assert standing(tx, "2", "client") is standing(tx, "1", "other") is None
        tx.replace(replace(wider, revoked_at=7.0))
        assert standing(tx, "1", "client") is None
        again = record(tx, 8.0, state.entropy, "1", "client", ("b",))
        assert again.grant_id != first.grant_id
        assert len(tx.find(Grant)) == 2
    state.close()
