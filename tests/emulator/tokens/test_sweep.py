from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.storage.records import AccessToken, AuthorizationCode, SpentCode
from gemauth.emulator.tokens.sweep import sweep

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
