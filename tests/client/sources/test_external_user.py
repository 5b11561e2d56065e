from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gemauth.client.flows.exchange import TokenRefused
from gemauth.client.sources.external_user import ExternalRefreshing
from gemauth.errors import CredentialError, UsageError
from gemauth.flow import Send
from gemauth.google.credentials import ExternalAccountAuthorizedUser
from gemauth.google.endpoints import GOOGLE
from tests.client.transcript import EMULATOR, NOON, answer, form_of, play, sent, tokens

if TYPE_CHECKING:
    from gemauth.http import Response

PERSON = ExternalAccountAuthorizedUser(
    "client", "secret", "refresh-1", "https://sts.googleapis.com/v1/oauthtoken"
)


def test_the_refresh_is_google_auths() -> None:
    """The client in HTTP Basic, the grant alone in the form, no scope (google-oauth.md 6.3)."""
    source = ExternalRefreshing(PERSON, GOOGLE)

    def check(step: Send) -> Response:
        assert sent(step).url == PERSON.token_url
        assert sent(step).headers["Authorization"] == "Basic Y2xpZW50OnNlY3JldA=="
        assert form_of(step) == {"grant_type": "refresh_token", "refresh_token": "refresh-1"}
        return tokens(refresh_token="refresh-2")

    token = play(source.token(), (Send, check))
    assert (token.value, token.expires_at, token.scopes) == ("ya29.a0", NOON + 3599, ())

    def rotated(step: Send) -> Response:
        assert form_of(step)["refresh_token"] == "refresh-2"
        return tokens()

    play(source.token(), (Send, rotated))


def test_a_grant_that_is_over() -> None:
    """The token service's own words."""
    with pytest.raises(TokenRefused, match="invalid_grant"):
        play(ExternalRefreshing(PERSON, GOOGLE).token(), (Send, answer(400, error="invalid_grant")))


def test_the_wall() -> None:
    """Google's go to no emulator, an emulator's not to Google, and nobody's to anybody else."""
    with pytest.raises(CredentialError, match="not sent to an emulator"):
        ExternalRefreshing(PERSON, EMULATOR)
    with pytest.raises(CredentialError, match="not sent to Google"):
        ExternalRefreshing(replace(PERSON, token_url=EMULATOR.token), GOOGLE)
    with pytest.raises(CredentialError, match="refresh token is Google's"):  # a changed address
        ExternalRefreshing(replace(PERSON, token_url=EMULATOR.token), EMULATOR)
    with pytest.raises(UsageError, match="neither Google's"):
        ExternalRefreshing(replace(PERSON, token_url="https://evil.example/"), GOOGLE)


def test_no_id_tokens() -> None:
    """Google's token service has none for people of other providers."""
    with pytest.raises(UsageError, match="no ID tokens") as caught:
        play(ExternalRefreshing(PERSON, GOOGLE).identity("https://x"))
    assert "--impersonate-service-account" in (caught.value.next_step or "")
