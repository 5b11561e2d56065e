from __future__ import annotations

import pytest
from hypothesis import given, strategies

from gemauth.oauth import base64url


@given(strategies.binary())
def test_round_trip(raw: bytes) -> None:
    """Any bytes come back, and their text needs no escape in a URL."""
    text = base64url.encode(raw)
    assert base64url.decode(text) == raw
    assert not set(text) & set("+/=")


def test_the_alphabet() -> None:
    """The two letters beyond base64's own are - and _ (RFC 4648 section 5)."""
    assert base64url.encode(b"\xfb\xff") == "-_8"


@pytest.mark.parametrize("text", ["a", "a b", "é", "ab=c", "a\n"])
def test_what_is_none(text: str) -> None:
    """Other text is refused, not skipped over."""
    with pytest.raises(ValueError):
        base64url.decode(text)
