from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gemauth.client.flows.refresh import refresh
from gemauth.errors import CredentialError
from gemauth.flow import Send
from gemauth.google.credentials import AuthorizedUser
from gemauth.google.endpoints import GOOGLE
from tests.client.transcript import EMULATOR, form_of, play, sent, tokens

if TYPE_CHECKING:
    from gemauth.google.endpoints import Endpoints
    from gemauth.http import Response

USER = AuthorizedUser("12345-real.apps.googleusercontent.com", "GOCSPX-real", "1//0real")
EMULATED = AuthorizedUser("1-emu2.apps.googleusercontent.com", "GOCSPX-emu-s", "1//emu-r")


def test_a_refresh_posts_the_token_and_the_client() -> None:
    """Client id and secret go in the body, as google-auth's refresh sends them (section 10)."""

    def check(step: Send) -> Response:
        assert sent(step).url == GOOGLE.token
        assert form_of(step) == {
            "grant_type": "refresh_token",
            "refresh_token": "1//0real",
            "client_id": USER.client_id,
            "client_secret": USER.client_secret,
        }
        return tokens()

    assert play(refresh(USER, GOOGLE), (Send, check)).access_token == "ya29.a0"


def test_fewer_scopes_may_be_asked_for() -> None:
    """Scopes are only on the wire where they were set."""

    def check(step: Send) -> Response:
        assert form_of(step)["scope"] == "a b"
        return tokens()

    play(refresh(USER, GOOGLE, ("a", "b")), (Send, check))


def test_nothing_crosses_the_wall() -> None:
    """An emulator's refresh token never reaches Google, nor Google's an emulator: no step."""
    with pytest.raises(CredentialError, match="emulator"):
        play(refresh(EMULATED, GOOGLE))
    with pytest.raises(CredentialError, match="not sent to an emulator"):
        play(refresh(USER, EMULATOR))
    play(refresh(EMULATED, EMULATOR), (Send, tokens()))


@pytest.mark.parametrize("endpoints", [GOOGLE, EMULATOR])
def test_a_file_with_something_of_both_sides(endpoints: Endpoints) -> None:
    """A client of the emulator's beside Google's refresh token takes that one nowhere."""
    mixed = replace(EMULATED, refresh_token=USER.refresh_token)
    with pytest.raises(CredentialError, match="not sent to"):
        play(refresh(mixed, endpoints))
