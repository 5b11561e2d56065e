from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gemauth.client.doctor import credentials, network, sign_in
from gemauth.client.doctor.case import Case
from gemauth.client.doctor.finding import State
from gemauth.client.token import AccessToken
from gemauth.errors import UnreachableError
from gemauth.flow import Send
from gemauth.http import Headers, Response
from tests.client.doctor.google import USER, case
from tests.client.transcript import NOON, Sender, answer, play, sent, tokens


@pytest.fixture
def ready(home: Path) -> Case:
    """A case whose credentials are found."""
    there = case(home)
    credentials.source(there)
    return there


@pytest.mark.parametrize("subtype", ["invalid_rapt", "rapt_required"])
def test_the_organization_wants_a_new_sign_in(ready: Case, subtype: str) -> None:
    """Session control is told from an expiry (google-oauth.md 2.1)."""
    body = {
        "error": "invalid_grant",
        "error_description": f"reauth related error ({subtype})",
        "error_subtype": subtype,
    }
    found = play(sign_in.refresh(ready), (Send, answer(400, None, **body)))
    assert (found.state, found.exit_code) == (State.FAILED, 3)
    assert "The organization asks" in found.message
    assert "revoked" not in found.message
    assert subtype in str(found.evidence)
    assert found.next_step == "gemauth login --client-id-file FILE"
    testers = sign_in.audience(ready)
    assert testers.next_step == "https://console.cloud.google.com/auth/audience?project=demo"


def test_a_refresh_leaves_nothing_behind(ready: Case) -> None:
    """The token is had from Google, not from a cache, and is kept nowhere."""
    home = Path(ready.environ["HOME"])
    before = sorted(map(str, home.rglob("*")))
    found = play(sign_in.refresh(ready), (Send, tokens()))
    assert found.message == "The server gives tokens, for 59 minutes."
    assert sorted(map(str, home.rglob("*"))) == before
    assert play(sign_in.refresh(ready), (Send, tokens(expires_in=None))).state is State.OK


def test_a_server_that_fails(ready: Case) -> None:
    """No verdict on the sign-in: its testers are not looked into."""
    down = Response(400, body=b"<html>")
    found = play(sign_in.refresh(ready), (Send, down))
    assert found.exit_code == 5
    assert sign_in.audience(ready).next_step is None


def test_a_server_that_is_known_not_to_answer(ready: Case) -> None:
    """What cannot be reached was told before, with what to do: not once more."""
    down = UnreachableError("down")
    assert play(network.token_server(ready), (Send, down)).state is State.FAILED
    found = play(sign_in.refresh(ready), (Send, down))
    assert (found.state, found.exit_code) == (State.SKIPPED, 0)


def test_a_machine_s_token() -> None:
    """A metadata server's account has no sign-in and no testers; its tokens come as they are."""
    there = Case({}, transport=Sender(Response(200, Headers({"Metadata-Flavor": "Google"}))))
    credentials.source(there)
    assert play(sign_in.lifetime(there)).state is State.SKIPPED
    assert sign_in.audience(there).state is State.SKIPPED
    assert play(sign_in.refresh(there), (Send, tokens())).state is State.OK


def told(case: Case, **facts: Any) -> Any:
    """The finding where the server says this of the token."""
    case.token = AccessToken("ya29.a0", NOON + 3599)
    return play(sign_in.token(case), (Send, answer(**facts)))


def test_what_the_server_says(ready: Case) -> None:
    """The account and the scopes by the server's word; another client or account is warned of."""
    fine = told(ready, aud=USER.client_id, scope="openid", email="Ada@x.org")
    assert (fine.state, fine.evidence) == (State.OK, "openid")
    assert ready.scopes == ("openid",)
    assert told(ready, scope="openid").message == "The token is for ada@x.org."
    other = told(ready, aud="9-other", scope="openid")
    assert (other.state, "9-other" in other.evidence) == (State.WARNING, True)
    eve = told(ready, aud=USER.client_id, email="eve@x.org")
    assert "eve@x.org's, and the file names ada@x.org" in eve.message


def test_nothing_to_ask_about(ready: Case) -> None:
    """No token, or one that no server issued."""
    assert play(sign_in.token(ready)).state is State.SKIPPED
    ready.token = AccessToken("eyJhbGciOiJSUzI1NiJ9.e30.x")
    assert play(sign_in.token(ready)).state is State.SKIPPED


def test_a_file_without_an_account(home: Path) -> None:
    """What nobody says is not made up."""
    there = case(home, user=replace(USER, account=""))
    credentials.source(there)
    assert "an account that it does not name" in told(there, scope="openid").message


def test_the_request_is_a_refresh(ready: Case) -> None:
    """It goes to the token endpoint, whose address no file names."""

    def reply(step: Any) -> Response:
        assert sent(step).url == "https://oauth2.googleapis.com/token"
        return tokens()

    play(sign_in.refresh(ready), (Send, reply))
