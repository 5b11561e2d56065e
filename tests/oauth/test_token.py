from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gemauth.errors import UnreachableError
from gemauth.http import form, parse_form
from gemauth.oauth.token import (
    AuthorizationCodeGrant,
    JwtBearerGrant,
    RefreshTokenGrant,
    TokenResponse,
)
from tests.oauth.strategies import MAYBE, SCOPES, SECONDS

GRANTS = (
    st.builds(AuthorizationCodeGrant, MAYBE, MAYBE, MAYBE)
    | st.builds(RefreshTokenGrant, MAYBE, SCOPES)
    | st.builds(JwtBearerGrant, MAYBE)
)


@given(GRANTS)
def test_a_grant_reads_back(grant: Any) -> None:
    """Whatever a client posts, the server reads, with its grant_type."""
    posted = parse_form(form(grant.to_form()))
    assert posted["grant_type"] == grant.grant_type
    assert type(grant).from_form(posted) == grant


@given(
    st.builds(
        TokenResponse,
        access_token=MAYBE,
        expires_in=SECONDS,
        refresh_token=MAYBE,
        scopes=SCOPES,
        id_token=MAYBE,
        refresh_token_expires_in=SECONDS,
    )
)
def test_an_answer_reads_back(answer: TokenResponse) -> None:
    """Whatever a server answers, the client reads."""
    assume(answer.access_token is not None or answer.id_token is not None)
    assert TokenResponse.from_json(answer.to_json()) == answer


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
NAMES = st.sampled_from(
    ["access_token", "expires_in", "refresh_token", "scope", "id_token", "token_type",
     "refresh_token_expires_in"]
)  # fmt: skip


@given(st.dictionaries(NAMES, JSON))
def test_any_object_is_read_or_refused(body: dict[str, Any]) -> None:
    """What no server should answer is an UnreachableError, never a crash."""
    with suppress(UnreachableError):
        TokenResponse.from_json(body)


def test_seconds_may_be_text() -> None:
    """Some servers write `expires_in` as a string (google-oauth.md section 10)."""
    assert TokenResponse.from_json({"access_token": "x", "expires_in": "3599"}).expires_in == 3599


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"access_token": 5},
        {"access_token": "x", "expires_in": "soon"},
        {"access_token": "x", "expires_in": float("inf")},
        {"access_token": "x", "scope": ["a"]},
    ],
)
def test_a_malformed_answer(body: dict[str, Any]) -> None:
    """No token, or a member of the wrong type (RFC 6749 section 5.1)."""
    with pytest.raises(UnreachableError, match=r"5\.1"):
        TokenResponse.from_json(body)


def test_secrets_are_not_shown() -> None:
    """Codes, verifiers, tokens and assertions stay out of repr."""
    messages = (
        AuthorizationCodeGrant("s3cret", "http://x", "s3cret"),
        RefreshTokenGrant("s3cret"),
        JwtBearerGrant("s3cret"),
        TokenResponse("s3cret", 1, "s3cret", id_token="s3cret"),
    )
    assert "s3cret" not in repr(messages)
