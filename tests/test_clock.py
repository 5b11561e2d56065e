from __future__ import annotations

import time
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from gemauth.clock import SystemClock, rfc3339


def test_the_machines_clock() -> None:
    """Seconds since the epoch, and seconds that only grow."""
    clock = SystemClock()
    assert abs(clock.now() - time.time()) < 5
    assert clock.monotonic() <= clock.monotonic()


def test_rfc3339_known_values() -> None:
    """UTC with Z; six digits of a second or none."""
    assert rfc3339(0) == "1970-01-01T00:00:00Z"
    assert rfc3339(1_795_000_000.5) == "2026-11-18T11:06:40.500000Z"


@given(st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_rfc3339_reads_back(moment: datetime) -> None:
    """The text is the moment, to the precision that a float of seconds has."""
    text = rfc3339(moment.timestamp())
    assert text.endswith("Z")
    assert abs(datetime.fromisoformat(text) - moment).total_seconds() < 0.001
