from __future__ import annotations

from gemauth.client.token import SKEW, AccessToken


def test_a_token_is_spent_before_its_end() -> None:
    """225 s before the end it no longer counts, as in google-auth (google-oauth.md section 10)."""
    token = AccessToken("ya29.x", 1000.0)
    assert token.usable(774.9)
    assert not token.usable(775.0)


def test_a_token_of_unknown_end_never_counts() -> None:
    """No `expires_in` in the answer: it is asked for again."""
    assert not AccessToken("ya29.x").usable(0)


def test_the_value_is_not_shown() -> None:
    """A token's value stays out of repr."""
    assert "ya29" not in repr(AccessToken("ya29.secret"))


def test_a_clock_that_was_set_back() -> None:
    """A token from the future has an end that comes too late; small corrections do no harm."""
    token = AccessToken("ya29.x", expires_at=10_000.0, issued_at=6_400.0)
    assert token.usable(6_400.0)
    assert token.usable(6_400.0 - SKEW)
    assert not token.usable(6_400.0 - SKEW - 1)
    assert not token.usable(0.0)
    assert token.lives(9_969.0, 30.0)
    assert not token.lives(9_970.0, 30.0)
