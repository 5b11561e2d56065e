from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.google.error_page import ErrorPage

GOOGLE = "https://accounts.google.com/signin/oauth/error"
# As Google sent them for a client that it did not know, and for one whose owner deleted it.
UNKNOWN = "Cg5pbnZhbGlkX2NsaWVudBIfVGhlIE9BdXRoIGNsaWVudCB3YXMgbm90IGZvdW5kLiCRAw=="
DELETED = "Cg5kZWxldGVkX2NsaWVudBIdVGhlIE9BdXRoIGNsaWVudCB3YXMgZGVsZXRlZC4gkQM%3D"


@pytest.mark.parametrize("path", ["", "/v2"])
@pytest.mark.parametrize(
    ("packed", "error", "text"),
    [
        (UNKNOWN, "invalid_client", "The OAuth client was not found."),
        (DELETED, "deleted_client", "The OAuth client was deleted."),
    ],
)
def test_googles_own_addresses(path: str, packed: str, error: str, text: str) -> None:
    """The error, its text and its status are in `authError`; the client stands beside it."""
    page = ErrorPage.from_url(f"{GOOGLE}{path}?authError={packed}&client_id=12-ab.apps&flowName=x")
    assert page == ErrorPage(error, text, status=401, client_id="12-ab.apps")


def test_the_parameter_that_does_not_fit() -> None:
    """A mismatch names the redirect address of the request."""
    page = ErrorPage(
        "redirect_uri_mismatch",
        "No.",
        "https://developers.google.com/identity",
        400,
        {"redirect_uri": "http://127.0.0.1:4711/"},
    )
    assert ErrorPage.from_url(page.to_url()) == page


@given(
    st.builds(
        ErrorPage,
        error=st.from_regex(r"\A[a-z][a-z_]{2,40}\Z"),
        text=st.text(),
        link=st.text(),
        status=st.none() | st.integers(1, 599),
        parameters=st.dictionaries(st.text(min_size=1), st.text(min_size=1), max_size=3),
        client_id=st.none() | st.text(min_size=1),
    )
)
def test_what_is_written_is_read(page: ErrorPage) -> None:
    """Round trip, whatever the texts."""
    assert ErrorPage.from_url(page.to_url()) == page


@pytest.mark.parametrize("length", range(20, len(UNKNOWN)))
def test_a_cut_address_still_tells_its_error(length: int) -> None:
    """The error stands first, and what was lost is only the end."""
    page = ErrorPage.from_url(f"{GOOGLE}?authError={UNKNOWN[:length]}")
    assert page is not None
    assert page.error == "invalid_client"[: len(page.error)]


@given(st.binary())
def test_no_address_is_an_error(message: bytes) -> None:
    """Whatever somebody pastes is read or not; it never raises."""
    from gemauth.oauth import base64url

    ErrorPage.from_url(f"{GOOGLE}?authError={base64url.encode(message)}")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://[::1",
        GOOGLE,
        f"{GOOGLE}?authError=",
        f"{GOOGLE}?authError=%%%",
        f"{GOOGLE}?authError=CAE",
        f"https://accounts.google.com.evil.example/signin/oauth/error?authError={UNKNOWN}",
        f"http://accounts.google.com/signin/oauth/error?authError={UNKNOWN}",
    ],
)
def test_what_is_no_error_page(url: str) -> None:
    """Another host, another page, or nothing that can be read: None."""
    assert ErrorPage.from_url(url) is None
