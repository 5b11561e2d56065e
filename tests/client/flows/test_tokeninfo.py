from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.client.flows.tokeninfo import TokenInfo, tokeninfo
from gemauth.errors import CredentialError, UnreachableError, UsageError
from gemauth.flow import Send, Step
from gemauth.google.endpoints import GOOGLE
from tests.client.transcript import EMULATOR, answer, form_of, play, sent

if TYPE_CHECKING:
    from gemauth.http import Response


def test_the_token_travels_in_the_body() -> None:
    """No URL and no header names it; the answer's strings become numbers and tuples."""

    def reply(step: Step) -> Response:
        request = sent(step)
        assert (request.method, request.url) == ("POST", "https://oauth2.googleapis.com/tokeninfo")
        assert "ya29" not in repr([request.url, [*request.headers.values()]])
        assert form_of(step) == {"access_token": "ya29.a0"}
        return answer(aud="1-x", sub="7", scope="a b", exp="1795000000", email="ada@example.com")

    info = play(tokeninfo(GOOGLE, "ya29.a0"), (Send, reply))
    assert info == TokenInfo(("a", "b"), "1-x", 1_795_000_000.0, "ada@example.com", "7")


def test_what_is_not_said_is_unknown() -> None:
    """Nothing is made up for members that are missing or of another type."""
    assert TokenInfo.from_json({"exp": "soon", "scope": 1}) == TokenInfo(())


def test_an_unknown_token() -> None:
    """Google's 400 invalid_token: it is over, with the evidence."""
    refused = answer(400, error="invalid_token", error_description="Invalid Value")
    with pytest.raises(CredentialError) as caught:
        play(tokeninfo(GOOGLE, "ya29.a0"), (Send, refused))
    assert caught.value.evidence == "error=invalid_token, error_description=Invalid Value"


def test_no_answer_of_its_own() -> None:
    """A server that fails has said nothing about the token."""
    with pytest.raises(UnreachableError):
        play(tokeninfo(GOOGLE, "ya29.a0"), (Send, answer(503, error="internal_failure")))
    with pytest.raises(UnreachableError):
        play(tokeninfo(GOOGLE, "ya29.a0"), (Send, answer(400, strange=1)))


def test_the_wall() -> None:
    """A token goes to its own side only, and a JWT to neither."""
    with pytest.raises(CredentialError):
        play(tokeninfo(GOOGLE, "ya29.emu-x"))
    with pytest.raises(CredentialError):
        play(tokeninfo(EMULATOR, "ya29.a0"))
    with pytest.raises(UsageError):
        play(tokeninfo(EMULATOR, "eyJhbGciOiJSUzI1NiJ9.e30.x"))
