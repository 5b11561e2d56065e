from __future__ import annotations

import pytest

from gemauth.emulator.authserver.userinfo import NAMES, OPENID_CONNECT
from gemauth.emulator.storage.records import Account
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, PROFILE
from tests.emulator.desk import PERSON, ROBOT, ROBOT_ID, SUB, Desk

CONNECT = [path for path, names in NAMES.items() if names == OPENID_CONNECT]
OLDER = [path for path, names in NAMES.items() if names != OPENID_CONNECT]
PROFILE_CLAIMS = {
    "name": "Ada Lovelace",
    "given_name": "Ada",
    "family_name": "Lovelace",
    "hd": "example.com",
}


@pytest.mark.parametrize("path", CONNECT)
def test_openid_connect_form(desk: Desk, path: str) -> None:
    """The OpenID Connect form has `sub` and `email_verified` (2.6)."""
    token = desk.signed_in(scopes=(OPENID, EMAIL, PROFILE))["access_token"]
    assert desk.get(path, bearer=token).body == {
        "sub": SUB,
        "email": PERSON,
        "email_verified": True,
        **PROFILE_CLAIMS,
    }


@pytest.mark.parametrize("path", OLDER)
def test_older_form(desk: Desk, path: str) -> None:
    """The older form has `id` and `verified_email` (2.6)."""
    token = desk.signed_in(scopes=(OPENID, EMAIL, PROFILE))["access_token"]
    assert desk.get(path, bearer=token).body == {
        "id": SUB,
        "email": PERSON,
        "verified_email": True,
        **PROFILE_CLAIMS,
    }


def test_only_what_the_scopes_show(desk: Desk) -> None:
    """The address needs `email`, the name needs `profile` (2.6)."""
    desk.change(Account, SUB, domain=None, family_name="")
    token = desk.signed_in(scopes=(OPENID,))["access_token"]
    assert desk.get("/v1/userinfo", bearer=token).body == {"sub": SUB}
    token = desk.signed_in(scopes=(PROFILE,))["access_token"]
    assert desk.get("/v1/userinfo", bearer=token).body == {
        "sub": SUB,
        "name": "Ada Lovelace",
        "given_name": "Ada",
    }


def test_query_and_post(desk: Desk) -> None:
    """The token may come in the query, and the request as a POST (OIDC core 5.3.1)."""
    token = desk.signed_in()["access_token"]
    assert desk.get("/v1/userinfo", access_token=token).status == 200
    headers = {"authorization": f"bearer {token}"}
    assert desk.http.post("/v1/userinfo", headers=headers).status_code == 200


@pytest.mark.parametrize("path", NAMES)
def test_without_a_token(desk: Desk, path: str) -> None:
    """Nothing sent, or another scheme, is a 401 with a plain challenge (RFC 6750 section 3.1)."""
    answered = desk.get(path)
    assert answered.status == 401
    assert answered.headers["www-authenticate"] == 'Bearer realm="https://accounts.google.com/"'
    assert desk.http.get(path, headers={"authorization": "Basic YTpi"}).status_code == 401


@pytest.mark.parametrize("path", NAMES)
def test_with_a_bad_token(desk: Desk, path: str) -> None:
    """An ended or foreign token is a 401 that says invalid_token (2.6)."""
    token = desk.signed_in()["access_token"]
    desk.clock.advance(3599)
    for bad in (token, "hello", desk.assertion()):
        answered = desk.get(path, bearer=bad)
        assert answered.status == 401
        assert answered.body["error"]["status"] == "UNAUTHENTICATED"
        assert 'error="invalid_token"' in answered.headers["www-authenticate"]


def test_with_too_narrow_a_token(desk: Desk) -> None:
    """A token without any scope of sign-in is a 403 that names them (RFC 6750 section 3.1)."""
    token = desk.signed_in(scopes=(CLOUD_PLATFORM,))["access_token"]
    answered = desk.get("/v1/userinfo", bearer=token)
    assert answered.status == 403
    assert 'error="insufficient_scope"' in answered.headers["www-authenticate"]


def test_service_account(desk: Desk) -> None:
    """A service account has an id and an address, and no profile."""
    token = desk.assert_robot(desk.assertion(scope=f"openid {EMAIL} profile")).body["access_token"]
    assert desk.get("/v1/userinfo", bearer=token).body == {
        "sub": ROBOT_ID,
        "email": ROBOT,
        "email_verified": True,
    }
