from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.credentials import Credentials
from gemauth.client.selftest.walk import Walk, get
from gemauth.errors import CredentialError
from gemauth.flow import Send, Step
from gemauth.google.endpoints import GOOGLE
from tests.client.doctor.google import USER
from tests.client.transcript import EMULATOR, answer, form_of, play, sent

if TYPE_CHECKING:
    from gemauth.google.endpoints import Endpoints
    from gemauth.http import Response


def walk(endpoints: Endpoints = GOOGLE) -> Walk:
    """A walk of a person of Google's."""
    source: Any = None
    return Walk(Credentials("authorized_user", source, endpoints), USER)


def test_a_refresh() -> None:
    """As every client sends it, secrets in the body."""

    def reply(step: Step) -> Response:
        assert sent(step).url == GOOGLE.token
        assert form_of(step) == {
            "grant_type": "refresh_token",
            "refresh_token": "1//0x",
            "scope": "a b",
            "client_id": USER.client_id,
            "client_secret": USER.client_secret,
        }
        return answer()

    play(walk().refresh("1//0x", "a", "b"), (Send, reply))


def test_the_wall() -> None:
    """A person of Google's is not walked to an emulator."""
    with pytest.raises(CredentialError):
        play(walk(EMULATOR).refresh("1//0x"))


def test_a_get() -> None:
    """A token travels in its header, other headers by their names."""

    def reply(step: Step) -> Response:
        headers = sent(step).headers
        assert (headers["Authorization"], headers["X-Goog-User-Project"]) == ("Bearer t", "p")
        return answer()

    play(get("https://x/y", "t", x_goog_user_project="p"), (Send, reply))


def test_nothing_secret_is_shown() -> None:
    """Neither the person nor the tokens."""
    there = walk()
    there.token = there.narrow = "ya29.secret"
    assert "ya29" not in repr(there)
    assert "1//0x" not in repr(there)
