from __future__ import annotations

import json

import pytest

from gemauth.client.calls.call import send
from gemauth.client.sources.chain import from_token
from gemauth.errors import CredentialError, UsageError
from gemauth.flow import Send
from gemauth.google.endpoints import GOOGLE
from gemauth.google.scopes import TUNING
from gemauth.http import Request, Response
from tests.client.test_identity import URL, id_token
from tests.client.transcript import EMULATOR, Sender, answer, play, sent

MODELS = f"{GOOGLE.gemini}/v1beta/models"


def test_it_is_used_as_it_is() -> None:
    """With the quota project, at Google; a line's end after it is none of it."""
    found = from_token("ya29.a0x\n", quota_project="billed", environ={})
    assert (found.credentials.kind, found.credentials.endpoints) == ("access_token", GOOGLE)

    def check(step: Send) -> Response:
        assert sent(step).headers["Authorization"] == "Bearer ya29.a0x"
        assert sent(step).headers["x-goog-user-project"] == "billed"
        return answer()

    assert play(send(found.credentials, Request("GET", MODELS)), (Send, check)).status == 200


def test_nothing_renews_it() -> None:
    """A refusal is told as what it is, not as an expired sign-in."""
    mine = from_token("ya29.a0x", environ={}).credentials
    with pytest.raises(CredentialError, match="nothing renews it"):
        play(send(mine, Request("GET", MODELS)), (Send, answer(401)))


@pytest.mark.parametrize("text", ["", "two words", "ya29.x\nya29.y", "ü", '{"token": "x"}'])
def test_what_is_no_token(text: str) -> None:
    """A file with something else in it; what it holds is not repeated."""
    with pytest.raises(UsageError, match="no access token") as caught:
        from_token(text, environ={})
    assert not text.strip() or text not in str(caught.value)


def test_the_wall() -> None:
    """An emulator's token goes to the emulator that is named, Google's never there."""
    with pytest.raises(CredentialError, match="not sent to Google"):
        from_token("ya29.emu-x", environ={})
    with pytest.raises(CredentialError, match="not sent to an emulator"):
        from_token("ya29.a0x", environ={"GEMAUTH_EMULATOR": EMULATOR.gemini})
    found = from_token("ya29.emu-x", emulator=EMULATOR.gemini, environ={})
    assert found.credentials.endpoints == EMULATOR


def test_the_token_is_not_shown() -> None:
    """Neither in repr of the credentials nor of what found them."""
    assert "a0secret" not in repr(from_token("ya29.a0secret", environ={}))


def test_it_may_act_as_a_service_account() -> None:
    """What gcloud's own token is good for: scopes are the account's then, and only then."""
    robot = from_token("ya29.a0x", ["tuning"], impersonate="robot@x", environ={}).credentials

    def make(step: Send) -> Response:
        assert sent(step).headers["Authorization"] == "Bearer ya29.a0x"
        assert json.loads(sent(step).body)["scope"] == [TUNING]
        return answer(accessToken="ya29.c.robot", expireTime="2026-11-19T01:46:40Z")

    assert play(robot.source.token(), (Send, make)).value == "ya29.c.robot"
    with pytest.raises(UsageError, match="scopes that it has"):
        from_token("ya29.a0x", ["tuning"], environ={})


def test_no_id_token_comes_of_it() -> None:
    """Except of a service account that it acts as."""
    with pytest.raises(UsageError, match="no ID token comes of it") as caught:
        from_token("ya29.a0x", environ={}).credentials.identity_token(
            "https://x", transport=Sender()
        )
    assert "--impersonate-service-account" in (caught.value.next_step or "")
    robot = from_token("ya29.a0x", impersonate="robot@x", environ={}).credentials
    sender = Sender(answer(token=id_token()))
    assert robot.identity_token(URL, transport=sender).audience == URL
    assert sender.requests[0].headers["Authorization"] == "Bearer ya29.a0x"
