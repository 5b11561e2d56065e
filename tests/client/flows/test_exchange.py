from __future__ import annotations

from typing import Any

import pytest

from gemauth.client.flows.exchange import TokenRefused, exchange
from gemauth.errors import CredentialError, Fault, UnreachableError
from gemauth.flow import Send, Wait
from gemauth.google.endpoints import GOOGLE
from gemauth.http import Response
from tests.client.transcript import answer, form_of, play, sent, tokens

FIELDS = {"grant_type": "refresh_token", "refresh_token": "1//secret", "client_secret": "GOCSPX-s"}


def test_the_grant_travels_in_the_body_only() -> None:
    """A grant is a posted form; its secrets are in no URL (RFC 6749 section 2.3.1)."""

    def check(step: Send) -> Response:
        assert sent(step).method == "POST"
        assert sent(step).url == GOOGLE.token
        assert sent(step).headers["content-type"] == "application/x-www-form-urlencoded"
        assert form_of(step) == FIELDS
        return tokens(scope="a b")

    result = play(exchange(GOOGLE.token, FIELDS), (Send, check))
    assert (result.access_token, result.expires_in, result.scopes) == ("ya29.a0", 3599, ("a", "b"))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_fault_is_tried_three_times(status: int) -> None:
    """After 429 and 5xx: three attempts, 1 and 2 s apart and up to half as much again by chance."""
    busy = answer(status, error="temporarily_unavailable")
    lines = [
        (Send, busy),
        (Wait(1.0, 0.5), None),
        (Send, busy),
        (Wait(2.0, 1.0), None),
        (Send, tokens()),
    ]
    assert play(exchange(GOOGLE.token, FIELDS), *lines).access_token == "ya29.a0"
    lines[-1] = (Send, busy)
    with pytest.raises(TokenRefused) as caught:
        play(exchange(GOOGLE.token, FIELDS), *lines)
    assert caught.value.fault is Fault.SERVER


@pytest.mark.parametrize("status", [400, 401, 403, 408])
def test_no_other_fault_is_tried_again(status: int) -> None:
    """Whatever the body calls it, a refusal is one: it would be the same a second later."""
    refusal = answer(status, error="temporarily_unavailable", error_description="internal_failure")
    with pytest.raises(TokenRefused):
        play(exchange(GOOGLE.token, FIELDS), (Send, refusal))


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 1.0),
        ({"Retry-After": "soon"}, 1.0),
        ({"Retry-After": "-3"}, 1.0),
        ({"Retry-After": "Wed, 18 Nov 2026 11:06:45 GMT"}, 1.0),
        (
            {
                "Retry-After": "Sun, 22 Nov 2026 12:00:09 GMT",
                "Date": "Sun, 22 Nov 2026 12:00:00 GMT",
            },
            9.0,
        ),
        ({"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, 1.0),
        ({"Retry-After": "Mon, 99 Nov 2026 12:00:09 GMT"}, 1.0),
    ],
)
def test_a_server_may_name_the_wait(headers: dict[str, str], wait: float) -> None:
    """Retry-After in seconds or as a date by the server's clock; never less than our own pause
    (RFC 9110 section 10.2.3).
    """
    busy = answer(503, headers, error="server_error")
    lines = [(Send, busy), (Wait(wait, 0.5), None), (Send, tokens())]
    assert play(exchange(GOOGLE.token, FIELDS), *lines).access_token == "ya29.a0"


@pytest.mark.parametrize("seconds", ["21", "86400", "9" * 400])
def test_nobody_waits_for_long(seconds: str) -> None:
    """A server that asks for more than 20 s gets no second request, and the caller its error."""
    busy = answer(429, {"Retry-After": seconds}, error="slow_down")
    with pytest.raises(TokenRefused):
        play(exchange(GOOGLE.token, FIELDS), (Send, busy))


@pytest.mark.parametrize(
    ("error", "description", "subtype", "advice"),
    [
        ("invalid_grant", "Token has been expired or revoked.", None, "7 days"),
        ("invalid_grant", "reauth related error (invalid_rapt)", "invalid_rapt", "administrator"),
        ("invalid_grant", "Bad Request", "rapt_required", "administrator"),
        ("invalid_grant", "Malformed auth code.", None, "mistyped"),
        ("invalid_grant", "Invalid JWT Signature.", None, "new key"),
        ("invalid_grant", "Invalid JWT: Failed audience check.", None, "token_uri"),
        ("invalid_grant", "Invalid grant: account not found", None, "another one"),
        ("invalid_grant", "Robot is disabled.", None, "Enable the service account"),
        ("invalid_client", "Unauthorized", None, "auth/clients"),
        ("invalid_client", "The OAuth client was not found.", None, "auth/clients"),
        ("deleted_client", None, None, "auth/clients"),
        ("disabled_client", None, None, "Enable the OAuth client"),
        ("unauthorized_client", "Unauthorized", None, "another OAuth client"),
        ("redirect_uri_mismatch", "Bad Request", None, "Desktop app"),
        ("invalid_scope", "Bad Request", None, "--scopes"),
    ],
)
def test_each_refusal_has_its_next_step(
    error: str, description: str | None, subtype: str | None, advice: str
) -> None:
    """A refusal keeps Google's error, description and subtype, and says what to do about it."""
    body: dict[str, Any] = {
        "error": error,
        "error_description": description,
        "error_subtype": subtype,
    }
    with pytest.raises(TokenRefused) as caught:
        play(exchange(GOOGLE.token, FIELDS), (Send, answer(400, **body)))
    refused = caught.value
    assert isinstance(refused, CredentialError)
    assert (refused.body.error, refused.body.description) == (error, description)
    assert refused.body.subtype == subtype
    assert refused.http_status == 400
    assert advice in (refused.next_step or "")
    assert error in refused.message


def test_an_unknown_refusal_is_still_one() -> None:
    """An error that no table knows keeps its words and has no next step."""
    with pytest.raises(TokenRefused) as caught:
        play(exchange(GOOGLE.token, FIELDS), (Send, answer(400, error="new_thing")))
    assert caught.value.next_step is None
    assert caught.value.evidence == "error=new_thing"


def test_secrets_of_the_grant_are_in_no_error() -> None:
    """What was sent is never repeated in an error."""
    with pytest.raises(TokenRefused) as caught:
        play(exchange(GOOGLE.token, FIELDS), (Send, answer(400, error="invalid_grant")))
    shown = f"{caught.value} {caught.value.evidence} {caught.value!r}"
    assert "1//secret" not in shown
    assert "GOCSPX" not in shown


def test_a_page_instead_of_an_answer_is_no_refusal() -> None:
    """An HTML page (a proxy's) is an unreachable endpoint, not a refused credential."""
    with pytest.raises(UnreachableError) as caught:
        play(exchange(GOOGLE.token, FIELDS), (Send, Response(403, body=b"<html>proxy")))
    assert caught.value.evidence == "<html>proxy"


def test_only_200_is_a_success() -> None:
    """Another 2xx is none, as for google-auth (google-oauth.md section 10)."""
    with pytest.raises(UnreachableError):
        play(exchange(GOOGLE.token, FIELDS), (Send, answer(204)))


def test_a_success_that_is_no_json_shows_nothing() -> None:
    """A broken success may hold a token, so none of it is shown."""
    with pytest.raises(UnreachableError) as caught:
        play(exchange(GOOGLE.token, FIELDS), (Send, Response(200, body=b"ya29.broken{")))
    assert "ya29" not in f"{caught.value}{caught.value.evidence}"
