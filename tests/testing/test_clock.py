from __future__ import annotations

import pytest

from gemauth.testing.clock import FakeClock


def test_it_stands_still_until_it_is_advanced() -> None:
    """Two readings are equal; advancing moves the time of day and the monotonic time alike"""
    clock = FakeClock(1000.0)
    assert (clock.now(), clock.now(), clock.monotonic()) == (1000.0, 1000.0, 0.0)
    clock.advance(2.5)
    assert (clock.now(), clock.monotonic()) == (1002.5, 2.5)


def test_it_does_not_run_backwards() -> None:
    """Time passes forwards only"""
    with pytest.raises(ValueError, match="-1"):
        FakeClock().advance(-1)


def test_the_time_of_day_may_be_corrected() -> None:
    """A corrected time of day leaves the monotonic time alone"""
    clock = FakeClock(1000.0)
    clock.set(10.0)
    assert (clock.now(), clock.monotonic()) == (10.0, 0.0)
