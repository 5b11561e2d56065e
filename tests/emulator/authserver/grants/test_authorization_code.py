from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.emulator.storage.records import (
    ConsentScreen,
    Grant,
    OAuthClient,
    Project,
    SpentCode,
)
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, PROFILE, SIGN_IN
from gemauth.oauth import jwt
from gemauth.oauth.pkce import challenge
from tests.emulator.desk import CLIENT, OTHER_CLIENT, SUB, VERIFIER, Desk

if TYPE_CHECKING:
    from tests.emulator.desk import Answer


@pytest.mark.parametrize(
    ("method", "stored"), [("S256", challenge(VERIFIER)), ("plain", VERIFIER), (None, VERIFIER)]
)
def test_pkce(desk: Desk, method: str | None, stored: str) -> None:
    """S256 and plain verifiers are proved; a challenge without a method is plain (RFC 7636 4.3)."""
    code = desk.consent(challenge=stored, method=method)
    assert desk.exchange(code, code_verifier="w" * 64).status == 400
    assert desk.exchange(code, code_verifier=VERIFIER).status == 200


@pytest.mark.parametrize(
    ("kind", "consent", "given"),
    [
        ("desktop", {"offline": True, "shown": True}, True),
        ("desktop", {"offline": False, "shown": True}, False),
        ("desktop", {"offline": True, "shown": False}, True),
        ("first_party", {"offline": True, "shown": False}, True),
        ("web", {"offline": True, "shown": True}, True),
        ("web", {"offline": True, "shown": False}, False),
    ],
)
def test_refresh_token_needs_offline_and_consent(
    desk: Desk, *, kind: str, consent: dict[str, Any], given: bool
) -> None:
    """A refresh token comes with access_type=offline only, and for a web app only with a consent
    page shown (1.1); installed apps always get one (OAuth 2.0 for iOS & Desktop Apps).
    """
    with desk.write() as tx:
        client = tx.get(OAuthClient, CLIENT)
        assert client is not None
        tx.replace(replace(client, kind=kind))
    body = desk.signed_in(**consent)
    assert ("refresh_token" in body) is given
    assert ("refresh_token_expires_in" in body) is given


def test_id_token_only_with_openid(desk: Desk) -> None:
    """There is an id token exactly if openid was granted (2.1)."""
    assert "id_token" not in desk.signed_in(scopes=(EMAIL, CLOUD_PLATFORM))
    assert "id_token" in desk.signed_in(scopes=(OPENID,))


def test_scopes_are_canonical(desk: Desk) -> None:
    """`email` and `profile` are answered as URLs (section 0, fact 5)."""
    assert desk.signed_in(scopes=("openid", "email", "profile"))["scope"] == (
        f"{OPENID} {EMAIL} {PROFILE}"
    )


def test_nonce_is_echoed(desk: Desk) -> None:
    """The authorization request's nonce is in the id token (OIDC core 2)."""
    body = desk.signed_in(nonce="n-0S6_WzA2Mj")
    assert jwt.decode(body["id_token"]).claims["nonce"] == "n-0S6_WzA2Mj"


@pytest.mark.parametrize(
    ("screen", "scopes", "seconds"),
    [
        ({}, (CLOUD_PLATFORM,), 604799),
        ({}, SIGN_IN, None),
        ({"publishing_status": "production"}, (CLOUD_PLATFORM,), None),
        ({"user_type": "internal"}, (CLOUD_PLATFORM,), None),
    ],
)
def test_seven_days(
    desk: Desk, screen: dict[str, str], scopes: tuple[str, ...], seconds: int | None
) -> None:
    """Refresh tokens of External apps in Testing end after 7 days, save for sign-in alone (3)."""
    desk.change(ConsentScreen, "demo-project", **screen)
    body = desk.signed_in(scopes=scopes)
    assert body.get("refresh_token_expires_in") == seconds
    desk.clock.advance(604798)
    assert desk.refresh(body["refresh_token"]).status == 200
    desk.clock.advance(1)
    assert (desk.refresh(body["refresh_token"]).status == 200) is (seconds is None)


def test_replay_ends_the_grant(desk: Desk) -> None:
    """A code that comes twice ends its grant: refresh and access tokens are refused (RFC 9700)."""
    code = desk.consent()
    tokens = desk.exchange(code).body
    assert desk.is_accepted(tokens["access_token"])
    assert desk.exchange(code).error == (400, "invalid_grant", "Bad Request")
    assert not desk.is_accepted(tokens["access_token"])
    assert desk.refresh(tokens["refresh_token"]).error == (
        400,
        "invalid_grant",
        "Token has been expired or revoked.",
    )


def test_replay_ends_the_grant_even_days_later(desk: Desk) -> None:
    """The code's own ten minutes do not limit how long its replay is noticed."""
    code = desk.consent()
    tokens = desk.exchange(code).body
    desk.clock.advance(86400)
    assert desk.exchange(code).status == 400
    assert desk.refresh(tokens["refresh_token"]).status == 400


@pytest.mark.parametrize(
    "fields", [{"client_secret": "wrong"}, {"client_id": OTHER_CLIENT}, {"client_id": "nobody"}]
)
def test_replay_by_another_ends_nothing(desk: Desk, fields: dict[str, str]) -> None:
    """Who holds a spent code but not its client's secret cannot sign the person out."""
    code = desk.consent()
    tokens = desk.exchange(code).body
    assert desk.exchange(code, **fields).error == (400, "invalid_grant", "Bad Request")
    assert desk.is_accepted(tokens["access_token"])


def test_consent_taken_back_before_the_exchange(desk: Desk) -> None:
    """A code whose grant has ended yields nothing and is not spent."""
    tokens = desk.signed_in()
    code = desk.consent()
    desk.post({"token": tokens["access_token"]}, path="/revoke")
    assert desk.exchange(code).error == (400, "invalid_grant", "Bad Request")


def test_one_of_two_racers_gets_tokens(desk: Desk) -> None:
    """Of exchanges of one code at the same time, exactly one is answered with tokens."""
    code = desk.consent()
    answers: list[Answer] = []
    threads = [
        threading.Thread(target=lambda: answers.append(desk.exchange(code))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answered.status for answered in answers) == [200, 400, 400, 400]


def test_internal_app_after_the_organization_changed(desk: Desk) -> None:
    """A person outside an Internal app's organization gets no tokens, whatever code they hold."""
    code = desk.consent()
    desk.change(ConsentScreen, "demo-project", user_type="internal")
    desk.change(Project, "demo-project", organization="elsewhere.example")
    assert desk.exchange(code).status == 400


def test_app_without_a_consent_screen(desk: Desk) -> None:
    """Without a consent screen nobody is known to be admitted."""
    code = desk.consent()
    with desk.write() as tx:
        tx.remove(ConsentScreen, "demo-project")
    assert desk.exchange(code).status == 400


def test_only_digests_are_kept(desk: Desk) -> None:
    """Neither the code nor a token can be read from the store."""
    code = desk.consent()
    tokens = desk.exchange(code).body
    connection = desk.context.store._connection  # type: ignore[attr-defined]  # the file's content
    content = "\n".join(connection.iterdump())
    for secret in (code, tokens["access_token"], tokens["refresh_token"]):
        assert secret not in content
    with desk.read() as tx:
        assert len(tx.find(SpentCode)) == 1
        assert len(tx.find(Grant, sub=SUB)) == 1
