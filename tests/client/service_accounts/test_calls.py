from __future__ import annotations

import pytest

from gemauth.client.service_accounts.calls import call
from gemauth.errors import UnreachableError
from gemauth.flow import Send, Wait
from gemauth.google.status import StatusError, retry_info
from gemauth.http import Headers, Response
from tests.client.service_accounts.iam import ACCOUNT, ME, error, expects
from tests.client.transcript import play, sent

BUSY = error(503, "UNAVAILABLE")


def test_one_call() -> None:
    """Query and body without what is None; the answer's object; an empty body is an empty one."""
    made = play(
        call(ME, "POST", f"{ACCOUNT}/keys", body={"a": 1, "b": None}),
        expects("POST", f"{ACCOUNT}/keys", {"a": 1}, {"name": "k"}),
    )
    assert made == {"name": "k"}
    query = {"pageSize": "5", "pageToken": None}
    play(call(ME, "GET", "projects/p/x", query=query), expects("GET", "projects/p/x?pageSize=5"))
    assert play(call(ME, "GET", "x"), (Send, Response(200))) == {}


def test_names_are_encoded() -> None:
    """What is in a name stays in its path."""
    line = (Send, lambda step: Response(200) if "/a%3Fb%20c" in sent(step).url else None)
    play(call(ME, "GET", "a?b c"), line)


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_repeated_as_googles_clients_do(status: int) -> None:
    """With growing pauses, three more times; then the refusal stands."""
    busy = expects("GET", "x", status=status, then=error(status, "UNAVAILABLE"))
    assert play(call(ME, "GET", "x"), busy, (Wait(1.0), None), expects("GET", "x")) == {}
    waits = [(Wait(seconds), None) for seconds in (1.0, 2.0, 4.0)]
    with pytest.raises(StatusError):
        play(call(ME, "GET", "x"), busy, *(line for wait in waits for line in (wait, busy)))


def test_nothing_is_made_twice() -> None:
    """What makes something is sent once, whatever comes back."""
    busy = expects("POST", "x", {}, status=503, then=error(503, "UNAVAILABLE"))
    with pytest.raises(StatusError):
        play(call(ME, "POST", "x", body={}, repeatable=False), busy)


def test_a_server_says_how_long_to_wait() -> None:
    """RetryInfo or Retry-After are heeded where they are longer, and given up on beyond reason."""
    info = error(429, "RESOURCE_EXHAUSTED", "slow", retry_info(12))
    slow = expects("GET", "x", status=429, then=info)
    play(call(ME, "GET", "x"), slow, (Wait(12.0), None), expects("GET", "x"))
    told = expects("GET", "x", status=503, then=BUSY, headers={"Retry-After": "7"})
    play(call(ME, "GET", "x"), told, (Wait(7.0), None), expects("GET", "x"))
    endless = error(429, "RESOURCE_EXHAUSTED", "slow", retry_info(3600))
    with pytest.raises(StatusError, match="slow"):
        play(call(ME, "GET", "x"), expects("GET", "x", status=429, then=endless))


def test_what_an_attempt_before_has_deleted() -> None:
    """A DELETE whose answer was lost is done, not missing; a first one that misses is told."""
    gone = expects("DELETE", "x", status=404, then=error(404, "NOT_FOUND"))
    busy = expects("DELETE", "x", status=500, then=error(500, "INTERNAL"))
    assert play(call(ME, "DELETE", "x"), busy, (Wait(1.0), None), gone) == {}
    with pytest.raises(StatusError):
        play(call(ME, "DELETE", "x"), gone)


def test_no_answer_of_iams() -> None:
    """A proxy's page is no refusal."""
    with pytest.raises(UnreachableError):
        play(call(ME, "GET", "x"), (Send, Response(502, Headers(), b"<html>")))
