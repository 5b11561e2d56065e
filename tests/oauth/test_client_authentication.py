from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.oauth.client_authentication import BrokenBasic, ClientAuthentication
from tests.oauth.strategies import MAYBE, TEXT


@given(st.builds(ClientAuthentication, MAYBE, MAYBE))
def test_the_form_reads_back(client: ClientAuthentication) -> None:
    """client_secret_post (RFC 6749 section 2.3.1)."""
    assert ClientAuthentication.from_request(None, client.to_form()) == client


@given(st.builds(ClientAuthentication, TEXT, TEXT))
def test_basic_reads_back(client: ClientAuthentication) -> None:
    """client_secret_basic: both parts form-encoded, so that a colon in them does no harm."""
    assert ClientAuthentication.from_request(client.to_basic(), {}) == client


def test_basic_counts_before_the_form() -> None:
    """The scheme's name ignores case; another scheme is none of ours."""
    header = ClientAuthentication("a", "b").to_basic().replace("Basic", "bAsIc")
    assert ClientAuthentication.from_request(header, {"client_id": "x"}).client_id == "a"
    assert ClientAuthentication.from_request("Bearer t", {"client_id": "x"}).client_id == "x"


@pytest.mark.parametrize(
    "encoded",
    ["", "***", base64.b64encode(b"no colon").decode(), base64.b64encode(b"\xff:").decode()],
)
def test_broken_basic(encoded: str) -> None:
    """The server words it; nothing of the header is repeated."""
    with pytest.raises(BrokenBasic):
        ClientAuthentication.from_request(f"Basic {encoded}", {})


@given(st.text())
def test_any_header_is_read_or_broken(header: str) -> None:
    """No header crashes the endpoint."""
    try:
        ClientAuthentication.from_request(f"Basic {header}", {})
    except BrokenBasic:
        return


def test_the_secret_is_not_shown() -> None:
    """Only the id is in repr."""
    assert "s3cret" not in repr(ClientAuthentication("id", "s3cret"))
