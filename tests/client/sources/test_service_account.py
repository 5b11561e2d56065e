from __future__ import annotations

from dataclasses import replace

import pytest

from gemauth.client.sources.service_account import AUDIENCE, Exchanged, SelfSigned
from gemauth.errors import CredentialError, UsageError
from gemauth.flow import Send
from gemauth.google.endpoints import GOOGLE
from gemauth.oauth import jwt
from tests.client.flows.test_assertion import EMULATED, KEY
from tests.client.transcript import EMULATOR, NOON, play, tokens


def test_an_exchanged_token() -> None:
    """Each call signs an assertion and spends it."""
    token = play(Exchanged(KEY, GOOGLE, ("a",)).token(), (Send, tokens()))
    assert (token.value, token.expires_at, token.scopes) == ("ya29.a0", NOON + 3599, ("a",))


def test_a_self_signed_token() -> None:
    """No request is made; the audience is Google's, toward an emulator too."""
    for key, endpoints in ((KEY, GOOGLE), (EMULATED, EMULATOR)):
        token = play(SelfSigned(key, endpoints).token())
        assert jwt.decode(token.value).claims["aud"] == AUDIENCE
    assert AUDIENCE == "https://generativelanguage.googleapis.com/"
    scoped = play(SelfSigned(KEY, GOOGLE, ("a",)).token())
    assert jwt.decode(scoped.value).claims["scope"] == "a"


def test_a_key_signs_for_its_own_side_only() -> None:
    """What no server checks before it is sent is checked here."""
    with pytest.raises(CredentialError):
        SelfSigned(EMULATED, GOOGLE)
    with pytest.raises(CredentialError):
        SelfSigned(KEY, EMULATOR)
    with pytest.raises(UsageError):
        SelfSigned(replace(KEY, token_uri="https://evil.example/"), GOOGLE)
