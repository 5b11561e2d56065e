from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.storage.records import ServiceAccount, ServiceAccountKey
from gemauth.emulator.tokens.user_managed_key import MOST_KEYS, add_key, key_file
from gemauth.google.status import Code, StatusError
from tests.emulator.desk import ROBOT, ROBOT_ID, Desk, certificate

if TYPE_CHECKING:
    from gemauth.emulator.storage.store import Transaction

BASE = "http://127.0.0.1:8085"


@pytest.fixture
def desk() -> Desk:
    """An emulator with a service account that has one key."""
    return Desk(with_keys=False)


def add(desk: Desk, tx: Transaction) -> ServiceAccountKey:
    """Add a key to the service account."""
    account = tx.get(ServiceAccount, ROBOT_ID)
    assert account is not None
    now = desk.clock.now()
    return add_key(tx, now, desk.entropy, account, certificate(1), origin="GOOGLE_PROVIDED")


def test_file(desk: Desk) -> None:
    """The file names the account, the key that is kept and this emulator's token endpoint."""
    with desk.write() as tx:
        key = add(desk, tx)
        account = tx.get(ServiceAccount, ROBOT_ID)
        assert account is not None
        file = key_file(account, key, "private", BASE).to_json()
        assert tx.get(ServiceAccountKey, file["private_key_id"]) == key
    assert key.private_pem is None
    assert file["type"] == "service_account"
    assert file["client_email"] == ROBOT
    assert file["client_id"] == ROBOT_ID
    assert file["token_uri"] == f"{BASE}/token"
    assert file["private_key"] == "private"
    assert "robot%40demo-project" in file["client_x509_cert_url"]


def test_file_made_behind_the_proxy(desk: Desk) -> None:
    """Made by a call to Google's own name it has Google's own addresses, as the real one."""
    with desk.write() as tx:
        key = add(desk, tx)
        account = tx.get(ServiceAccount, ROBOT_ID)
        assert account is not None
    file = key_file(account, key, "private", "https://iam.googleapis.com").to_json()
    assert file["token_uri"] == "https://oauth2.googleapis.com/token"
    assert file["auth_uri"] == "https://accounts.google.com/o/oauth2/auth"
    assert file["auth_provider_x509_cert_url"] == "https://www.googleapis.com/oauth2/v1/certs"
    assert file["client_x509_cert_url"].startswith(
        "https://www.googleapis.com/robot/v1/metadata/x509/robot%40demo-project"
    )


def test_ten_at_most(desk: Desk) -> None:
    """The eleventh is refused with a time to wait (RetryInfo), and not kept."""
    with desk.write() as tx:
        for _ in range(MOST_KEYS - 1):
            add(desk, tx)
        with pytest.raises(StatusError) as refused:
            add(desk, tx)
    status = refused.value.status
    assert status.code is Code.RESOURCE_EXHAUSTED
    (detail,) = status.details
    assert detail == {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "60s"}
    assert len(desk.all(ServiceAccountKey)) == MOST_KEYS
