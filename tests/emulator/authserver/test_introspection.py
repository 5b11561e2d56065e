"""The Security Token Service's introspection endpoint."""

from __future__ import annotations

import pytest

from gemauth.google.scopes import CLOUD_PLATFORM, TUNING
from tests.emulator.authserver.test_token_exchange import PRINCIPAL, Sts
from tests.emulator.desk import CLIENT, SECRET, Answer, Desk


@pytest.fixture
def sts(desk: Desk) -> Sts:
    """The service, with one pool and a provider in it."""
    return Sts(desk)


def test_a_client_may_ask_whom_a_token_names(sts: Sts) -> None:
    """Introspection (RFC 7662): the principal while the token is good, and then no more."""
    token = sts.exchange(scope=f"{CLOUD_PLATFORM} {TUNING}").body["access_token"]

    def ask(token: str) -> Answer:
        return sts.desk.post({"token": token}, path="/v1/introspect", basic=(CLIENT, SECRET))

    known = ask(token)
    assert known.status == 200
    assert known.body == {
        "active": True,
        "username": PRINCIPAL,
        "sub": PRINCIPAL,
        "scope": f"{CLOUD_PLATFORM} {TUNING}",
        "exp": int(sts.desk.clock.now()) + 600,
    }
    for other in (token + "x", "hello", sts.desk.signed_in()["access_token"]):
        assert ask(other).body == {"active": False}
    sts.desk.clock.advance(601)
    assert ask(token).body == {"active": False}


def test_who_asks_has_to_be_a_client(sts: Sts) -> None:
    """Without a client, with a wrong secret or without a token there is no answer."""
    token = sts.exchange().body["access_token"]
    path = "/v1/introspect"
    assert sts.desk.post({"token": token}, path=path).status == 400
    wrong = sts.desk.post({"token": token}, path=path, basic=(CLIENT, "wrong"))
    assert (wrong.status, wrong.body["error"]) == (401, "invalid_client")
    nothing = sts.desk.post({"x": "y"}, path=path, basic=(CLIENT, SECRET))
    assert (nothing.status, nothing.body["error"]) == (400, "invalid_request")
