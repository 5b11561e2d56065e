from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.client.flows.exchange import TokenRefused
from gemauth.client.sources.user import Refreshing
from gemauth.errors import CredentialError, UsageError
from gemauth.flow import Send
from gemauth.google.credentials import AuthorizedUser
from gemauth.google.endpoints import GOOGLE
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, RETRIEVER, TUNING
from tests.client.test_identity import id_token
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


@pytest.mark.parametrize("audience", [None, USER.client_id])
@pytest.mark.parametrize("granted", [(OPENID, TUNING), ()])
def test_an_id_token_comes_with_a_refresh(audience: str | None, granted: tuple[str, ...]) -> None:
    """Of all that was granted, however narrow the access tokens; a rotated refresh token is kept.

    It is for the sign-in's own OAuth client.
    """
    source = Refreshing(USER, GOOGLE, (TUNING,), granted)

    def check(step: Send) -> Response:
        assert "scope" not in form_of(step)
        return tokens(id_token=id_token(USER.client_id), refresh_token="1//0second")

    token = play(source.identity(audience), (Send, check))
    assert (token.audience, token.subject) == (USER.client_id, "117")

    def rotated(step: Send) -> Response:
        assert form_of(step)["refresh_token"] == "1//0second"
        return tokens(scope=TUNING)

    play(source.token(), (Send, rotated))


def test_an_id_token_for_somebody_else() -> None:
    """Not to be had of a person's sign-in; who has them is told, and nothing is asked."""
    with pytest.raises(UsageError, match="OAuth client of the sign-in") as caught:
        play(Refreshing(USER, GOOGLE).identity("https://tool.example.com"))
    assert "--impersonate-service-account" in (caught.value.next_step or "")


@pytest.mark.parametrize(
    ("granted", "include_email", "replies", "lacking"),
    [
        ((TUNING,), False, [], "openid"),
        ((), False, [tokens()], "openid"),
        ((OPENID,), True, [], "userinfo.email"),
        ((), True, [tokens(id_token=id_token(USER.client_id))], "userinfo.email"),
    ],
)
def test_an_id_token_takes_openid(
    *, granted: tuple[str, ...], include_email: bool, replies: list[Response], lacking: str
) -> None:
    """Where it is known what was not granted, without a request; the command that asks is named."""
    source = Refreshing(USER, GOOGLE, (), granted)
    with pytest.raises(CredentialError, match=f"not granted {lacking}") as caught:
        play(source.identity(None, include_email=include_email), *((Send, it) for it in replies))
    assert caught.value.next_step == f"Ask for it: gemauth login --add-scopes {lacking}"


def test_the_address_in_an_id_token() -> None:
    """It is there where `email` was granted."""
    reply = tokens(id_token=id_token(USER.client_id, email="ada@x"))
    asked = Refreshing(USER, GOOGLE, (), (OPENID, "email")).identity(None, include_email=True)
    assert play(asked, (Send, reply)).email == "ada@x"


def test_no_id_token_of_a_sign_in_that_is_over() -> None:
    """Refused as an access token would be."""
    with pytest.raises(TokenRefused, match="was over on"):
        play(Refreshing(USER, GOOGLE, until=NOON - 1).identity(None), (Send, OVER))
