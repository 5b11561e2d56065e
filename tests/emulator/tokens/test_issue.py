from __future__ import annotations

import secrets

import pytest

from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import (
    AccessToken,
    Account,
    OAuthClient,
    RefreshToken,
    ServiceAccount,
    SigningKey,
)
from gemauth.emulator.tokens.issue import PersonAccess, ServiceAccess, ServiceIdentity, issue
from gemauth.emulator.tokens.signing import KeysDueError
from gemauth.google.scopes import CLOUD_PLATFORM, OPENID
from tests.emulator.desk import CLIENT, OTHER_CLIENT, ROBOT_ID, SUB, Desk


def _access(desk: Desk, client_id: str = CLIENT, *, refreshable: bool = True) -> PersonAccess:
    with desk.read() as tx:
        account, client = tx.get(Account, SUB), tx.get(OAuthClient, client_id)
    assert account is not None
    assert client is not None
    return PersonAccess(
        account, client, "grant", (CLOUD_PLATFORM,), offline=True, refreshable=refreshable
    )


def test_what_is_kept_of_a_person(desk: Desk) -> None:
    """Tokens are kept as digests, with their grant, their client and their end."""
    now, access = desk.clock.now(), _access(desk)
    with desk.write() as tx:
        answer = issue(tx, now, secrets.token_bytes, access)
        assert answer.access_token is not None
        assert answer.refresh_token is not None
        assert tx.get(AccessToken, digest(answer.access_token)) == AccessToken(
            digest(answer.access_token),
            SUB,
            "grant",
            CLIENT,
            (CLOUD_PLATFORM,),
            offline=True,
            issued_at=now,
            expires_at=now + 3599,
        )
        assert tx.get(RefreshToken, digest(answer.refresh_token)) == RefreshToken(
            digest(answer.refresh_token),
            "grant",
            SUB,
            CLIENT,
            (CLOUD_PLATFORM,),
            created_at=now,
            last_used_at=now,
            expires_at=now + 604799,
        )


def test_what_is_kept_of_a_service_account(desk: Desk) -> None:
    """A service account's token has neither grant nor client."""
    with desk.write() as tx:
        account = tx.get(ServiceAccount, ROBOT_ID)
        assert account is not None
        entitlement = ServiceAccess(account, (CLOUD_PLATFORM,))
        answer = issue(tx, desk.clock.now(), secrets.token_bytes, entitlement)
        assert answer.access_token is not None
        kept = tx.get(AccessToken, digest(answer.access_token))
    assert kept is not None
    assert (kept.subject, kept.grant_id, kept.client_id) == (ROBOT_ID, None, None)


def test_hundred_per_account_and_client(desk: Desk) -> None:
    """The limit counts one account's tokens of one client; another client's are not touched."""
    access, others = _access(desk), _access(desk, OTHER_CLIENT)
    with desk.write() as tx:
        other = issue(tx, 0, secrets.token_bytes, others)
        for moment in range(105):
            issue(tx, moment, secrets.token_bytes, access)
        held = tx.find(RefreshToken, sub=SUB, client_id=CLIENT)
        assert [token.created_at for token in held] == list(range(5, 105))
        assert other.refresh_token is not None
        assert tx.get(RefreshToken, digest(other.refresh_token)) is not None


def test_without_a_key_nothing_is_kept(desk: Desk) -> None:
    """An id token without a key fails as a whole: no token of the answer stays behind."""
    with desk.write() as tx:
        for key in tx.find(SigningKey):
            tx.remove(SigningKey, key.key_id)
    access = _access(desk)
    with_id = PersonAccess(
        access.account, access.client, "grant", (OPENID,), offline=True, refreshable=True
    )
    with pytest.raises(KeysDueError), desk.write() as tx:
        issue(tx, desk.clock.now(), secrets.token_bytes, with_id)
    with desk.read() as tx:
        assert tx.find(AccessToken) == []
        assert tx.find(RefreshToken) == []


def test_service_identity_keeps_nothing(desk: Desk) -> None:
    """An id token alone is signed, not stored."""
    with desk.write() as tx:
        account = tx.get(ServiceAccount, ROBOT_ID)
        assert account is not None
        entitlement = ServiceIdentity(account, "https://run.example.com")
        answer = issue(tx, desk.clock.now(), secrets.token_bytes, entitlement)
        assert answer.id_token is not None
        assert answer.access_token is None
        assert tx.find(AccessToken) == []
