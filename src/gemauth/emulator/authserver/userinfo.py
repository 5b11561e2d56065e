"""Who a token's person is, as far as its scopes show it (OIDC core 5.3; google-oauth.md 2.6).

OpenID Connect's form (`sub`, `email_verified`) at `/v1/userinfo` and `/oauth2/v3/userinfo`,
Google's older one (`id`, `verified_email`) at v1, v2 and `me`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.emulator.authserver.token import NOT_STORED
from gemauth.emulator.iam.admission import Carriers
from gemauth.emulator.reply import json_reply, status_reply
from gemauth.emulator.storage.records import Account
from gemauth.emulator.tokens.verify import Credential, Refused, verify_access_token
from gemauth.google import refusals
from gemauth.google.scopes import EMAIL, PROFILE, SIGN_IN
from gemauth.google.status import Status, StatusError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from gemauth.emulator.context import Context
    from gemauth.emulator.storage.store import Transaction

__all__ = ["NAMES", "OLDER", "OPENID_CONNECT", "OWN_PATH", "describe", "endpoint"]

# What a form calls the subject and the flag on the e-mail address.
OPENID_CONNECT = ("sub", "email_verified")
OLDER = ("id", "verified_email")
OWN_PATH = "/v1/userinfo"
"""On a host of its own, which answers OPENID_CONNECT's names."""
NAMES = {
    "/oauth2/v3/userinfo": OPENID_CONNECT,
    "/oauth2/v2/userinfo": OLDER,
    "/oauth2/v1/userinfo": OLDER,
    "/userinfo/v2/me": OLDER,
}


def describe(
    tx: Transaction, now: float, names: tuple[str, str], token: str | None
) -> dict[str, Any]:
    """Return what a token shows of its person or service account.

    Raises:
        StatusError: 401 without a good token, 403 for one without a scope of sign-in.
    """
    if token is None:
        raise _plain(refusals.credentials_missing("", ""))
    verdict = verify_access_token(tx, now, token)
    if isinstance(verdict, Refused):
        raise _plain(refusals.invalid_credentials("", "", verdict.reason))
    if verdict.kind == "federated":  # nobody with an account, so with nothing to show (ours)
        raise _plain(refusals.invalid_credentials("", "", "ACCESS_TOKEN_TYPE_UNSUPPORTED"))
    scopes = set(verdict.scopes or ())
    if not scopes & set(SIGN_IN):
        raise _plain(refusals.insufficient_scopes("", "", SIGN_IN))
    subject, verified = names
    claims: dict[str, Any] = {subject: verdict.subject}
    if EMAIL in scopes:
        claims |= {"email": verdict.email, verified: True}
    return claims | _of_person(tx, verdict, scopes)


def endpoint(context: Context, names: tuple[str, str]) -> Callable[[Request], Awaitable[Response]]:
    """Return one form's endpoint; the token is in the Authorization header or in the query."""

    async def userinfo(request: Request) -> Response:
        token = Carriers.of(request.headers, request.query_params).bearer
        try:
            with context.store.read() as tx:
                body = describe(tx, context.clock.now(), names, token)
        except StatusError as error:
            return status_reply(error)
        return json_reply(body, 200, NOT_STORED)

    return userinfo


def _plain(error: StatusError) -> StatusError:
    """Return a refusal without details: what Google's would be here is not known."""
    return StatusError(
        Status(error.status.code, error.status.message), www_authenticate=error.www_authenticate
    )


def _of_person(tx: Transaction, credential: Credential, scopes: set[str]) -> dict[str, Any]:
    account = tx.get(Account, credential.subject)
    if account is None:  # a service account has no profile
        return {}
    claims = {}
    if PROFILE in scopes:
        profile = {
            "name": account.name,
            "given_name": account.given_name,
            "family_name": account.family_name,
        }
        claims = {name: value for name, value in profile.items() if value}
    if account.domain is not None:
        claims["hd"] = account.domain
    return claims
