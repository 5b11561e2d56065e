from __future__ import annotations

from typing import Any

import pytest

from gemauth.client.doctor import network
from gemauth.client.doctor.case import Case
from gemauth.client.doctor.finding import State
from gemauth.errors import UnreachableError
from gemauth.flow import Send
from gemauth.google.endpoints import GOOGLE
from gemauth.http import Headers, Response
from tests.client.doctor.google import API_SERVER, TOKEN_SERVER
from tests.client.transcript import EMULATOR, NOON, answer, play, sent

PORTAL = Response(200, Headers({"Content-Type": "text/html"}), b"<title>Sign in to the Wi-Fi")


def google(**members: Any) -> Case:
    """A case that calls Google."""
    return Case({}, endpoints=GOOGLE, **members)


def test_names() -> None:
    """The first name that does not resolve is told; with a proxy or an emulator none has to."""

    def nowhere(host: str) -> None:
        if host.startswith("generative"):
            raise OSError(-2, "Name or service not known")

    assert network.names(google(resolve=lambda host: None)).state is State.OK
    found = network.names(google(resolve=nowhere))
    assert (found.exit_code, found.evidence) == (5, "Name or service not known")
    assert found.next_step == "nslookup generativelanguage.googleapis.com"
    proxied = Case({"HTTPS_PROXY": "http://x"}, endpoints=GOOGLE, resolve=nowhere)
    assert network.names(proxied).state is State.SKIPPED
    assert network.names(Case({}, endpoints=EMULATOR, resolve=nowhere)).state is State.SKIPPED
    assert network.names(Case({})).state is State.SKIPPED


def test_servers_answer() -> None:
    """Any refusal of theirs is an answer; no credentials go there."""
    case = google()

    def reply(step: Any) -> Response:
        request = sent(step)
        assert (request.method, request.url) == ("GET", "https://oauth2.googleapis.com/tokeninfo")
        assert "authorization" not in request.headers
        return TOKEN_SERVER

    assert play(network.token_server(case), (Send, reply)).state is State.OK
    assert play(network.api_server(case), (Send, API_SERVER)).state is State.OK
    assert network.clock(case).state is State.OK


def test_names_are_told_once() -> None:
    """What nobody can find is not looked for again: the cause is told already."""

    def nowhere(_: str) -> None:
        raise OSError(-2, "Name or service not known")

    case = google(resolve=nowhere)
    assert network.names(case).state is State.FAILED
    for check in (network.token_server, network.api_server):
        found = play(check(case), (Send, UnreachableError("unresolved")))
        assert (found.state, "see names" in found.message) == (State.SKIPPED, True)


@pytest.mark.parametrize("check", [network.token_server, network.api_server])
def test_somebody_in_their_place(check: Any) -> None:
    """A Wi-Fi's sign-in page and a foreign proxy are told from Google."""
    for stranger in (PORTAL, Response(502, body=b"Bad gateway"), answer(404, message="x")):
        with pytest.raises(UnreachableError) as caught:
            play(check(google()), (Send, stranger))
        assert str(caught.value.next_step).startswith("curl -sS -i https://")


def test_nobody_answers() -> None:
    """Without an answer there is no clock to compare with, and no check without a server."""
    case = google()
    down = UnreachableError("down", next_step="Check HTTPS_PROXY.")
    found = play(network.token_server(case), (Send, down))
    assert (found.state, found.exit_code) == (State.FAILED, 5)
    assert found.message == "down Check HTTPS_PROXY."
    assert found.next_step == "curl -v https://oauth2.googleapis.com/tokeninfo"
    emulated = Case({}, endpoints=EMULATOR)
    found = play(network.api_server(emulated), (Send, down))
    assert (found.message, found.next_step) == ("down", "gemauth emulator start")
    assert network.clock(case).state is State.SKIPPED
    assert play(network.token_server(Case({}))).state is State.SKIPPED
    assert play(network.api_server(Case({}))).state is State.SKIPPED


def test_a_date_that_is_none() -> None:
    """What a proxy writes there need not be a date."""
    case = google()
    case.answers["x"] = NOON, Response(200, Headers({"Date": "yesterday"}))
    assert network.clock(case).state is State.SKIPPED
