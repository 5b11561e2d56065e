"""A service account's signed assertion for a token (RFC 7523; google-oauth.md 2.1).

The assertion names and proves its account; no OAuth client takes part. Called by
`authserver/token.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.emulator.authserver.token_error import Row, TokenRefused
from gemauth.emulator.tokens.assertion import Assertion, AssertionRefused, Problem, check
from gemauth.emulator.tokens.issue import ServiceAccess, ServiceIdentity
from gemauth.google.endpoints import JWT_AUDIENCES
from gemauth.google.scopes import canonical, is_scope
from gemauth.oauth.scope import split
from gemauth.oauth.token import JwtBearerGrant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.authserver.token_request import TokenRequest
    from gemauth.emulator.storage.records import OAuthClient
    from gemauth.emulator.storage.store import Transaction

__all__ = ["examine", "grant"]

_ROWS = {
    Problem.MALFORMED: Row.MALFORMED_ASSERTION,
    Problem.ISSUER: Row.JWT_NOT_AN_ID,
    Problem.ACCOUNT: Row.JWT_ACCOUNT,
    Problem.SIGNATURE: Row.JWT_SIGNATURE,
    Problem.AUDIENCE: Row.JWT_AUDIENCE,
    Problem.TIME: Row.JWT_TIMES,
    Problem.EXPIRED: Row.JWT_TIMES,
    Problem.DISABLED: Row.JWT_DISABLED,
}


def examine(_tx: Transaction, _now: float, request: TokenRequest) -> None:
    """Check that there is an assertion.

    Raises:
        TokenRefused: there is none.
    """
    if JwtBearerGrant.from_form(request.form).assertion is None:
        raise TokenRefused(Row.MISSING_ASSERTION)


def grant(
    tx: Transaction, now: float, request: TokenRequest, _client: OAuthClient | None
) -> ServiceAccess | ServiceIdentity:
    """Believe the assertion.

    Raises:
        TokenRefused: with the first row of the table that applies.
    """
    message = JwtBearerGrant.from_form(request.form)
    assert message.assertion is not None
    accepted = (*JWT_AUDIENCES, *request.token_urls)

    def is_audience(claims: Mapping[str, Any]) -> bool:
        return claims.get("aud") in accepted

    try:
        # Google's own library for Node names no key here (google-auth-library 10, gtoken).
        assertion = check(tx, now, message.assertion, is_audience, unnamed_key=True)
    except AssertionRefused as refused:
        raise TokenRefused(_ROWS[refused.problem]) from None
    _check_subject(assertion)
    audience, scopes = assertion.text("target_audience"), _scopes(assertion)
    if audience is not None and not scopes:
        return ServiceIdentity(assertion.account, audience)
    if audience is None and scopes and all(map(is_scope, scopes)):
        return ServiceAccess(assertion.account, scopes)
    raise TokenRefused(Row.JWT_SCOPE)


def _check_subject(assertion: Assertion) -> None:
    """Refuse to speak for somebody else: no account here has domain-wide delegation."""
    subject = assertion.claims.get("sub")
    if subject is None:
        return
    if not isinstance(subject, str) or not ("@" in subject or subject.isdecimal()):
        raise TokenRefused(Row.JWT_NOT_AN_ID)
    if subject.lower() not in {assertion.account.email, assertion.account.unique_id}:
        raise TokenRefused(Row.JWT_NO_DELEGATION)


def _scopes(assertion: Assertion) -> tuple[str, ...]:
    return canonical(split(assertion.text("scope") or ""))
