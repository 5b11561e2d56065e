from __future__ import annotations

import base64
import hashlib

import pytest

from gemauth.emulator.storage.records import Account, SigningKey
from gemauth.emulator.tokens import id_token
from gemauth.google.scopes import EMAIL, OPENID, PROFILE
from gemauth.oauth import jwt
from tests.emulator.desk import CLIENT, PERSON, SUB, Desk

ALWAYS = {"iss", "azp", "aud", "sub", "hd", "at_hash", "iat", "exp"}


@pytest.mark.parametrize(
    ("scopes", "more"),
    [
        ((OPENID,), set()),
        ((OPENID, EMAIL), {"email", "email_verified"}),
        ((OPENID, PROFILE), {"name", "given_name", "family_name"}),
    ],
)
def test_claims_follow_scopes(desk: Desk, scopes: tuple[str, ...], more: set[str]) -> None:
    """A claim about the person is there only with the scope for it (2.2)."""
    claims = jwt.decode(desk.signed_in(scopes=scopes)["id_token"]).claims
    assert set(claims) == ALWAYS | more


def test_values(desk: Desk) -> None:
    """The claims have section 2.2's values and types."""
    desk.clock.advance(0.75)
    body = desk.signed_in(scopes=(OPENID, EMAIL))
    claims = jwt.decode(body["id_token"]).claims
    half = hashlib.sha256(body["access_token"].encode()).digest()[:16]
    assert claims == {
        "iss": "https://accounts.google.com",
        "azp": CLIENT,
        "aud": CLIENT,
        "sub": SUB,
        "hd": "example.com",
        "email": PERSON,
        "email_verified": True,
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        "iat": 1767225600,
        "exp": 1767225600 + 3600,
    }


def test_person_without_domain_and_surname(desk: Desk) -> None:
    """Outside Workspace there is no `hd`, and an empty name is no claim."""
    desk.change(Account, SUB, domain=None, family_name="")
    claims = jwt.decode(desk.signed_in(scopes=(OPENID, PROFILE))["id_token"]).claims
    assert "hd" not in claims
    assert "family_name" not in claims


def test_read(desk: Desk) -> None:
    """A token is read back while its time and its key last, and never when tampered with."""
    token = desk.signed_in()["id_token"]
    header, claims, _ = token.split(".")
    other = desk.signed_in(scopes=(OPENID,))["id_token"]
    with desk.read() as tx:
        now = desk.clock.now()
        assert id_token.read(tx, now, token) is not None
        assert id_token.read(tx, now + 3600, token) is None
        for bad in ("", "a.b.c", f"{header}.{claims}.", f"{header}.{claims}.{other[-342:]}"):
            assert id_token.read(tx, now, bad) is None
    with desk.write() as tx:
        tx.remove(SigningKey, jwt.decode(token).header["kid"])
        assert id_token.read(tx, now, token) is None
