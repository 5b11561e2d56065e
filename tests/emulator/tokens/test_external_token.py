from __future__ import annotations

import json
from typing import Any

import pytest

from gemauth.emulator.tokens import external_token
from gemauth.emulator.tokens.external_token import (
    ExternalTokenRefused,
    JwkSetError,
    Problem,
    read_jwk_set,
)
from gemauth.oauth import base64url
from tests.emulator import issuer

NOW = 1_800_000_000.0
AUDIENCE = "//iam.googleapis.com/a/provider"


def check(token: str) -> Any:
    """What becomes of a token of `issuer` for AUDIENCE."""
    keys = read_jwk_set(issuer.jwk_set())
    return external_token.check(NOW, token, keys, issuer.URI, (AUDIENCE, "other"))


def good(**changes: Any) -> dict[str, Any]:
    """A good token's claims with changes."""
    return issuer.claims(NOW, AUDIENCE, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": ["nobody", AUDIENCE]},
        {"aud": "other"},
        {"iat": NOW - 86400},
        {"iat": NOW + 60},
        {"exp": NOW + 10**6},
    ],
)
def test_believed(changes: dict[str, Any]) -> None:
    """RS256 and ES256 tokens of the issuer, for an allowed audience, of the last day"""
    assert check(issuer.signed(good(**changes))) == good(**changes)
    assert check(issuer.signed_es256(good(**changes))) == good(**changes)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"iss": "https://other.example.com"}, Problem.ISSUER),
        ({"iss": None}, Problem.ISSUER),
        ({"aud": "nobody"}, Problem.AUDIENCE),
        ({"aud": []}, Problem.AUDIENCE),
        ({"aud": [["other"]]}, Problem.AUDIENCE),
        ({"aud": None}, Problem.AUDIENCE),
        ({"sub": None}, Problem.SUBJECT),
        ({"sub": ""}, Problem.SUBJECT),
        ({"sub": 7}, Problem.SUBJECT),
        ({"iat": None}, Problem.TIME),
        ({"iat": "now"}, Problem.TIME),
        ({"iat": NOW - 86401}, Problem.OLD),
        ({"iat": NOW + 61}, Problem.TIME),
        ({"exp": None}, Problem.TIME),
        ({"nbf": NOW + 61}, Problem.NOT_YET),
        ({"nbf": "now"}, Problem.NOT_YET),
        ({"exp": NOW}, Problem.EXPIRED),
    ],
)
def test_claims_that_are_refused(changes: dict[str, Any], problem: Problem) -> None:
    """The first thing wrong is told"""
    with pytest.raises(ExternalTokenRefused) as caught:
        check(issuer.signed(good(**changes)))
    assert caught.value.problem is problem


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        ("", Problem.MALFORMED),
        ("a.b.c", Problem.MALFORMED),
        (issuer.signed(good(), key_id=None), Problem.KEY),
        (issuer.signed(good(), key_id="unknown"), Problem.KEY),
        (issuer.signed(good(), key=1), Problem.SIGNATURE),
        (issuer.signed(good(), key_id="e1"), Problem.SIGNATURE),
        (issuer.signed_es256(good(), kid="r1"), Problem.SIGNATURE),
        (issuer.signed_es256(good(), alg="RS256"), Problem.SIGNATURE),
        (issuer.signed_es256(good(), alg="none"), Problem.SIGNATURE),
        (issuer.signed_es256(good(), crit=["b64"]), Problem.SIGNATURE),
        (issuer.signed_es256(good())[:-4], Problem.SIGNATURE),
        (issuer.signed_es256(good())[:-86] + "A" * 86, Problem.SIGNATURE),
    ],
)
def test_signatures_that_are_refused(token: str, problem: Problem) -> None:
    """A token is signed by the key that its kid names, with that key's algorithm"""
    with pytest.raises(ExternalTokenRefused) as caught:
        check(token)
    assert caught.value.problem is problem


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ("no json", "no JSON"),
        ("[]", "no list"),
        ('{"keys": []}', "no list"),
        ([{}], "kid"),
        ([issuer.rsa_jwk(), issuer.rsa_jwk()], "a kid of its own"),
        ([issuer.rsa_jwk() | {"d": "AA"}], "private"),
        ([issuer.rsa_jwk() | {"alg": "HS256"}], "neither"),
        ([issuer.rsa_jwk() | {"n": "***"}], "neither"),
        ([issuer.rsa_jwk() | {"n": 7}], "neither"),
        ([issuer.ec_jwk() | {"crv": "P-521"}], "neither"),
        ([issuer.ec_jwk() | {"x": base64url.encode(b"\1" * 32)}], "neither"),
        ([{"kty": "oct", "kid": "k", "k": "AA"}], "neither"),
        ([{"kid": "k"}], "neither"),
    ],
)
def test_sets_that_cannot_be_used(keys: Any, why: str) -> None:
    """Only public RSA and P-256 keys with ids are read; the reason names the key"""
    text = keys if isinstance(keys, str) else json.dumps({"keys": keys})
    with pytest.raises(JwkSetError, match=why):
        read_jwk_set(text)
