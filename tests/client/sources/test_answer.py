from __future__ import annotations

import pytest

from gemauth.client.sources.answer import from_answer
from gemauth.errors import UnreachableError
from gemauth.oauth.token import TokenResponse


def test_the_end_counts_from_the_request() -> None:
    """A token lives for `expires_in` seconds from when it was asked for, at most."""
    token = from_answer(TokenResponse("ya29.x", 3599, scopes=("a",)), 1000.0, ("b",))
    assert (token.value, token.expires_at, token.scopes) == ("ya29.x", 4599.0, ("a",))


def test_what_the_answer_leaves_out() -> None:
    """No scope means those asked for; no `expires_in` means an unknown end."""
    token = from_answer(TokenResponse("ya29.x"), 1000.0, ("b",))
    assert (token.expires_at, token.scopes) == (None, ("b",))


def test_no_access_token() -> None:
    """An id token alone is no access token."""
    with pytest.raises(UnreachableError):
        from_answer(TokenResponse(id_token="e.y.J"), 1000.0, ())
