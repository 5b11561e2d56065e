"""Tokens made from what a grant entitles to: the issue phase of the token endpoint.

Rules of google-oauth.md 2.1 and section 3: an id token with `openid`, seven days for refresh
tokens of apps in Testing, 100 of them per account and client. Called by `authserver/token.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import (
    AccessToken,
    Account,
    ConsentScreen,
    FederatedToken,
    OAuthClient,
    RefreshToken,
    ServiceAccount,
    WorkloadPool,
)
from gemauth.emulator.tokens import id_token, lifetimes, shape
from gemauth.google.scopes import OPENID, SIGN_IN
from gemauth.oauth.token import TokenResponse
from gemauth.oauth.token_exchange import TokenExchangeResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.context import Entropy
    from gemauth.emulator.storage.store import Transaction

__all__ = [
    "Entitlement",
    "FederatedAccess",
    "PersonAccess",
    "ServiceAccess",
    "ServiceIdentity",
    "issue",
    "issue_federated",
]


@dataclass(frozen=True, slots=True)
class PersonAccess:
    """A person's access for a client.

    Args:
        account: who consented.
        client: to whom.
        grant_id: in which grant.
        scopes: what the tokens cover, in canonical form.
        offline: whether `access_type=offline` was asked for.
        refreshable: whether a refresh token is to be made now.
        refresh_token_ends: when the refresh token in use ends; None for no fixed end, or for none.
        nonce: the authorization request's, for the id token.
    """

    account: Account
    client: OAuthClient
    grant_id: str
    scopes: tuple[str, ...]
    offline: bool
    refreshable: bool
    refresh_token_ends: float | None = None
    nonce: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceAccess:
    """A service account's access with scopes, for so many seconds."""

    account: ServiceAccount
    scopes: tuple[str, ...]
    lifetime: int = lifetimes.ACCESS_TOKEN


@dataclass(frozen=True, slots=True)
class ServiceIdentity:
    """A service account's proof of identity to an audience; `extra` claims replace the usual."""

    account: ServiceAccount
    audience: str
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FederatedAccess:
    """Access of somebody whom a workload identity provider vouched for, until the proof ends.

    "Any derived credentials also expire" with the token of GitHub's that led to them
    (github.com/google-github-actions/auth, README and issue 474), which lives five minutes.
    """

    pool: WorkloadPool
    subject: str
    groups: tuple[str, ...]
    attributes: Mapping[str, str]
    scopes: tuple[str, ...]
    proof_ends: float


Entitlement: TypeAlias = PersonAccess | ServiceAccess | ServiceIdentity


def issue(tx: Transaction, now: float, entropy: Entropy, entitlement: Entitlement) -> TokenResponse:
    """Make and keep the tokens of an entitlement; only the answer ever holds their text.

    Raises:
        KeysDueError: an id token is due and no key can sign it; nothing was kept.
    """
    match entitlement:
        case PersonAccess():
            return _for_person(tx, now, entropy, entitlement)
        case ServiceAccess(account, scopes, lifetime):
            token = shape.service_account_access_token(entropy)
            _keep(tx, now, token, subject=account.unique_id, scopes=scopes, lifetime=lifetime)
            return TokenResponse(access_token=token, expires_in=lifetime)
        case ServiceIdentity(account, audience, extra):
            token = id_token.for_service_account(tx, now, account, audience, extra)
            return TokenResponse(id_token=token)


def issue_federated(
    tx: Transaction, now: float, entropy: Entropy, access: FederatedAccess
) -> TokenExchangeResponse:
    """Make and keep a federated access token; only the answer ever holds its text."""
    token = shape.federated_access_token(entropy)
    lifetime = max(1, min(lifetimes.ACCESS_TOKEN, int(access.proof_ends - now)))
    tx.add(
        FederatedToken(
            token_hash=digest(token),
            project_id=access.pool.project_id,
            pool_id=access.pool.pool_id,
            subject=access.subject,
            groups=access.groups,
            attributes=access.attributes,
            scopes=access.scopes,
            issued_at=now,
            expires_at=now + lifetime,
        )
    )
    return TokenExchangeResponse(token, lifetime)


def _for_person(
    tx: Transaction, now: float, entropy: Entropy, access: PersonAccess
) -> TokenResponse:
    token = shape.access_token(entropy)
    _keep(
        tx,
        now,
        token,
        subject=access.account.sub,
        scopes=access.scopes,
        grant_id=access.grant_id,
        client_id=access.client.client_id,
        offline=access.offline,
    )
    refresh, ends = None, access.refresh_token_ends
    if access.refreshable:
        refresh, ends = _refresh_token(tx, now, entropy, access)
    identity = None
    if OPENID in access.scopes:
        identity = id_token.for_person(
            tx,
            now,
            access.account,
            client_id=access.client.client_id,
            scopes=access.scopes,
            access_token=token,
            nonce=access.nonce,
        )
    return TokenResponse(
        access_token=token,
        expires_in=lifetimes.ACCESS_TOKEN,
        refresh_token=refresh,
        scopes=access.scopes,
        id_token=identity,
        refresh_token_expires_in=None if ends is None else int(ends - now),
    )


def _keep(
    tx: Transaction,
    now: float,
    token: str,
    *,
    subject: str,
    scopes: tuple[str, ...],
    grant_id: str | None = None,
    client_id: str | None = None,
    offline: bool = False,
    lifetime: int = lifetimes.ACCESS_TOKEN,
) -> None:
    tx.add(
        AccessToken(
            token_hash=digest(token),
            subject=subject,
            grant_id=grant_id,
            client_id=client_id,
            scopes=scopes,
            offline=offline,
            issued_at=now,
            expires_at=now + lifetime,
        )
    )


def _refresh_token(
    tx: Transaction, now: float, entropy: Entropy, access: PersonAccess
) -> tuple[str, float | None]:
    """Make a refresh token, in the place of the oldest of 100; return it with its end."""
    sub, client_id = access.account.sub, access.client.client_id
    held = tx.find(RefreshToken, sub=sub, client_id=client_id)
    for oldest in held[: max(0, len(held) + 1 - lifetimes.REFRESH_TOKENS_PER_CLIENT)]:
        tx.remove(RefreshToken, oldest.token_hash)
    token, ends = shape.refresh_token(entropy), _fixed_end(tx, now, access)
    tx.add(
        RefreshToken(
            token_hash=digest(token),
            grant_id=access.grant_id,
            sub=sub,
            client_id=client_id,
            scopes=access.scopes,
            created_at=now,
            last_used_at=now,
            expires_at=ends,
        )
    )
    return token, ends


def _fixed_end(tx: Transaction, now: float, access: PersonAccess) -> float | None:
    """Return the end of a new refresh token: seven days in Testing, except for sign-in alone."""
    screen = tx.get(ConsentScreen, access.client.project_id)
    in_testing = (
        screen is not None
        and screen.user_type == "external"
        and screen.publishing_status == "testing"
    )
    if not in_testing or set(access.scopes) <= set(SIGN_IN):
        return None
    return now + lifetimes.REFRESH_TOKEN_IN_TESTING
