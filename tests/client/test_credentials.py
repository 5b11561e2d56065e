from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gemauth.client.credentials import Credentials
from gemauth.client.sources.cached import Remembered
from gemauth.client.token import AccessToken
from gemauth.errors import CredentialError, UsageError
from gemauth.flow import Flow, Now
from gemauth.google.endpoints import GOOGLE
from gemauth.http import Request
from tests.client.test_identity import URL, Identified
from tests.client.transcript import EMULATOR, AsyncSender, Sender, play

MODELS = Request("GET", "https://generativelanguage.googleapis.com/v1beta/models")


class Fixed:
    """Yields one token for ever, and remembers how it was asked."""

    def __init__(self, value: str = "ya29.real") -> None:
        self.value = value
        self.asked: list[bool] = []

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return the token."""
        self.asked.append(fresh)
        now: float = yield Now()
        return AccessToken(self.value, now + 3600)


def credentials(value: str = "ya29.real") -> Credentials:
    """Return credentials toward Google."""
    return Credentials("authorized_user", Fixed(value), GOOGLE)


def test_a_request_is_authorized() -> None:
    """Bearer token and quota project are added, the rest is as it was."""
    request = play(credentials().with_quota_project("billed").authorized(MODELS))
    assert request.url == MODELS.url
    assert dict(request.headers) == {
        "authorization": "Bearer ya29.real",
        "x-goog-user-project": "billed",
    }
    assert "x-goog-user-project" not in play(credentials().authorized(MODELS)).headers


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v1beta/models",
        "https://generativelanguage.googleapis.com.evil.example/",
        "https://generativelanguage.googleapis.com@evil.example/",
        "http://generativelanguage.googleapis.com/v1beta/models",
        "http://127.0.0.1:8085/v1beta/models",
        "https://storage.googleapis.com/",
    ],
)
def test_a_token_goes_nowhere_else(url: str) -> None:
    """Only addresses of the Google that the credentials are for get the token."""
    with pytest.raises(UsageError, match="not an address"):
        play(credentials().authorized(Request("GET", url)))


def test_neighbours_of_the_api_get_it_too() -> None:
    """Userinfo and the control-plane APIs are of the same Google."""
    play(credentials().authorized(Request("GET", GOOGLE.userinfo)))
    play(credentials().authorized(Request("GET", f"{GOOGLE.iam}/v1/projects/x")))


def test_a_token_of_the_other_side_is_not_sent() -> None:
    """The token itself is looked at last, wherever it came from (a metadata server, a cache)."""
    with pytest.raises(CredentialError, match="emulator"):
        play(credentials("ya29.emu-x").authorized(MODELS))
    emulated = replace(credentials(), endpoints=EMULATOR)
    with pytest.raises(CredentialError, match="emulator"):
        play(emulated.authorized(Request("GET", f"{EMULATOR.gemini}/v1/models")))


def test_a_self_signed_token_goes_to_its_own_side() -> None:
    """A JWT shows no side; its key was checked when it was read."""
    emulated = replace(credentials("eyJhbGciOi.e30.AA"), endpoints=EMULATOR)
    request = play(emulated.authorized(Request("GET", f"{EMULATOR.gemini}/v1/models")))
    assert request.headers["Authorization"] == "Bearer eyJhbGciOi.e30.AA"


def test_a_token_on_request() -> None:
    """token(), token_async() and authorize() ask the source once each; `fresh` is handed on."""
    mine = credentials()
    assert mine.token(transport=Sender()).value == "ya29.real"
    assert mine.token().value == "ya29.real"
    assert asyncio.run(mine.token_async(fresh=True, transport=AsyncSender())).value == "ya29.real"
    assert asyncio.run(mine.token_async()).value == "ya29.real"
    assert mine.authorize(MODELS, fresh=True).headers["Authorization"] == "Bearer ya29.real"
    assert mine.authorize(MODELS, transport=Sender()).method == "GET"
    assert isinstance(mine.source, Fixed)
    assert mine.source.asked == [False, False, True, False, True, False]


def test_another_token_than_the_refused_one() -> None:
    """A cache is told which token was refused; a source that keeps none is asked for a new one."""
    source = Remembered(Numbered())
    mine = Credentials("authorized_user", source, GOOGLE)
    refused = play(mine.authorized(MODELS))
    assert refused.headers["authorization"] == "Bearer ya29.1"
    assert play(mine.authorized(refused, fresh=True)).headers["authorization"] == "Bearer ya29.2"
    # another caller comes with the same refusal: the token that followed is good for both
    assert play(mine.authorized(refused, fresh=True)).headers["authorization"] == "Bearer ya29.2"
    assert play(mine.authorized(MODELS, fresh=True)).headers["authorization"] == "Bearer ya29.3"
    mine = Credentials("authorized_user", Remembered(Numbered()), GOOGLE)
    for instead_of in (None, "ya29.0"):
        assert mine.token(instead_of=instead_of, transport=Sender()).value == "ya29.1"
    assert mine.token(instead_of="ya29.1", transport=Sender()).value == "ya29.2"
    plain = Credentials("authorized_user", Fixed(), GOOGLE)
    again = asyncio.run(plain.token_async(instead_of="ya29.real", transport=AsyncSender()))
    assert again.value == "ya29.real"
    assert isinstance(plain.source, Fixed)
    assert plain.source.asked == [True]


class Numbered:
    """Yields a new token each time."""

    def __init__(self) -> None:
        self.calls = 0

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return the next token."""
        self.calls += 1
        now: float = yield Now()
        return AccessToken(f"ya29.{self.calls}", now + 3600)


def test_an_id_token_on_request() -> None:
    """identity_token() and identity_token_async() ask the source, each time anew."""
    mine = Credentials("metadata", Identified(), GOOGLE)
    assert mine.identity_token(URL, transport=Sender()).audience == URL
    assert mine.identity_token(URL, include_email=True).email == "a@x"
    again = mine.identity_token_async(URL, include_email=True, transport=AsyncSender())
    assert asyncio.run(again).email == "a@x"
    assert asyncio.run(mine.identity_token_async(URL)).email is None
    with pytest.raises(UsageError, match="no ID tokens"):
        credentials().identity_token(URL)
