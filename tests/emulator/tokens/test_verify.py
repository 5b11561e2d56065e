from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.emulator.storage.records import (
    Account,
    Grant,
    OAuthClient,
    Project,
    ServiceAccount,
    ServiceAccountKey,
)
from gemauth.emulator.tokens.verify import (
    Credential,
    Reason,
    Refused,
    verify_access_token,
    verify_bearer,
)
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, RETRIEVER, TUNING
from tests.emulator.desk import CLIENT, KEY_ID, PERSON, ROBOT, ROBOT_ID, SCOPES, SUB, Desk

if TYPE_CHECKING:
    from collections.abc import Callable

GEMINI = "https://generativelanguage.googleapis.com/"
EXPIRED: Reason = "ACCESS_TOKEN_EXPIRED"
UNSUPPORTED: Reason = "ACCESS_TOKEN_TYPE_UNSUPPORTED"


def _verify(desk: Desk, token: str, **more: Any) -> Credential | Refused:
    with desk.read() as tx:
        return verify_bearer(tx, desk.clock.now(), token, **more)


def _robot_token(desk: Desk) -> str:
    body: dict[str, str] = desk.assert_robot(desk.assertion()).body
    return body["access_token"]


def _self_signed(desk: Desk, **claims: Any) -> str:
    return desk.assertion(**{"aud": GEMINI, "scope": None, "sub": ROBOT, **claims})


def test_person(desk: Desk) -> None:
    """A person's token stands for the person, with the client's project."""
    assert _verify(desk, desk.signed_in()["access_token"]) == Credential(
        kind="user",
        subject=SUB,
        email=PERSON,
        scopes=SCOPES,
        client_id=CLIENT,
        project_id="demo-project",
        expires_at=desk.clock.now() + 3599,
    )


def test_service_account(desk: Desk) -> None:
    """A service account's token stands for the account, with its own project."""
    assert _verify(desk, _robot_token(desk)) == Credential(
        kind="service_account",
        subject=ROBOT_ID,
        email=ROBOT,
        scopes=(CLOUD_PLATFORM,),
        client_id=None,
        project_id="demo-project",
        expires_at=desk.clock.now() + 3599,
    )


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({}, None),
        ({"aud": GEMINI.rstrip("/")}, None),
        ({"sub": None}, None),
        ({"iss": ROBOT_ID, "sub": ROBOT_ID}, None),
        ({"aud": None, "scope": f"{TUNING} {RETRIEVER}"}, (TUNING, RETRIEVER)),
        ({"aud": "", "scope": TUNING}, (TUNING,)),
        ({"scope": "email"}, (EMAIL,)),
    ],
)
def test_self_signed(desk: Desk, claims: dict[str, Any], scopes: tuple[str, ...] | None) -> None:
    """A service account's own JWT is good for an audience, or for scopes (5.7)."""
    verdict = _verify(desk, _self_signed(desk, **claims))
    assert isinstance(verdict, Credential), verdict
    assert verdict.kind == "service_account"
    assert verdict.email == ROBOT
    assert verdict.scopes == scopes
    assert verdict.expires_at == desk.clock.now() + 3600


NOW = 1767225600


@pytest.mark.parametrize(
    ("claims", "reason", "why"),
    [
        ({"aud": "https://iam.googleapis.com/"}, UNSUPPORTED, "aud is not this server"),
        ({"aud": "http://generativelanguage.googleapis.com/"}, UNSUPPORTED, "aud"),
        ({"aud": GEMINI + "v1beta"}, UNSUPPORTED, "aud"),
        ({"aud": "https://[generativelanguage/"}, UNSUPPORTED, "aud"),
        ({"aud": [GEMINI]}, UNSUPPORTED, "aud"),
        ({"aud": None}, UNSUPPORTED, "aud"),
        ({"aud": ""}, UNSUPPORTED, "aud"),
        ({"aud": None, "scope": " "}, UNSUPPORTED, "aud"),
        ({"aud": None, "scope": ["a"]}, UNSUPPORTED, "aud"),
        ({"key": 1}, UNSUPPORTED, "not signed by an enabled key"),
        ({"sub": PERSON}, UNSUPPORTED, "sub is not its iss"),
        ({"sub": {}}, UNSUPPORTED, "sub is not its iss"),
        ({"iss": "nobody@example.com"}, UNSUPPORTED, "no service account"),
        ({"iss": "robot"}, UNSUPPORTED, "neither an e-mail"),
        ({"exp": NOW + 3601}, UNSUPPORTED, "more than an hour"),
        ({"iat": NOW - 3600, "exp": NOW}, EXPIRED, "exp has passed"),
    ],
)
def test_self_signed_refused(desk: Desk, claims: dict[str, Any], reason: str, why: str) -> None:
    """A JWT for another audience, person, time or by another key is refused, and it is said why."""
    verdict = _verify(desk, _self_signed(desk, **claims))
    assert isinstance(verdict, Refused)
    assert verdict.reason == reason
    assert why in verdict.why


