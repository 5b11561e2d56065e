from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from gemauth.client.flows.assertion import exchange_assertion, exchange_for_identity, self_signed
from gemauth.errors import CredentialError, DataError, UsageError
from gemauth.flow import Send
from gemauth.google.credentials import ServiceAccountKey
from gemauth.google.endpoints import GOOGLE
from gemauth.oauth import jwt
from tests.client.transcript import EMULATOR, NOON, form_of, play, sent, tokens

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from gemauth.http import Response


def pem(key: PrivateKeyTypes) -> str:
    """Return a private key as in a key file."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


RSA = rsa.generate_private_key(65537, 2048)
KEY = ServiceAccountKey("sa@demo.iam.gserviceaccount.com", GOOGLE.token, pem(RSA), "kid-1")
EMULATED = replace(KEY, token_uri="http://127.0.0.1:8085/token")


def test_the_assertion_is_googles() -> None:
    """RS256 with kid; iss, aud, iat, exp within the hour, scope (google-oauth.md 2.1)."""

    def check(step: Send) -> Response:
        assert sent(step).url == GOOGLE.token
        form = form_of(step)
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        token = jwt.decode(form["assertion"])
        assert token.header == {"alg": "RS256", "typ": "JWT", "kid": "kid-1"}
        assert token.claims == {
            "iss": KEY.client_email,
            "aud": "https://oauth2.googleapis.com/token",
            "iat": int(NOON),
            "exp": int(NOON) + 3600,
            "scope": "a b",
        }
        assert jwt.verifies(token, RSA.public_key())
        return tokens()

    play(exchange_assertion(KEY, GOOGLE, ("a", "b")), (Send, check))


def test_an_emulators_key_goes_to_the_emulator() -> None:
    """The assertion is sent to the emulator that was chosen, with Google's audience."""

    def check(step: Send) -> Response:
        assert sent(step).url == EMULATOR.token
        assert jwt.decode(form_of(step)["assertion"]).claims["aud"] == GOOGLE.token
        return tokens()

    play(exchange_assertion(EMULATED, EMULATOR, ("a",)), (Send, check))


def test_an_id_token_is_for_an_audience() -> None:
    """`target_audience` in place of scopes (google-oauth.md 2.1)."""

    def check(step: Send) -> Response:
        assert sent(step).url == EMULATOR.token
        claims = jwt.decode(form_of(step)["assertion"]).claims
        assert claims["target_audience"] == "https://x.example"
        assert claims["aud"] == GOOGLE.token
        assert "scope" not in claims
        return tokens()

    play(exchange_for_identity(EMULATED, EMULATOR, "https://x.example"), (Send, check))
    with pytest.raises(CredentialError):
        play(exchange_for_identity(EMULATED, GOOGLE, "https://x.example"))


@pytest.mark.parametrize(
    "token_uri",
    [
        "https://evil.example/token",
        "http://oauth2.googleapis.com/token",
        "https://oauth2.googleapis.com.evil.example/token",
        "https://oauth2.googleapis.com@evil.example/token",
        "http://127.0.0.1@evil.example/token",
        "http://192.168.0.7:8085/token",
        "file:///etc/passwd",
    ],
)
def test_a_foreign_token_uri_is_refused(token_uri: str) -> None:
    """A key file cannot send an assertion anywhere else (google-oauth.md section 8): no step."""
    with pytest.raises(UsageError, match="neither"):
        play(exchange_assertion(replace(KEY, token_uri=token_uri), GOOGLE, ("a",)))


def test_nothing_crosses_the_wall() -> None:
    """Google's key does not go to an emulator, nor an emulator's to Google."""
    with pytest.raises(CredentialError):
        play(exchange_assertion(KEY, EMULATOR, ("a",)))
    with pytest.raises(CredentialError):
        play(exchange_assertion(EMULATED, GOOGLE, ("a",)))


def test_scopes_are_needed() -> None:
    """Google refuses an empty scope; it is not even sent."""
    with pytest.raises(UsageError, match="scope"):
        play(exchange_assertion(KEY, GOOGLE, ()))


@pytest.mark.parametrize(
    "key", ["no pem", "", pem(ec.generate_private_key(ec.SECP256R1())), KEY.private_key[:200]]
)
def test_a_broken_key_is_named_and_not_shown(key: str) -> None:
    """Neither the key nor the parser's words about it are in the error."""
    with pytest.raises(DataError, match="cannot be read") as caught:
        self_signed(replace(KEY, private_key=key), NOON, audience="https://x/")
    assert "BEGIN" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_self_signed_token() -> None:
    """The account as iss and sub, and the API as audience (google-oauth.md section 10)."""
    token = self_signed(KEY, NOON, audience="https://generativelanguage.googleapis.com/")
    read = jwt.decode(token.value)
    assert read.claims == {
        "iss": KEY.client_email,
        "sub": KEY.client_email,
        "aud": "https://generativelanguage.googleapis.com/",
        "iat": int(NOON),
        "exp": int(NOON) + 3600,
    }
    assert jwt.verifies(read, RSA.public_key())
    assert token.expires_at == int(NOON) + 3600


def test_a_self_signed_token_with_scopes() -> None:
    """Scopes take the audience's place."""
    read = jwt.decode(self_signed(KEY, NOON, scopes=("a", "b")).value)
    assert read.claims["scope"] == "a b"
    assert "aud" not in read.claims


def test_audience_and_scopes_exclude_each_other() -> None:
    """One of them, not both and not none."""
    with pytest.raises(UsageError):
        self_signed(KEY, NOON)
    with pytest.raises(UsageError):
        self_signed(KEY, NOON, audience="https://x/", scopes=("a",))


def test_a_person_as_the_subject() -> None:
    """Domain-wide delegation: the person in `sub`, the account still the issuer (2.1)."""

    def check(step: Send) -> Response:
        claims = jwt.decode(form_of(step)["assertion"]).claims
        assert (claims["iss"], claims["sub"]) == (KEY.client_email, "ada@x")
        return tokens()

    play(exchange_assertion(KEY, GOOGLE, ("a",), subject="ada@x"), (Send, check))
