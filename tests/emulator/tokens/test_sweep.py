from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gemauth.emulator.storage.records import (
    AccessToken,
    AuthorizationCode,
    FederatedToken,
    SpentCode,
)
from gemauth.emulator.tokens.sweep import EVERY, Sweeper, sweep
from gemauth.testing.store_contract import sample

if TYPE_CHECKING:
    from tests.emulator.desk import Desk

DAY = 86400


def _counts(desk: Desk) -> list[int]:
    with desk.write() as tx:
        sweep(tx, desk.clock.now())
        return [len(tx.find(kind)) for kind in (AuthorizationCode, SpentCode, AccessToken)]


def test_what_goes_and_what_stays(desk: Desk) -> None:
    """A day after their end codes, spent codes and access tokens go; nothing goes before."""
    desk.signed_in()
    desk.consent()
    assert _counts(desk) == [1, 1, 1]
    desk.clock.advance(DAY)
    assert _counts(desk) == [1, 1, 1]
    desk.clock.advance(600)
    assert _counts(desk) == [0, 1, 1]
    desk.clock.advance(3599 - 600)
    assert _counts(desk) == [0, 1, 0]
    desk.clock.advance(DAY)
    assert _counts(desk) == [0, 0, 0]


def test_a_sweeper_sweeps_when_it_is_due(desk: Desk) -> None:
    """A sweeper deletes at its first call, then no more often than it is worth."""
    sweeper = Sweeper()

    def left() -> int:
        with desk.write() as tx:
            sweeper(tx, desk.clock.now())
            return len(tx.find(AuthorizationCode))

    desk.consent()
    desk.clock.advance(2 * DAY)
    assert left() == 0
    desk.consent()
    with desk.write() as tx:
        (code,) = tx.find(AuthorizationCode)
        tx.replace(replace(code, expires_at=desk.clock.now() - 2 * DAY))
    assert left() == 1
    desk.clock.advance(EVERY)
    assert left() == 0


def test_the_token_endpoint_sweeps(desk: Desk) -> None:
    """An emulator that runs on gives back the space of what has long ended."""
    desk.signed_in()
    desk.clock.advance(3 * DAY)
    tokens = desk.signed_in()
    assert tokens
    with desk.write() as tx:
        assert len(tx.find(SpentCode)) == len(tx.find(AccessToken)) == 1


def test_federated_tokens_go_too(desk: Desk) -> None:
    """A federated access token goes a day after its end, as others do"""
    token = sample(FederatedToken, expires_at=desk.clock.now())
    desk.add(token)
    for seconds, left in ((DAY - 1, 1), (1, 0)):
        desk.clock.advance(seconds)
        with desk.write() as tx:
            sweep(tx, desk.clock.now())
        assert len(desk.all(FederatedToken)) == left
