"""How grants end: a token is revoked, a code comes twice, a person takes consent back.

A grant's end is one column; every token below it is refused from then on (`verify`, the refresh
grant). Its refresh tokens are deleted, so that they no longer count among the 100. Called by
`authserver/revocation.py` and `authserver/grants/authorization_code.py`.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import AccessToken, Grant, RefreshToken
from gemauth.emulator.tokens import lifetimes, shape

if TYPE_CHECKING:
    from gemauth.emulator.storage.store import Transaction

__all__ = ["Outcome", "end_grant", "end_grants", "is_live", "revoke"]


class Outcome(Enum):
    """What became of a token that was to be revoked."""

    ENDED = "its grant has ended"
    UNKNOWN = "it is no token, or an expired or revoked one"
    NOT_REVOCABLE = "it is a service account's, which ends by itself"


def revoke(tx: Transaction, now: float, token: str) -> Outcome:
    """End all that the token's person has granted to its client (google-oauth.md 2.4)."""
    if shape.is_refresh_token(token):
        refresh = tx.get(RefreshToken, digest(token))
        if refresh is None or not is_live(refresh, now):
            return Outcome.UNKNOWN
        end_grants(tx, now, refresh.sub, refresh.client_id)
        return Outcome.ENDED
    access = tx.get(AccessToken, digest(token)) if shape.is_access_token(token) else None
    if access is None or access.expires_at <= now:
        return Outcome.UNKNOWN
    if access.grant_id is None or access.client_id is None:
        return Outcome.NOT_REVOCABLE
    grant = tx.get(Grant, access.grant_id)
    if grant is None or grant.revoked_at is not None:
        return Outcome.UNKNOWN
    end_grants(tx, now, access.subject, access.client_id)
    return Outcome.ENDED


def is_live(token: RefreshToken, now: float) -> bool:
    """Whether a refresh token has neither reached its end nor lain unused for six months."""
    if token.expires_at is not None and token.expires_at <= now:
        return False
    return now < token.last_used_at + lifetimes.REFRESH_TOKEN_UNUSED


def end_grants(tx: Transaction, now: float, sub: str, client_id: str) -> None:
    """End every grant of a person to a client."""
    for grant in tx.find(Grant, sub=sub, client_id=client_id):
        end_grant(tx, now, grant.grant_id)


def end_grant(tx: Transaction, now: float, grant_id: str) -> None:
    """End a grant; one that has ended already stays as it is."""
    grant = tx.get(Grant, grant_id)
    if grant is None or grant.revoked_at is not None:
        return
    tx.replace(replace(grant, revoked_at=now))
    for token in tx.find(RefreshToken, grant_id=grant_id):
        tx.remove(RefreshToken, token.token_hash)
