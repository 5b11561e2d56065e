from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gemauth.client.sources.service_account import AUDIENCE, Exchanged, SelfSigned
from gemauth.errors import CredentialError, UnreachableError, UsageError
from gemauth.flow import Send
from gemauth.google.endpoints import GOOGLE
from gemauth.oauth import jwt
from tests.client.flows.test_assertion import EMULATED, KEY
from tests.client.test_identity import URL, id_token
from tests.client.transcript import EMULATOR, NOON, answer, form_of, play, tokens

if TYPE_CHECKING:
    from pathlib import Path

    from gemauth.http import Response


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


def test_an_id_token(tmp_path: Path) -> None:
    """The assertion names the audience and no scope; the answer has an ID token alone."""

    def check(step: Send) -> Response:
        claims = jwt.decode(form_of(step)["assertion"]).claims
        assert claims["target_audience"] == URL
        assert "scope" not in claims
        return answer(id_token=id_token(email=KEY.client_email))

    for notes in (None, str(tmp_path)):
        token = play(Exchanged(KEY, GOOGLE, ("a",), notes=notes).identity(URL), (Send, check))
        assert (token.audience, token.email) == (URL, KEY.client_email)
    with pytest.raises(UnreachableError, match="without an ID token"):
        play(Exchanged(KEY, GOOGLE, ("a",)).identity(URL), (Send, tokens()))
    with pytest.raises(UsageError, match="audience is missing"):
        play(Exchanged(KEY, GOOGLE, ("a",)).identity(None))


def test_whose_id_tokens_a_key_has_not() -> None:
    """Neither the person's that it acts as, nor any without a server."""
    with pytest.raises(UsageError, match="none of the person") as caught:
        play(Exchanged(KEY, GOOGLE, ("a",), subject="ada@x").identity(URL))
    assert caught.value.next_step == "Leave out the subject."
    with pytest.raises(UsageError, match="Google signs those"):
        play(SelfSigned(KEY, GOOGLE).identity(URL))
