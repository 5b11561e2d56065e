from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.client.flows.exchange import TokenRefused
from gemauth.client.sources.user import Refreshing
from gemauth.errors import CredentialError
from gemauth.flow import Send
from gemauth.google.credentials import AuthorizedUser
from gemauth.google.endpoints import GOOGLE
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, RETRIEVER, TUNING
from tests.client.transcript import NOON, answer, form_of, play, tokens

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


def asked_for(step: Send) -> Response:
    """A token for what the form asks for, and all of it where it names nothing."""
    return tokens(scope=form_of(step).get("scope", f"{CLOUD_PLATFORM} {EMAIL}"))


@pytest.mark.parametrize("granted", [(CLOUD_PLATFORM, EMAIL), ()])
def test_nothing_is_asked_for_that_nobody_wanted(granted: tuple[str, ...]) -> None:
    """Without a wish the form names no scope: the token has what was granted, no more, no less."""
    token = play(Refreshing(USER, GOOGLE, (), granted).token(), (Send, asked_for))
    assert token.scopes == (CLOUD_PLATFORM, EMAIL)


def test_less_than_was_granted() -> None:
    """A narrower token is asked for as such; `email` is the same scope as its address."""
    source = Refreshing(USER, GOOGLE, ("email",), (CLOUD_PLATFORM, EMAIL))
    assert play(source.token(), (Send, asked_for)).scopes == (EMAIL,)


def test_more_than_was_granted_is_not_asked_for() -> None:
    """Refused without a request, naming what is lacking and the command that asks for it."""
    source = Refreshing(USER, GOOGLE, (CLOUD_PLATFORM, TUNING, RETRIEVER), (CLOUD_PLATFORM,))
    with pytest.raises(CredentialError, match="not granted") as caught:
        play(source.token())
    assert caught.value.next_step == (
        "Ask for it: gemauth login --add-scopes generative-language.tuning,"
        "generative-language.retriever"
    )


def test_where_nobody_remembers_the_server_decides() -> None:
    """What is known of no grant is sent as it is wanted."""
    source = Refreshing(USER, GOOGLE, (TUNING,))
    assert play(source.token(), (Send, asked_for)).scopes == (TUNING,)


OVER = answer(400, error="invalid_grant", error_description="Token has been expired or revoked.")


@pytest.mark.parametrize(
    ("until", "told"),
    [
        (NOON - 1, "was over on 2026-11-18 11:06:39 UTC"),
        (NOON + 1, "The sign-in is over."),
        (None, "The sign-in is over."),
    ],
)
def test_a_sign_in_whose_time_is_over(until: float | None, told: str) -> None:
    """invalid_grant stands for many reasons; the end that the server named is a certain one."""
    with pytest.raises(TokenRefused) as caught:
        play(Refreshing(USER, GOOGLE, until=until).token(), (Send, OVER))
    assert told in caught.value.message
    assert "7 days" in (caught.value.next_step or "")
    assert caught.value.body.error == "invalid_grant"
    assert caught.value.http_status == 400


def test_another_refusal_is_not_the_ends() -> None:
    """A client's secret that is wrong stays that, whatever the time."""
    wrong = answer(401, error="invalid_client", error_description="Unauthorized")
    with pytest.raises(TokenRefused, match="secret is wrong"):
        play(Refreshing(USER, GOOGLE, until=NOON - 1).token(), (Send, wrong))
