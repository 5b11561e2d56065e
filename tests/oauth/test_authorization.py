from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from gemauth.oauth.authorization import AuthorizationRequest, AuthorizationResponse
from tests.oauth.strategies import MAYBE, SCOPES

ENDPOINT = "https://accounts.google.com/o/oauth2/v2/auth"
MORE = st.dictionaries(st.text("xyz_", min_size=1), st.text())


@given(
    st.builds(
        AuthorizationRequest,
        client_id=MAYBE,
        redirect_uri=MAYBE,
        response_type=MAYBE,
        scopes=SCOPES,
        state=MAYBE,
        code_challenge=MAYBE,
        code_challenge_method=MAYBE,
        access_type=MAYBE,
        prompt=MAYBE,
        login_hint=MAYBE,
        include_granted_scopes=MAYBE,
        enable_granular_consent=MAYBE,
        nonce=MAYBE,
        hd=MAYBE,
        response_mode=MAYBE,
        more=MORE,
    )
)
def test_a_request_reads_back(request: AuthorizationRequest) -> None:
    """Whatever a client writes into the URL, the server reads, unknown parameters too."""
    query = dict(parse_qsl(urlsplit(request.to_url(ENDPOINT)).query, keep_blank_values=True))
    assert AuthorizationRequest.from_query(query) == request


@given(
    st.builds(
        AuthorizationResponse,
        code=MAYBE,
        state=MAYBE,
        error=MAYBE,
        error_description=MAYBE,
        iss=MAYBE,
        scopes=SCOPES,
        more=MORE,
    )
)
def test_an_answer_reads_back(answer: AuthorizationResponse) -> None:
    """Whatever a server writes into the redirect, the client reads."""
    assert AuthorizationResponse.from_url(answer.to_url("http://127.0.0.1:1/")) == answer


def test_a_query_that_was_there_is_kept() -> None:
    """RFC 6749 section 3.1: the endpoint's own query stays; a fragment stays behind it."""
    url = AuthorizationRequest(client_id="a b").to_url("https://x/auth?hl=de#top")
    assert url == "https://x/auth?hl=de&client_id=a+b&response_type=code#top"
    assert AuthorizationResponse(code="4/0A").to_url("http://x/?q=1") == "http://x/?q=1&code=4%2F0A"


def test_secrets_are_not_shown() -> None:
    """State, nonce and code stay out of repr."""
    request = AuthorizationRequest(client_id="id", state="s3cret", nonce="n0nce")
    assert "s3cret" not in repr(request)
    assert "n0nce" not in repr(request)
    assert "4/0A" not in repr(AuthorizationResponse("4/0A", "s3cret"))
