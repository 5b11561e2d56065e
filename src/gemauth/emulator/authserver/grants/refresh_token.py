"""A refresh token for a new access token (RFC 6749 section 6; google-oauth.md 2.1 and section 3).

The refresh token stays the same: Google does not rotate it. Called by `authserver/token.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gemauth.emulator.authserver.client import may_hold_tokens
from gemauth.emulator.authserver.token_error import Row, TokenRefused
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import Account, Grant, RefreshToken
from gemauth.emulator.tokens.issue import PersonAccess
from gemauth.emulator.tokens.revoke import is_live
from gemauth.emulator.tokens.shape import is_refresh_token
from gemauth.google.scopes import canonical
from gemauth.oauth.token import RefreshTokenGrant

if TYPE_CHECKING:
    from gemauth.emulator.authserver.token_request import TokenRequest
    from gemauth.emulator.storage.records import OAuthClient
    from gemauth.emulator.storage.store import Transaction

__all__ = ["examine", "grant"]


def examine(_tx: Transaction, _now: float, request: TokenRequest) -> None:
    """Check that the request has what every request of this grant has.

    Raises:
        TokenRefused: it names no client, or has no refresh token.
    """
    request.client()
    if RefreshTokenGrant.from_form(request.form).refresh_token is None:
        raise TokenRefused(Row.MISSING_REFRESH_TOKEN)


def grant(
    tx: Transaction, now: float, request: TokenRequest, client: OAuthClient | None
) -> PersonAccess:
    """Use the refresh token.

    Raises:
        TokenRefused: with the first row of the table that applies.
    """
    assert client is not None
    message = RefreshTokenGrant.from_form(request.form)
    assert message.refresh_token is not None
    if not is_refresh_token(message.refresh_token):
        raise TokenRefused(Row.MALFORMED_REFRESH_TOKEN)
    token = tx.get(RefreshToken, digest(message.refresh_token))
    if token is None:  # revoked, evicted, or another emulator's
        raise TokenRefused(Row.REFRESH_TOKEN_ENDED)
    if token.client_id != client.client_id:
        raise TokenRefused(Row.OTHER_CLIENTS_REFRESH_TOKEN)
    account = _holder(tx, now, token, client)
    wanted = canonical(message.scopes) or token.scopes
    if not set(wanted) <= set(token.scopes):
        raise TokenRefused(Row.SCOPE_NOT_GRANTED)
    tx.replace(replace(token, last_used_at=now))
    return PersonAccess(
        account=account,
        client=client,
        grant_id=token.grant_id,
        scopes=wanted,
        offline=True,
        refreshable=False,
        refresh_token_ends=token.expires_at,
    )


def _holder(tx: Transaction, now: float, token: RefreshToken, client: OAuthClient) -> Account:
    """Return the person whose token it is, if it and all it stands on still hold."""
    consent = tx.get(Grant, token.grant_id)
    if consent is None or consent.revoked_at is not None or not is_live(token, now):
        raise TokenRefused(Row.REFRESH_TOKEN_ENDED)
    account = tx.get(Account, token.sub)
    if account is None:
        raise TokenRefused(Row.ACCOUNT_DELETED)
    if not may_hold_tokens(tx, client, account):
        raise TokenRefused(Row.REFRESH_TOKEN_ENDED)
    return account
