from __future__ import annotations

import pytest

from gemauth.emulator.gemini.grpc.timeout import read_timeout
from gemauth.google.status import StatusError


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0n", 0.0),
        ("250m", 0.25),
        ("1S", 1.0),
        ("2M", 120.0),
        ("3H", 10800.0),
        ("5u", 5e-6),
        ("99999999H", 99999999 * 3600.0),
    ],
)
def test_units(header: str | None, seconds: float | None) -> None:
    """Hours to nanoseconds, each by its letter"""
    assert read_timeout(header) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize("header", ["", "5", "S", "-1S", "1.5S", "123456789S", "1s", "1S ", "١S"])
def test_malformed(header: str) -> None:
    """Eight ASCII digits at most and one letter, or the call ends with INTERNAL"""
    with pytest.raises(StatusError) as refused:
        read_timeout(header)
    assert refused.value.status.code.name == "INTERNAL"
