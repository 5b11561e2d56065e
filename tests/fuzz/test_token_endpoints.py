"""The token endpoint and its neighbours, sent everything but what they should be sent."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from gemauth.oauth import jwt
from tests.fuzz.conftest import FORM, REDIRECT
from tests.fuzz.nasty import ACCOUNT, few, forms, json_values, query_of, some, texts

if TYPE_CHECKING:
    from tests.fuzz.conftest import Target

pytestmark = pytest.mark.fuzz

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_TYPE = "urn:ietf:params:oauth:token-type:"
PROVIDER = (
    "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/fuzz-pool"
    "/providers/fuzz-provider"
)
PATHS = ("/token", "/o/oauth2/token", "/oauth2/v4/token", "/revoke", "/tokeninfo", "/v1/token")
ASKED = (*PATHS, "/oauth2/v1/tokeninfo", "/oauth2/v2/tokeninfo", "/v1/userinfo", "/userinfo/v2/me")
KINDS = (FORM, f"{FORM}; charset=utf-8", "multipart/form-data; boundary=x", "application/json", "")


@some
@given(data=st.data())
def test_forms(target: Target, data: st.DataObject) -> None:
    """Any form, with any client authentication, gets an answer of OAuth's."""
    pairs = data.draw(
        forms(
            {
                "grant_type": ["authorization_code", "refresh_token", JWT_BEARER, "password"],
                "client_id": [target.client_id],
                "client_secret": [target.client_secret],
                "refresh_token": [target.refresh_token],
                "code": ["4/0Aemu-" + "A" * 43],
                "redirect_uri": [REDIRECT],
                "code_verifier": ["v" * 64],
                "scope": ["openid", "openid openid email"],
                "assertion": ["a.b.c"],
                "subject_token": ["a.b.c"],
                "subject_token_type": [f"{TOKEN_TYPE}jwt", f"{TOKEN_TYPE}access_token"],
                "requested_token_type": [f"{TOKEN_TYPE}access_token"],
                "audience": [PROVIDER],
                "token": ["1//emu-" + "A" * 43, "ya29.emu-" + "A" * 43],
                "access_token": [target.access_token],
                "id_token": ["e30.e30.AAAA"],
            }
        )
    )
    basic = data.draw(
        st.none()
        | st.just(f"{target.client_id}:{target.client_secret}")
        | texts.filter(lambda text: "\r" not in text and "\n" not in text)
    )
    headers = [("Content-Type", data.draw(st.sampled_from(KINDS)))]
    if basic is not None:
        encoded = base64.b64encode(basic.encode("utf-8", "surrogatepass")).decode()
        headers.append(("Authorization", f"Basic {encoded}"))
    body = data.draw(st.just(query_of(pairs).encode()) | st.binary(max_size=60))
    answer = target.send("POST", data.draw(st.sampled_from(PATHS)), headers, body)
    assert answer.status in {200, 400, 401, 413}


@some
@given(data=st.data())
def test_questions(target: Target, data: st.DataObject) -> None:
    """Any query and any bearer gets an answer, whatever the method."""
    pairs = data.draw(
        forms({"access_token": [target.access_token], "id_token": ["e30.e30.AAAA"], "token": []})
    )
    method = data.draw(st.sampled_from(["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"]))
    path = data.draw(st.sampled_from(ASKED))
    printable = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=20)
    token = data.draw(st.just(target.access_token) | printable)
    target.send(method, f"{path}?{query_of(pairs)}", [("Authorization", f"Bearer {token}")])


@some
@given(data=st.data())
def test_signed_assertions(target: Target, data: st.DataObject) -> None:
    """A JWT whose signature is good and whose claims are anything: no claim breaks the reader."""
    now = int(target.emulator.context.clock.now())
    good: dict[str, Any] = {
        "iss": target.robot,
        "sub": target.robot,
        "aud": data.draw(
            st.sampled_from(
                [
                    "https://oauth2.googleapis.com/token",
                    "https://generativelanguage.googleapis.com/",
                ]
            )
        ),
        "iat": now,
        "exp": now + 3600,
        "scope": "https://www.googleapis.com/auth/cloud-platform",
    }
    names = st.sampled_from([*good, "target_audience", "nbf"]) | texts
    changes = data.draw(st.dictionaries(names, json_values, max_size=2))
    drop = data.draw(st.sets(st.sampled_from(list(good)), max_size=1))
    claims = {name: value for name, value in (good | changes).items() if name not in drop}
    token = _signed(target, claims)
    form = query_of([("grant_type", JWT_BEARER), ("assertion", token)]).encode()
    assert target.send("POST", "/token", [("Content-Type", FORM)], form).status in {200, 400, 401}
    target.send("GET", "/v1beta/models", [("Authorization", f"Bearer {token}")])


@few
@given(header=json_values, claims=json_values, signature=st.binary(max_size=300))
def test_unsigned_assertions(target: Target, header: Any, claims: Any, signature: bytes) -> None:
    """Whatever stands in the three parts of a JWT, it is refused in words."""
    if isinstance(header, dict):
        header |= {"alg": "RS256", "kid": target.key_id}
    if isinstance(claims, dict):
        claims |= {"iss": target.robot}
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    token = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    form = query_of([("grant_type", JWT_BEARER), ("assertion", token)]).encode()
    assert target.send("POST", "/token", [("Content-Type", FORM)], form).status in {400, 413}
    shown = target.send("GET", f"/tokeninfo?id_token={token}")
    assert shown.status in {400, 431}


def test_a_person_is_never_signed_out_by_noise(target: Target) -> None:
    """After all that, what was good is good: the account's refresh token still works."""
    form = query_of(
        [
            ("grant_type", "refresh_token"),
            ("refresh_token", target.refresh_token),
            ("client_id", target.client_id),
            ("client_secret", target.client_secret),
        ]
    ).encode()
    assert target.send("POST", "/token", [("Content-Type", FORM)], form).status == 200
    assert ACCOUNT.encode() not in form


def _signed(target: Target, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, jwt.signer(_key(target.private_key)), key_id=target.key_id)


@cache
def _key(pem: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key
