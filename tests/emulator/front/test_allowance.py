from __future__ import annotations

from gemauth.emulator.front.allowance import Allowance


def test_a_burst_and_then_some_each_second() -> None:
    """Three at once; after half a second with two per second, one more; never more than three"""
    allowance = Allowance(burst=3, per_second=2)
    assert [allowance.spend(10.0) for _ in range(4)] == [True, True, True, False]
    assert [allowance.spend(10.5) for _ in range(2)] == [True, False]
    assert [allowance.spend(100.0) for _ in range(4)] == [True, True, True, False]


def test_what_is_refused_costs_nothing() -> None:
    """Asking in vain does not put off the next one"""
    allowance = Allowance(burst=1, per_second=1)
    assert allowance.spend(0.0)
    assert not any(allowance.spend(i / 10) for i in range(1, 10))
    assert allowance.spend(1.0)
