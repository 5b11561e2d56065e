from __future__ import annotations

import pytest

from gemauth.emulator.storage.records import ClientSecretHash, ConsentScreen, TestUser
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, TUNING
from gemauth.oauth import jwt
from tests.emulator.desk import CLIENT, NEXT_SECRET, SCOPES, Desk

HALF_A_YEAR = 180 * 86400


def test_answer(desk: Desk) -> None:
    """A refresh is answered like a sign-in, without a new refresh token (2.1)."""
    first = desk.signed_in()
    desk.clock.advance(86400)
    again = desk.refresh(first["refresh_token"])
    assert again.status == 200
    assert set(again.body) == set(first) - {"refresh_token"}
    assert again.body["access_token"] != first["access_token"]
    assert again.body["scope"] == " ".join(SCOPES)
    assert again.body["refresh_token_expires_in"] == 604799 - 86400
    assert not desk.is_accepted(first["access_token"])
    assert desk.is_accepted(again.body["access_token"])


def test_id_token_of_a_refresh(desk: Desk) -> None:
    """It is bound to the new access token and has no nonce (OIDC core 12.2)."""
    first = desk.signed_in(nonce="once")
    again = desk.refresh(first["refresh_token"]).body
    old, new = (jwt.decode(body["id_token"]).claims for body in (first, again))
    assert old["sub"] == new["sub"]
    assert old["at_hash"] != new["at_hash"]
    assert "nonce" not in new


def test_scope_may_be_narrowed(desk: Desk) -> None:
    """`scope` asks for less (RFC 6749 section 6), and the next refresh has all again."""
    token = desk.signed_in()["refresh_token"]
    narrow = desk.refresh(token, scope=f"{TUNING} email").body
    assert narrow["scope"] == f"{TUNING} {EMAIL}"
    assert "id_token" not in narrow
    info = desk.get("/tokeninfo", access_token=narrow["access_token"]).body
    assert info["scope"] == f"{TUNING} {EMAIL}"
    assert desk.refresh(token).body["scope"] == " ".join(SCOPES)


def test_refused_scope_changes_nothing(desk: Desk) -> None:
    """One scope too many refuses the whole request, and the token lives on."""
    token = desk.signed_in(scopes=(OPENID, TUNING))["refresh_token"]
    refused = desk.refresh(token, scope=f"{TUNING} {CLOUD_PLATFORM}")
    assert refused.error == (400, "invalid_scope", "Bad Request")
    assert desk.refresh(token).status == 200


def test_six_months_unused(desk: Desk) -> None:
    """A token that nobody uses for six months dies; each use starts them anew (section 3)."""
    desk.change(ConsentScreen, "demo-project", publishing_status="production")
    token = desk.signed_in()["refresh_token"]
    for _ in range(3):
        desk.clock.advance(HALF_A_YEAR - 1)
        assert desk.refresh(token).status == 200
    desk.clock.advance(HALF_A_YEAR)
    assert desk.refresh(token).error == (
        400,
        "invalid_grant",
        "Token has been expired or revoked.",
    )


@pytest.mark.parametrize("secret", [None, NEXT_SECRET])
def test_either_secret(desk: Desk, secret: str | None) -> None:
    """While a secret is rotated, both work (section 3: two per client)."""
    token = desk.signed_in()["refresh_token"]
    fields = {} if secret is None else {"client_secret": secret}
    assert desk.refresh(token, **fields).status == 200


def test_removed_secret(desk: Desk) -> None:
    """A secret that was taken away is wrong from the next exchange on."""
    token = desk.signed_in()["refresh_token"]
    with desk.write() as tx:
        for row in tx.find(ClientSecretHash, client_id=CLIENT)[:1]:
            tx.remove(ClientSecretHash, row.client_id, row.secret_hash)
    statuses = [desk.refresh(token).status, desk.refresh(token, client_secret=NEXT_SECRET).status]
    assert sorted(statuses) == [200, 401]


def test_tester_who_comes_back(desk: Desk) -> None:
    """A removed tester's token is refused while they are off the list, not ended."""
    token = desk.signed_in()["refresh_token"]
    desk.change(TestUser, "demo-project", "ada@example.com", removed_at=1.0)
    assert desk.refresh(token).status == 400
    desk.change(TestUser, "demo-project", "ada@example.com", removed_at=None)
    assert desk.refresh(token).status == 200


def test_the_hundred_and_first_evicts_the_oldest(desk: Desk) -> None:
    """One account holds 100 refresh tokens of a client; the next ends the oldest (section 3)."""
    tokens = []
    for _ in range(101):
        tokens.append(desk.signed_in(scopes=(CLOUD_PLATFORM,))["refresh_token"])
        desk.clock.advance(1)
    assert desk.refresh(tokens[0]).error == (
        400,
        "invalid_grant",
        "Token has been expired or revoked.",
    )
    assert desk.refresh(tokens[1]).status == 200
    assert desk.refresh(tokens[100]).status == 200
