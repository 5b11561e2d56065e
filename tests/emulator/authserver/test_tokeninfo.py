from __future__ import annotations

import pytest

from gemauth.emulator.authserver.tokeninfo import FORMS
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID
from gemauth.oauth import jwt
from tests.emulator.desk import CLIENT, PERSON, ROBOT, ROBOT_ID, SCOPES, SUB, Desk, answer

V3 = ["/tokeninfo", "/oauth2/v3/tokeninfo", "/oauth2/v3/tokeninfo/"]
OLDER = ["/oauth2/v1/tokeninfo", "/oauth2/v2/tokeninfo"]


@pytest.mark.parametrize("path", V3)
def test_v3_is_all_strings(desk: Desk, path: str) -> None:
    """v3 answers an access token with strings only (2.5)."""
    token = desk.signed_in()["access_token"]
    desk.clock.advance(9.5)
    assert desk.get(path, access_token=token).body == {
        "azp": CLIENT,
        "aud": CLIENT,
        "sub": SUB,
        "scope": " ".join(SCOPES),
        "exp": str(1767225600 + 3599),
        "expires_in": "3589",
        "email": PERSON,
        "email_verified": "true",
        "access_type": "offline",
    }


@pytest.mark.parametrize("path", OLDER)
def test_older_forms_are_typed(desk: Desk, path: str) -> None:
    """v1 and v2 have their own names, a number and a flag (2.5)."""
    token = desk.signed_in(offline=False)["access_token"]
    body = desk.get(path, access_token=token).body
    if path == "/oauth2/v1/tokeninfo":
        assert body.pop("email_verified") is True
    assert body == {
        "issued_to": CLIENT,
        "audience": CLIENT,
        "user_id": SUB,
        "scope": " ".join(SCOPES),
        "expires_in": 3599,
        "email": PERSON,
        "verified_email": True,
        "access_type": "online",
    }


@pytest.mark.parametrize("path", FORMS)
def test_only_what_the_scopes_show(desk: Desk, path: str) -> None:
    """Without sign-in scopes neither the person nor the address is named (2.5)."""
    token = desk.signed_in(scopes=(CLOUD_PLATFORM,))["access_token"]
    text = str(desk.get(path, access_token=token).body)
    assert SUB not in text
    assert PERSON not in text
    token = desk.signed_in(scopes=(OPENID,))["access_token"]
    text = str(desk.get(path, access_token=token).body)
    assert SUB in text
    assert PERSON not in text


@pytest.mark.parametrize("path", V3)
def test_id_token_v3(desk: Desk, path: str) -> None:
    """An id token is answered with all its claims as strings, and its header (2.5)."""
    token = desk.signed_in()["id_token"]
    parts = jwt.decode(token)
    body = desk.get(path, id_token=token).body
    assert set(body) == {*parts.claims, *parts.header}
    assert set(map(type, body.values())) == {str}
    assert body["email_verified"] == "true"
    assert body["exp"] == str(parts.claims["exp"])
    assert body["alg"] == "RS256"


@pytest.mark.parametrize("path", OLDER)
def test_id_token_older(desk: Desk, path: str) -> None:
    """The older forms have an id token's facts under their own names."""
    body = desk.get(path, id_token=desk.signed_in()["id_token"]).body
    assert body["user_id"] == SUB
    assert body["audience"] == CLIENT
    assert body["issuer"] == "https://accounts.google.com"
    assert body["expires_in"] == 3600


REFUSED = {
    "/tokeninfo": {"error": "invalid_token", "error_description": "Invalid Value"},
    "/oauth2/v3/tokeninfo": {"error": "invalid_token", "error_description": "Invalid Value"},
    "/oauth2/v2/tokeninfo": {"error": "invalid_token", "error_description": "Invalid Value"},
    "/oauth2/v1/tokeninfo": {"error": "invalid_token"},
}


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("kind", ["access_token", "id_token"])
def test_refusals(desk: Desk, path: str, kind: str) -> None:
    """A bad or expired token is a 400 in the version's own form (2.5)."""
    tokens = desk.signed_in()
    desk.clock.advance(3600)
    foreign = desk.assertion()
    for token in (tokens[kind], "hello", foreign, tokens[kind] + "x"):
        answered = desk.get(path, **{kind: token})
        assert (answered.status, answered.body) == (400, REFUSED[path])


@pytest.mark.parametrize("path", FORMS)
def test_post_and_nothing(desk: Desk, path: str) -> None:
    """POST works like GET; a request without a token is a 400."""
    token = desk.signed_in()["access_token"]
    assert desk.post({"access_token": token}, path=path).status == 200
    assert desk.post("", path=path).error[:2] == (400, "invalid_request")
    assert answer(desk.http.get(path)).status == 400


def test_service_account(desk: Desk) -> None:
    """A service account's token names the account's unique id as azp and aud (2.5)."""
    token = desk.assert_robot(desk.assertion()).body["access_token"]
    body = desk.get("/tokeninfo", access_token=token).body
    assert body["azp"] == body["aud"] == ROBOT_ID
    assert "email" not in body
    token = desk.assert_robot(desk.assertion(scope=EMAIL)).body["access_token"]
    assert desk.get("/tokeninfo", access_token=token).body["email"] == ROBOT


def test_a_self_signed_jwt_is_no_token_of_ours(desk: Desk) -> None:
    """What the emulator has not issued it does not describe."""
    assert desk.get("/tokeninfo", access_token=desk.assertion()).status == 400
