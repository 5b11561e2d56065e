from __future__ import annotations

import pytest

from gemauth.emulator.authserver.token import PATHS, REFRESH_PATH
from gemauth.emulator.storage.records import SigningKey
from gemauth.google.scopes import CLOUD_PLATFORM
from tests.emulator.desk import BASE, CLIENT, SCOPES, SECRET, Desk, code_form, refresh_form


@pytest.mark.parametrize("path", PATHS)
def test_every_address_answers(desk: Desk, path: str) -> None:
    """The token endpoint's older addresses do what the one in use does (google-oauth.md 2.1)."""
    answered = desk.post(code_form(desk.consent()), path=path)
    assert answered.status == 200
    assert answered.headers["cache-control"] == "no-cache, no-store, max-age=0, must-revalidate"
    assert answered.headers["pragma"] == "no-cache"
    assert answered.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("path", PATHS)
def test_post_only(desk: Desk, path: str) -> None:
    """Any other method is refused (google-oauth.md 2.1), so no secret comes in a query."""
    assert desk.get(path, grant_type="refresh_token").status == 405
    assert desk.http.put(path).status_code == 405


def test_answer_of_a_sign_in(desk: Desk) -> None:
    """An offline sign-in is answered with all of section 2.1's members, in their types."""
    body = desk.signed_in()
    assert set(body) == {
        "access_token",
        "expires_in",
        "refresh_token",
        "scope",
        "token_type",
        "id_token",
        "refresh_token_expires_in",
    }
    assert body["expires_in"] == 3599
    assert body["refresh_token_expires_in"] == 604799
    assert body["token_type"] == "Bearer"
    assert body["scope"] == " ".join(SCOPES)
    assert body["access_token"].startswith("ya29.emu-")
    assert body["refresh_token"].startswith("1//emu-")


def test_basic_or_body(desk: Desk) -> None:
    """A client may authenticate with Basic or in the form (RFC 6749 section 2.3.1)."""
    form = code_form(desk.consent(), client_id="", client_secret="")
    assert desk.post(form, basic=(CLIENT, SECRET)).status == 200
    assert desk.exchange(desk.consent()).status == 200


def test_address_of_external_accounts(desk: Desk) -> None:
    """/v1/oauthtoken takes refresh tokens, with Basic and without a scope, and nothing else (6.3).

    The refresh token stays the same: what a client keeps in its file goes on working.
    """
    held = desk.signed_in()["refresh_token"]
    form = refresh_form(held, client_id="", client_secret="")
    for _ in range(2):
        answered = desk.post(form, path=REFRESH_PATH, basic=(CLIENT, SECRET))
        assert answered.status == 200
        assert desk.is_accepted(answered.body["access_token"])
        assert "refresh_token" not in answered.body
    assert desk.post(form, path=REFRESH_PATH, basic=(CLIENT, "wrong")).status == 401
    other = desk.post(code_form(desk.consent()), path=REFRESH_PATH)
    assert other.error[:2] == (400, "unsupported_grant_type")


def test_failed_client_authentication_does_not_spend_the_code(desk: Desk) -> None:
    """Go sends a code with Basic first and after any error in the body: the second one works."""
    code = desk.consent()
    form = code_form(code, client_id="", client_secret="")
    assert desk.post(form, basic=(CLIENT, "")).status == 400
    assert desk.exchange(code, client_secret="wrong").status == 401
    assert desk.exchange(code, redirect_uri="http://127.0.0.1/x").status == 400
    assert desk.exchange(code, code_verifier="w" * 64).status == 400
    assert desk.exchange(code).status == 200


def test_value_less_parameters_are_absent(desk: Desk) -> None:
    """A parameter without a value counts as left out (RFC 6749 section 3.1)."""
    assert desk.post("grant_type=&code=a").body["error"] == "invalid_request"


def test_keys_are_made_when_an_id_token_first_needs_them() -> None:
    """No signing key exists before an id token is asked for; that request waits for two."""
    desk = Desk(with_keys=False)
    desk.signed_in(scopes=(CLOUD_PLATFORM,))
    with desk.read() as tx:
        assert tx.find(SigningKey) == []
    assert "id_token" in desk.signed_in()
    with desk.read() as tx:
        assert len(tx.find(SigningKey)) == 2
    desk.context.store.close()


def test_own_address_is_an_audience(desk: Desk) -> None:
    """A service account may address the emulator as it reaches it, beside Google's names (2.1)."""
    for path in PATHS:
        assert desk.assert_robot(desk.assertion(aud=BASE + path)).status == 200
