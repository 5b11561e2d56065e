from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.oauth.error import ErrorBody
from tests.oauth.strategies import MAYBE, TEXT


@given(st.builds(ErrorBody, TEXT, MAYBE, MAYBE, MAYBE))
def test_a_body_reads_back(body: ErrorBody) -> None:
    """RFC 6749 section 5.2 with Google's subtype."""
    assert ErrorBody.from_json(body.to_json()) == body


@pytest.mark.parametrize("body", [None, [], "x", {}, {"error": 5}, {"error": {"code": 403}}])
def test_what_is_none(body: Any) -> None:
    """Google's API errors have an object there: they are no OAuth errors."""
    assert ErrorBody.from_json(body) is None


def test_odd_members_are_left_out() -> None:
    """The error counts, whatever stands beside it."""
    assert ErrorBody.from_json({"error": "x", "error_description": 5}) == ErrorBody("x")