def test_audience_hosts(desk: Desk) -> None:
    """Which hosts a JWT may be meant for is the called service's to say."""
    token = _self_signed(desk, aud="https://iam.googleapis.com/")
    hosts = {"iam.googleapis.com"}
    assert isinstance(_verify(desk, token, audience_hosts=hosts), Credential)
    verdict = _verify(desk, _self_signed(desk), audience_hosts=hosts)
    assert isinstance(verdict, Refused)


def test_audience_service(desk: Desk) -> None:
    """An audience may have the RPC service called as its path, as gRPC hands it over; no other."""
    package = "google.ai.generativelanguage.v1beta"
    token = _self_signed(desk, aud=f"{GEMINI}{package}.ModelService")
    called = {"audience_service": f"{package}.ModelService"}
    assert isinstance(_verify(desk, token, **called), Credential)
    assert isinstance(_verify(desk, _self_signed(desk), **called), Credential)
    other = _verify(desk, token, audience_service=f"{package}.PermissionService")
    assert isinstance(other, Refused)
    assert isinstance(_verify(desk, token), Refused)


def _revoke(desk: Desk) -> None:
    with desk.write() as tx:
        grant = tx.find(Grant, sub=SUB)[0]
    desk.change(Grant, grant.grant_id, revoked_at=desk.clock.now())


def _remove(kind: type[Any], key: str) -> Callable[[Desk], None]:
    def remove(desk: Desk) -> None:
        with desk.write() as tx:
            assert tx.remove(kind, key)

    return remove


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda desk: desk.clock.advance(3599), "it has expired"),
        (_revoke, "its grant was revoked"),
        (_remove(Account, SUB), "its account was deleted"),
        (_remove(OAuthClient, CLIENT), "its OAuth client no longer exists"),
    ],
)
def test_ended_token_of_a_person(desk: Desk, change: Callable[[Desk], None], why: str) -> None:
    """What ended a token is known here; the caller is told that it expired."""
    token = desk.signed_in()["access_token"]
    change(desk)
    assert _verify(desk, token) == Refused(EXPIRED, why)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"disabled": True}, "its service account is disabled"),
        ({"deleted_at": 1.0}, "its service account was deleted"),
    ],
)
def test_ended_token_of_a_service_account(desk: Desk, values: dict[str, Any], why: str) -> None:
    """A disabled or deleted account's tokens are refused at once; so is its own JWT."""
    token, jwt = _robot_token(desk), _self_signed(desk)
    desk.change(ServiceAccount, ROBOT_ID, **values)
    assert _verify(desk, token) == Refused(EXPIRED, why)
    assert isinstance(_verify(desk, jwt), Refused)


def test_self_signed_by_an_ended_key(desk: Desk) -> None:
    """A disabled key's JWT is refused though it has not expired."""
    token = _self_signed(desk)
    desk.change(ServiceAccountKey, KEY_ID, disabled=True)
    assert isinstance(_verify(desk, token), Refused)


def test_a_disabled_client_keeps_its_tokens(desk: Desk) -> None:
    """Disabling a client or project stops exchanges, not the tokens that are out (section 11)."""
    token = desk.signed_in()["access_token"]
    desk.change(OAuthClient, CLIENT, state="disabled")
    desk.change(Project, "demo-project", state="DELETE_REQUESTED")
    assert isinstance(_verify(desk, token), Credential)


@pytest.mark.parametrize(
    "token",
    ["", "hello", "ya29.a0foreign", "ya29.emu-" + "x" * 43, "a.b.c", "AIzaEmu" + "x" * 32, "é.é.é"],
)
def test_foreign_tokens(desk: Desk, token: str) -> None:
    """A foreign, unknown or malformed token is of an unsupported type."""
    verdict = _verify(desk, token)
    assert isinstance(verdict, Refused)
    assert verdict.reason == UNSUPPORTED


def test_refresh_and_id_tokens_are_no_bearers(desk: Desk) -> None:
    """Neither a refresh token nor an id token opens an API."""
    body = desk.signed_in()
    for kind in ("refresh_token", "id_token"):
        verdict = _verify(desk, body[kind])
        assert isinstance(verdict, Refused)
        assert verdict.reason == UNSUPPORTED


def test_access_tokens_only(desk: Desk) -> None:
    """Where only issued tokens count, a good JWT is refused."""
    with desk.read() as tx:
        verdict = verify_access_token(tx, desk.clock.now(), _self_signed(desk))
    assert isinstance(verdict, Refused)
