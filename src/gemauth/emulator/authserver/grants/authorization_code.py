"""A code for tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.6; google-oauth.md 2.1).

Nothing that is refused spends the code: Go's client sends every request twice, first with Basic
and after any error in the form (section 10). Called by `authserver/token.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.authserver.client import authenticate, may_hold_tokens
from gemauth.emulator.authserver.token_error import Row, TokenRefused
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import Account, AuthorizationCode, Grant, SpentCode
from gemauth.emulator.tokens import lifetimes
from gemauth.emulator.tokens.issue import PersonAccess
from gemauth.emulator.tokens.revoke import end_grant
from gemauth.emulator.tokens.shape import is_authorization_code
from gemauth.google.scopes import canonical
from gemauth.oauth.pkce import matches
from gemauth.oauth.token import AuthorizationCodeGrant

if TYPE_CHECKING:
    from gemauth.emulator.authserver.token_request import TokenRequest
    from gemauth.emulator.storage.records import OAuthClient
    from gemauth.emulator.storage.store import Transaction

__all__ = ["examine", "grant"]


def examine(tx: Transaction, now: float, request: TokenRequest) -> None:
    """Check what Google checks before it looks at the client.

    Raises:
        TokenRefused: with the first row of the table that applies.
    """
    message = AuthorizationCodeGrant.from_form(request.form)
    if message.redirect_uri is None:
        raise TokenRefused(Row.MISSING_REDIRECT_URI)
    client = request.client()
    if message.code is None:
        raise TokenRefused(Row.MISSING_CODE)
    if not is_authorization_code(message.code):
        raise TokenRefused(Row.MALFORMED_CODE)
    code = tx.get(AuthorizationCode, digest(message.code))
    if code is None:
        _examine_spent(tx, message.code, request)
        return
    _prove(code, message.code_verifier)
    if code.expires_at <= now or code.client_id != client.client_id:
        raise TokenRefused(Row.CODE_NOT_LIVE)


def grant(
    tx: Transaction, now: float, request: TokenRequest, client: OAuthClient | None
) -> PersonAccess | TokenRefused:
    """Spend the code; a refusal that is returned has ended the code's grant and must be kept.

    Raises:
        TokenRefused: the redirect URI is another one, or the consent is no longer good.
    """
    assert client is not None
    message = AuthorizationCodeGrant.from_form(request.form)
    assert message.code is not None
    code_hash = digest(message.code)
    # Taken before the last checks: of two racers one gets it, and a refusal below puts it back.
    code = tx.take(AuthorizationCode, code_hash)
    if code is None:
        return _end_replayed(tx, now, code_hash)
    if code.redirect_uri != message.redirect_uri:
        raise TokenRefused(Row.REDIRECT_URI_MISMATCH)
    consent = tx.get(Grant, code.grant_id)
    if consent is None or consent.revoked_at is not None:
        raise TokenRefused(Row.CODE_NOT_LIVE)
    account = tx.get(Account, code.sub)
    if account is None:
        raise TokenRefused(Row.ACCOUNT_DELETED)
    if not may_hold_tokens(tx, client, account):
        raise TokenRefused(Row.CODE_NOT_LIVE)
    tx.add(SpentCode(code_hash, code.grant_id, now + lifetimes.SPENT_CODE))
    return PersonAccess(
        account=account,
        client=client,
        grant_id=code.grant_id,
        scopes=canonical(code.scopes),
        offline=code.offline,
        # A web app gets a refresh token only with a consent page (1.1). "Refresh tokens are always
        # returned for installed applications" (developers.google.com, "OAuth 2.0 for iOS & Desktop
        # Apps"): gcloud's --no-browser asks for no consent page, the second time either.
        refreshable=code.offline and (code.consent_shown or client.kind != "web"),
        nonce=code.nonce,
    )


def _prove(code: AuthorizationCode, verifier: str | None) -> None:
    if code.code_challenge is None:
        # RFC 9700 section 4.8.2: a verifier without a challenge shows that the challenge was
        # stripped from the authorization request. Google's answer is not known.
        if verifier is not None:
            raise TokenRefused(Row.WRONG_VERIFIER)
        return
    if verifier is None:
        raise TokenRefused(Row.MISSING_VERIFIER)
    # RFC 7636 section 4.3: a challenge without a method is `plain`.
    if not matches(verifier, code.code_challenge, code.code_challenge_method or "plain"):
        raise TokenRefused(Row.WRONG_VERIFIER)


def _examine_spent(tx: Transaction, code: str, request: TokenRequest) -> None:
    """Let a replay pass on to `grant` if its client is the grant's, proved by its secret.

    A thief of a spent code who has no secret must not be able to sign the person out.
    """
    spent = tx.get(SpentCode, digest(code))
    consent = None if spent is None else tx.get(Grant, spent.grant_id)
    try:
        client = authenticate(tx, request.client())
    except TokenRefused:
        raise TokenRefused(Row.CODE_NOT_LIVE) from None
    if consent is None or consent.client_id != client.client_id:
        raise TokenRefused(Row.CODE_NOT_LIVE)


def _end_replayed(tx: Transaction, now: float, code_hash: str) -> TokenRefused:
    """End all that came of a code sent again (RFC 9700 section 2.1.1; Google only refuses)."""
    spent = tx.get(SpentCode, code_hash)
    if spent is not None:
        end_grant(tx, now, spent.grant_id)
    return TokenRefused(Row.CODE_NOT_LIVE)
