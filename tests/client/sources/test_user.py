from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.sources.user import Refreshing
from gemauth.flow import Send
from gemauth.google.credentials import AuthorizedUser
from gemauth.google.endpoints import GOOGLE
from tests.client.transcript import NOON, form_of, play, tokens

if TYPE_CHECKING:
    from gemauth.http import Response

USER = AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-x", "1//0first")


def test_each_call_refreshes() -> None:
    """The source itself keeps no token."""
    source = Refreshing(USER, GOOGLE)
    token = play(source.token(), (Send, tokens(scope="a")))
    assert (token.value, token.expires_at, token.scopes) == ("ya29.a0", NOON + 3599, ("a",))
    play(source.token(), (Send, tokens()))


def test_a_rotated_refresh_token_is_used() -> None:
    """Google rotates none, but a client has to follow who does (RFC 6749 section 6)."""
    source = Refreshing(USER, GOOGLE)
    play(source.token(), (Send, tokens(refresh_token="1//0second")))

    def check(step: Send) -> Response:
        assert form_of(step)["refresh_token"] == "1//0second"
        return tokens()

    play(source.token(), (Send, check))
