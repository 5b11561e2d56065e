"""What a token is, said by the server that issued it, in the three forms that Google has.

google-oauth.md 2.5: v3 (`/tokeninfo`) has all values as strings, v1 and v2 are older and typed.
Nobody authenticates; whoever holds a token may ask about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gemauth.emulator.authserver.form import read_form
from gemauth.emulator.authserver.token import NOT_STORED
from gemauth.emulator.reply import json_reply
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import AccessToken
from gemauth.emulator.tokens import id_token
from gemauth.emulator.tokens.verify import Credential, verify_access_token
from gemauth.google.scopes import EMAIL, SIGN_IN
from gemauth.oauth.error import ErrorBody
from gemauth.oauth.scope import join

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from gemauth.emulator.context import Context
    from gemauth.emulator.storage.store import Transaction
    from gemauth.oauth.jwt import Jwt

__all__ = ["FORMS", "Form", "describe", "endpoint"]

MISSING = ErrorBody("invalid_request", "Either access_token or id_token is required.")  # ours


@dataclass(frozen=True, slots=True)
class AccessTokenFacts:
    """An access token's facts; None is what its scopes do not show."""

    audience: str
    subject: str | None
    scopes: tuple[str, ...]
    expires_at: float
    seconds_left: int
    email: str | None
    access_type: str


@dataclass(frozen=True, slots=True)
class Form:
    """One version's way of writing: of an access token, of an id token, of a refusal."""

    access: Callable[[AccessTokenFacts], dict[str, Any]]
    identity: Callable[[Jwt, float], dict[str, Any]]
    refusal: ErrorBody


def describe(
    tx: Transaction, now: float, form: Form, fields: Mapping[str, str]
) -> tuple[int, dict[str, Any]]:
    """Return the HTTP status and body for the token in a request's fields."""
    if access_token := fields.get("access_token"):
        facts = _facts(tx, now, access_token)
        return (400, form.refusal.to_json()) if facts is None else (200, form.access(facts))
    if identity := fields.get("id_token"):
        jwt = id_token.read(tx, now, identity)
        return (400, form.refusal.to_json()) if jwt is None else (200, form.identity(jwt, now))
    return 400, MISSING.to_json()


def endpoint(context: Context, form: Form) -> Callable[[Request], Awaitable[Response]]:
    """Return one version's endpoint; GET and POST, the token in the query or the body."""

    async def tokeninfo(request: Request) -> Response:
        fields = {**request.query_params, **(await read_form(request)).fields}
        with context.store.read() as tx:
            status, body = describe(tx, context.clock.now(), form, fields)
        return json_reply(body, status, NOT_STORED)

    return tokeninfo


def _facts(tx: Transaction, now: float, token: str) -> AccessTokenFacts | None:
    verdict = verify_access_token(tx, now, token)
    record = tx.get(AccessToken, digest(token))
    if not isinstance(verdict, Credential) or record is None:
        return None
    return AccessTokenFacts(
        # A service account's token has the account itself where a person's has the client.
        audience=verdict.client_id or verdict.subject,
        subject=verdict.subject if set(record.scopes) & set(SIGN_IN) else None,
        scopes=record.scopes,
        expires_at=record.expires_at,
        seconds_left=int(record.expires_at - now),
        email=verdict.email if EMAIL in record.scopes else None,
        access_type="offline" if record.offline else "online",
    )


def _v3_access(facts: AccessTokenFacts) -> dict[str, Any]:
    return _present(
        azp=facts.audience,
        aud=facts.audience,
        sub=facts.subject,
        scope=join(facts.scopes),
        exp=str(int(facts.expires_at)),
        expires_in=str(facts.seconds_left),
        email=facts.email,
        email_verified=None if facts.email is None else "true",
        access_type=facts.access_type,
    )


def _v3_identity(jwt: Jwt, _now: float) -> dict[str, Any]:
    return {name: _text(value) for name, value in {**jwt.claims, **jwt.header}.items()}


def _v2_access(facts: AccessTokenFacts) -> dict[str, Any]:
    return _present(
        issued_to=facts.audience,
        audience=facts.audience,
        user_id=facts.subject,
        scope=join(facts.scopes),
        expires_in=facts.seconds_left,
        email=facts.email,
        verified_email=None if facts.email is None else True,
        access_type=facts.access_type,
    )


def _v1_access(facts: AccessTokenFacts) -> dict[str, Any]:
    # The discovery document of v1 has the field under both names.
    email = {} if facts.email is None else {"email_verified": True}
    return _v2_access(facts) | email


def _v2_identity(jwt: Jwt, now: float) -> dict[str, Any]:
    claims = jwt.claims
    return _present(
        issuer=claims["iss"],
        issued_to=claims["azp"],
        audience=claims["aud"],
        user_id=claims["sub"],
        issued_at=claims["iat"],
        expires_in=int(claims["exp"] - now),
        email=claims.get("email"),
        verified_email=claims.get("email_verified"),
        nonce=claims.get("nonce"),
    )


def _present(**members: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON members
    return {name: value for name, value in members.items() if value is not None}


def _text(value: Any) -> str:  # noqa: ANN401  # a claim
    return str(value).lower() if isinstance(value, bool) else str(value)


_INVALID = ErrorBody("invalid_token", "Invalid Value")

FORMS = {
    "/tokeninfo": Form(_v3_access, _v3_identity, _INVALID),
    "/oauth2/v3/tokeninfo": Form(_v3_access, _v3_identity, _INVALID),
    "/oauth2/v2/tokeninfo": Form(_v2_access, _v2_identity, _INVALID),
    "/oauth2/v1/tokeninfo": Form(_v1_access, _v2_identity, ErrorBody("invalid_token")),
}
