from __future__ import annotations

from hypothesis import given

from gemauth.oauth.scope import join, split
from tests.oauth.strategies import SCOPES


@given(SCOPES)
def test_a_list_reads_back(scopes: tuple[str, ...]) -> None:
    """RFC 6749 section 3.3."""
    assert split(join(scopes)) == scopes


def test_each_scope_counts_once() -> None:
    """Order is the first one's; case counts; spaces do not."""
    assert split("  b a  b A ") == ("b", "a", "A")
    assert split("") == ()
