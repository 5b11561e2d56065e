from __future__ import annotations

import pytest

from gemauth.emulator.authserver.revocation import PATHS
from gemauth.google.scopes import CLOUD_PLATFORM
from tests.emulator.desk import OTHER_CLIENT, Desk

INVALID = (400, "invalid_token", "Token expired or revoked")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("member", ["access_token", "refresh_token"])
def test_the_whole_grant_ends(desk: Desk, path: str, member: str) -> None:
    """Either token ends everything of that person and client (2.4)."""
    first, second = desk.signed_in(), desk.signed_in()
    answered = desk.post({"token": first[member]}, path=path)
    assert (answered.status, answered.body) == (200, {})
    for tokens in (first, second):
        assert not desk.is_accepted(tokens["access_token"])
        assert desk.refresh(tokens["refresh_token"]).body["error"] == "invalid_grant"


def test_token_in_the_query(desk: Desk) -> None:
    """Google takes the token in the query too, still as a POST (2.4)."""
    token = desk.signed_in()["access_token"]
    assert desk.post("", path=f"/revoke?token={token}").status == 200
    assert not desk.is_accepted(token)


def test_other_clients_keep_theirs(desk: Desk) -> None:
    """What the person granted to another client is untouched."""
    other = desk.exchange(desk.consent(client_id=OTHER_CLIENT), client_id=OTHER_CLIENT).body
    tokens = desk.signed_in()
    desk.post({"token": tokens["refresh_token"]}, path="/revoke")
    assert desk.is_accepted(other["access_token"])
    assert desk.refresh(other["refresh_token"], client_id=OTHER_CLIENT).status == 200


def test_unknown_token(desk: Desk) -> None:
    """What is no token, or none any more, is a 400, where RFC 7009 has 200 (2.4)."""
    tokens = desk.signed_in()
    for token in ("hello", "ya29.emu-" + "x" * 43, "1//emu-" + "x" * 43):
        assert desk.post({"token": token}, path="/revoke").error == INVALID
    desk.post({"token": tokens["access_token"]}, path="/revoke")
    for member in ("access_token", "refresh_token"):
        assert desk.post({"token": tokens[member]}, path="/revoke").error == INVALID


def test_expired_tokens(desk: Desk) -> None:
    """Expired tokens revoke nothing."""
    tokens = desk.signed_in()
    desk.clock.advance(3599)
    assert desk.post({"token": tokens["access_token"]}, path="/revoke").error == INVALID
    assert desk.refresh(tokens["refresh_token"]).status == 200
    desk.clock.advance(604799)
    assert desk.post({"token": tokens["refresh_token"]}, path="/revoke").error == INVALID


def test_no_token(desk: Desk) -> None:
    """A request without a token is invalid."""
    assert desk.post("", path="/revoke").status == 400


def test_get_is_refused(desk: Desk) -> None:
    """A link or a prefetch revokes nothing (2.4)."""
    token = desk.signed_in()["access_token"]
    for path in PATHS:
        assert desk.get(path, token=token).status == 405
    assert desk.is_accepted(token)


def test_service_account_tokens_are_not_revocable(desk: Desk) -> None:
    """A service account's token ends by itself only (2.4)."""
    token = desk.assert_robot(desk.assertion(scope=CLOUD_PLATFORM)).body["access_token"]
    assert desk.post({"token": token}, path="/revoke").body["error"] == "invalid_token"
    assert desk.is_accepted(token)


def test_new_consent_after_revocation(desk: Desk) -> None:
    """Signing in again makes new tokens and does not wake the old ones."""
    old = desk.signed_in()
    desk.post({"token": old["access_token"]}, path="/revoke")
    new = desk.signed_in()
    assert desk.is_accepted(new["access_token"])
    assert not desk.is_accepted(old["access_token"])
    assert desk.refresh(old["refresh_token"]).status == 400
