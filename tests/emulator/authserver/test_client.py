from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.authserver.client import authenticate, may_hold_tokens
from gemauth.emulator.authserver.token_error import Row, TokenRefused
from gemauth.emulator.authserver.token_request import NamedClient
from gemauth.emulator.iam import first_party
from gemauth.emulator.storage.records import Account, OAuthClient
from tests.emulator.desk import CLIENT, NEXT_SECRET, SECRET, SUB

if TYPE_CHECKING:
    from tests.emulator.desk import Desk


@pytest.mark.parametrize("secret", [SECRET, NEXT_SECRET])
def test_either_secret_proves_the_client(desk: Desk, secret: str) -> None:
    """Both of a client's two secrets prove it, neither order nor age matters."""
    with desk.read() as tx:
        assert authenticate(tx, NamedClient(CLIENT, secret)).client_id == CLIENT


@pytest.mark.parametrize("kind", ["web", "desktop"])
def test_every_kind_needs_its_secret(desk: Desk, kind: str) -> None:
    """Desktop clients need their secret as web clients do (2.1)."""
    desk.change(OAuthClient, CLIENT, kind=kind)
    with desk.read() as tx, pytest.raises(TokenRefused) as refused:
        authenticate(tx, NamedClient(CLIENT, SECRET + "x"))
    assert refused.value.row is Row.WRONG_SECRET


def test_googles_shared_client(desk: Desk) -> None:
    """The client of gcloud has a secret that all know, and is open to everybody (section 7)."""
    with desk.write() as tx:
        first_party.install(tx, desk.clock.now())
    with desk.read() as tx:
        client = authenticate(tx, NamedClient(first_party.GCLOUD_CLIENT_ID, "known"))
        account = tx.get(Account, SUB)
        assert account is not None
        assert may_hold_tokens(tx, client, account)


def test_secrets_are_not_shown() -> None:
    """A request's secret is in no repr, so in no traceback or log."""
    assert SECRET not in repr(NamedClient(CLIENT, SECRET))
