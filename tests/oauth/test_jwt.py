from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from gemauth.oauth.jwt import MalformedJwt, decode, encode, signer, verifies

KEY = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
CLAIMS = st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text())


@given(CLAIMS, st.none() | st.text())
def test_a_token_reads_back(claims: dict[str, Any], key_id: str | None) -> None:
    """Claims, header and signature survive; the signature is this key's and no other's."""
    token = decode(encode(claims, signer(KEY), key_id=key_id))
    assert token.claims == claims
    assert token.header == {"alg": "RS256", "typ": "JWT"} | (
        {"kid": key_id} if key_id is not None else {}
    )
    assert verifies(token, KEY.public_key())


def test_another_keys_signature() -> None:
    """It does not verify."""
    assert not verifies(decode(encode({}, signer(OTHER))), KEY.public_key())


def part(value: Any) -> str:
    """Return a JWT part."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_changed_claims_do_not_verify() -> None:
    """The signature is over header and claims."""
    header, _, signature = encode({"sub": "a"}, signer(KEY)).split(".")
    assert not verifies(decode(f"{header}.{part({'sub': 'b'})}.{signature}"), KEY.public_key())


@pytest.mark.parametrize("alg", ["none", "HS256", "RS512", None])
def test_no_other_algorithm(alg: str | None) -> None:
    """RS256 only, though the signature itself be good (RFC 8725 section 3.1)."""
    header, claims = part({"alg": alg}), part({})
    raw = signer(KEY)(f"{header}.{claims}".encode())
    signature = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    assert not verifies(decode(f"{header}.{claims}.{signature}"), KEY.public_key())


@pytest.mark.parametrize(
    "token",
    ["", "a.b", "a.b.c.d", "é.e30.e30", "e30.e30.*", "bnVsbA.e30.AA", "e30.W10.AA", "e30.e3.AA",
     f"{base64.urlsafe_b64encode(b'[' * 100_000).decode().rstrip('=')}.e30.AA"],
)  # fmt: skip
def test_what_is_none(token: str) -> None:
    """Anything that is no compact JWS of two objects."""
    with pytest.raises(MalformedJwt):
        decode(token)


@given(st.text() | st.text("e30.AW_-=").map(lambda text: f"e30.{text}"))
def test_any_text_is_read_or_malformed(token: str) -> None:
    """No text crashes a server."""
    try:
        decode(token)
    except MalformedJwt:
        return


def test_the_signature_is_not_shown() -> None:
    """A signed token is a credential: repr holds neither signature nor what was signed."""
    token = encode({}, signer(KEY))
    assert token.split(".")[2] not in repr(decode(token))
