from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gemauth.oauth.revocation import RevocationRequest
from tests.oauth.strategies import MAYBE


@given(st.builds(RevocationRequest, MAYBE))
def test_a_request_reads_back(request: RevocationRequest) -> None:
    """RFC 7009 section 2.1."""
    assert RevocationRequest.from_form(request.to_form()) == request


def test_the_token_is_not_shown() -> None:
    """It stays out of repr."""
    assert "s3cret" not in repr(RevocationRequest("s3cret"))
