from __future__ import annotations

from typing import Any

import pytest

from gemauth.emulator.storage.records import ServiceAccount, ServiceAccountKey
from gemauth.google.endpoints import JWT_AUDIENCES
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, TUNING
from gemauth.oauth import jwt
from tests.emulator.desk import JWT_BEARER, KEY_ID, ROBOT, ROBOT_ID, Desk


@pytest.mark.parametrize("audience", JWT_AUDIENCES)
def test_access_token(desk: Desk, audience: str) -> None:
    """An assertion with scopes gets an access token, and nothing else (2.1)."""
    answered = desk.assert_robot(desk.assertion(aud=audience))
    assert answered.status == 200
    assert set(answered.body) == {"access_token", "expires_in", "token_type"}
    assert answered.body["expires_in"] == 3599
    assert answered.body["access_token"].startswith("ya29.c.emu-")
    assert desk.is_accepted(answered.body["access_token"])


def test_the_key_need_not_be_named(desk: Desk) -> None:
    """As Google's library for Node asks, which sends no kid: any key of the account's may sign."""
    assert desk.assert_robot(desk.assertion(key_id=None)).status == 200
    assert desk.assert_robot(desk.assertion(key=1, key_id=None)).status == 400


def test_audience_behind_the_proxy(desk: Desk) -> None:
    """Under Google's names only Google's audiences count, not every path of this endpoint."""
    for audience, status in (
        ("https://oauth2.googleapis.com/token", 200),
        ("https://oauth2.googleapis.com/o/oauth2/token", 400),
    ):
        form = {"grant_type": JWT_BEARER, "assertion": desk.assertion(aud=audience)}
        answered = desk.http.post("https://oauth2.googleapis.com/token", data=form)
        assert answered.status_code == status


def test_id_token(desk: Desk) -> None:
    """An assertion with a target audience gets an id token for it, and nothing else (2.1, 2.2)."""
    assertion = desk.assertion(scope=None, target_audience="https://run.example.com")
    answered = desk.assert_robot(assertion)
    assert set(answered.body) == {"id_token"}
    claims = jwt.decode(answered.body["id_token"]).claims
    assert claims["aud"] == "https://run.example.com"
    assert claims["sub"] == ROBOT_ID
    assert claims["email"] == ROBOT
    assert claims["email_verified"] is True
    assert claims["iss"] == "https://accounts.google.com"
    assert claims["exp"] - claims["iat"] == 3600


@pytest.mark.parametrize("claims", [{"iss": ROBOT_ID}, {"sub": ROBOT}, {"iss": ROBOT.upper()}])
def test_names_of_the_account(desk: Desk, claims: dict[str, Any]) -> None:
    """`iss` may be the unique id, `sub` the account itself, and case does not matter."""
    assert desk.assert_robot(desk.assertion(**claims)).status == 200


def test_scopes_are_the_asserted_ones(desk: Desk) -> None:
    """The token covers what the assertion asked for, in canonical form, also beyond Gemini's."""
    drive = "https://www.googleapis.com/auth/drive.readonly"
    token = desk.assert_robot(desk.assertion(scope=f"{TUNING} email {drive}")).body["access_token"]
    info = desk.get("/tokeninfo", access_token=token).body
    assert info["scope"] == f"{TUNING} {EMAIL} {drive}"


def test_clocks_a_little_apart(desk: Desk) -> None:
    """A signer whose clock is a minute ahead is believed, one two minutes ahead is not."""
    now = int(desk.clock.now())
    ahead = desk.assertion(iat=now + 60, exp=now + 3660)
    assert desk.assert_robot(ahead).status == 200
    far = desk.assertion(iat=now + 120, exp=now + 3720)
    assert desk.assert_robot(far).status == 400


def test_account_made_anew_under_its_address(desk: Desk) -> None:
    """A deleted account's key does not work for the one that has its address now."""
    desk.change(ServiceAccount, ROBOT_ID, deleted_at=desk.clock.now())
    with desk.write() as tx:
        tx.add(
            ServiceAccount(
                f"1{7:020}",
                "demo-project",
                ROBOT,
                "",
                "",
                disabled=False,
                deleted_at=None,
                etag="e",
                created_at=desk.clock.now(),
            )
        )
    assert desk.assert_robot(desk.assertion()).error == (
        400,
        "invalid_grant",
        "Invalid JWT Signature.",
    )


def test_deleted_key(desk: Desk) -> None:
    """A key that was deleted signs nothing from the next exchange on (section 11, row 4)."""
    with desk.write() as tx:
        tx.remove(ServiceAccountKey, KEY_ID)
    assert desk.assert_robot(desk.assertion(scope=CLOUD_PLATFORM)).body["error"] == "invalid_grant"


def test_hostile_nesting(desk: Desk) -> None:
    """A JWT of brackets, deeper than the reader's stack, is refused like any other text."""
    import base64

    deep = base64.urlsafe_b64encode(b"[" * 20000).rstrip(b"=").decode()
    assert desk.assert_robot(f"{deep}.{deep}.").error == (400, "invalid_grant", "Bad Request")
