"""Refusals of the token endpoint and its neighbours (google-oauth.md 2.1, 2.4, 2.5, 2.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator.gemini.world import ANN, OTTO
from tests.refusals.row import Row, error
from tests.refusals.rows_callers import INVALID, REALM

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ROWS"]

SOURCE = "google-oauth.md 2.1"
HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate",
    "Pragma": "no-cache",
}
CLIENT = {"client_id": "${client}", "client_secret": "${secret}"}
CODE = {
    "grant_type": "authorization_code",
    "code": "${code}",
    "code_verifier": "${verifier}",
    "redirect_uri": "${redirect}",
    **CLIENT,
}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "${refresh}", **CLIENT}
JWT = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "${jwt}"}
TIMES = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)


def token(  # a row's columns
    name: str,
    form: Mapping[str, str | None],
    status: int,
    code: str,
    text: str,
    source: str = SOURCE,
    **more: Any,
) -> Row:
    """Return a row of the token endpoint; a field changed to None is not sent."""
    data = {field: value for field, value in form.items() if value is not None}
    return Row(
        name,
        source,
        "POST /token",
        status,
        {"error": code, "error_description": text},
        {**HEADERS, **more.pop("headers", {})},
        sent={"data": data, **more.pop("sent", {})},
        **more,
    )


ANY_GRANT = (
    token(
        "no grant type",
        {**REFRESH, "grant_type": None},
        400,
        "invalid_request",
        "Missing required parameter: grant_type",
    ),
    token(
        "password grant",
        {**REFRESH, "grant_type": "password"},
        400,
        "unsupported_grant_type",
        "Invalid grant_type: password",
    ),
    token(
        "no client id",
        {**REFRESH, "client_id": None},
        400,
        "invalid_request",
        "Could not determine client ID from request.",
    ),
    token(
        "no client secret",
        {**REFRESH, "client_secret": None},
        400,
        "invalid_request",
        "client_secret is missing.",
    ),
    token(
        "broken Basic header",
        {**REFRESH, "client_id": None, "client_secret": None},
        400,
        "invalid_request",
        "Bad Request",
        sent={"headers": {"Authorization": "Basic %%%"}},
    ),
    token(
        "unknown client",
        {**REFRESH, "client_id": "1-x.apps.googleusercontent.com"},
        401,
        "invalid_client",
        "The OAuth client was not found.",
    ),
    token(
        "wrong secret",
        {**REFRESH, "client_secret": "GOCSPX-emu-other"},
        401,
        "invalid_client",
        "Unauthorized",
        headers={"WWW-Authenticate": None},
    ),
    token(
        "wrong secret, by Basic",
        {**REFRESH, "client_id": None, "client_secret": None},
        401,
        "invalid_client",
        "Unauthorized",
        "google-oauth.md 2.1; RFC 6749 5.2",
        sent={"auth": ("${client}", "GOCSPX-emu-other")},
        headers={"WWW-Authenticate": 'Basic realm="gemauth emulator"'},
    ),
    token(
        "deleted client",
        {
            **REFRESH,
            "client_id": "${client_deleted}",
            "client_secret": "${secret}-deleted",
        },
        401,
        "deleted_client",
        "The OAuth client was deleted.",
    ),
    token(
        "disabled client",
        {
            **REFRESH,
            "client_id": "${client_disabled}",
            "client_secret": "${secret}-disabled",
        },
        401,
        "disabled_client",
        "The OAuth client was disabled.",
        "google-oauth.md 1.3",
    ),
)

CODES = (
    token(
        "code without redirect_uri",
        {**CODE, "redirect_uri": None},
        400,
        "invalid_request",
        "Missing parameter: redirect_uri",
    ),
    token(
        "no code",
        {**CODE, "code": None},
        400,
        "invalid_request",
        "Missing required parameter: code",
    ),
    token(
        "text that is no code",
        {**CODE, "code": "4/x"},
        400,
        "invalid_grant",
        "Malformed auth code.",
    ),
    token(
        "challenge without verifier",
        {**CODE, "code_verifier": None},
        400,
        "invalid_grant",
        "Missing code verifier.",
    ),
    token(
        "wrong verifier",
        {**CODE, "code_verifier": "w" * 43},
        400,
        "invalid_grant",
        "Invalid code verifier.",
    ),
    token(
        "verifier without challenge",
        {**CODE, "code": "${code_plain}"},
        400,
        "invalid_grant",
        "Invalid code verifier.",
        "RFC 9700 4.8.2, ours",
    ),
    token("expired code", {**CODE, "code": "${code_expired}"}, 400, "invalid_grant", "Bad Request"),
    token(
        "code used twice",
        {**CODE, "code": "${code_spent}", "code_verifier": None},
        400,
        "invalid_grant",
        "Bad Request",
    ),
    token(
        "code that was never issued",
        {**CODE, "code": "${code_never}"},
        400,
        "invalid_grant",
        "Bad Request",
        "google-oauth.md 2.1 [I]",
    ),
    token(
        "another client's code",
        {**CODE, "client_id": "${client_other}", "client_secret": "${secret}-other"},
        400,
        "invalid_grant",
        "Bad Request",
    ),
    token(
        "another redirect_uri",
        {**CODE, "redirect_uri": "http://127.0.0.1:1/"},
        400,
        "redirect_uri_mismatch",
        "Bad Request",
    ),
    token(
        "code of a consent that was revoked",
        CODE,
        400,
        "invalid_grant",
        "Bad Request",
        "google-oauth.md 2.1 [I]",
        given=lambda lab: lab.end_grant(ANN),
    ),
    token(
        "code of an account that is no tester",
        {**CODE, "code": "${code_otto}"},
        400,
        "invalid_grant",
        "Bad Request",
        "google-oauth.md 11.5 [I]",
    ),
)

REFRESHES = (
    token(
        "refresh token of a revoked grant",
        REFRESH,
        400,
        "invalid_grant",
        "Token has been expired or revoked.",
        given=lambda lab: lab.end_grant(ANN),
    ),
    token(
        "refresh token after its seven days",
        {**REFRESH, "refresh_token": "${refresh_week_over}"},
        400,
        "invalid_grant",
        "Token has been expired or revoked.",
        "google-oauth.md 2.1, 3",
    ),
    token(
        "refresh token after six months unused",
        REFRESH,
        400,
        "invalid_grant",
        "Token has been expired or revoked.",
        "google-oauth.md 2.1, 3",
        given=lambda lab: lab.clock.advance(200 * 86400),
    ),
    token(
        "refresh token that was never issued",
        {**REFRESH, "refresh_token": "${refresh_never}"},
        400,
        "invalid_grant",
        "Token has been expired or revoked.",
        "google-oauth.md 2.1 [I]",
    ),
    token(
        "text that is no refresh token",
        {**REFRESH, "refresh_token": "1//0xyz"},
        400,
        "invalid_grant",
        "Bad Request",
    ),
    token(
        "another client's refresh token",
        {**REFRESH, "client_id": "${client_other}", "client_secret": "${secret}-other"},
        401,
        "unauthorized_client",
        "Unauthorized",
    ),
    token(
        "scope that was not granted",
        {**REFRESH, "scope": "https://www.googleapis.com/auth/userinfo.profile"},
        400,
        "invalid_scope",
        "Bad Request",
    ),
    token(
        "refresh token of a deleted account",
        {**REFRESH, "refresh_token": "${refresh_otto}"},
        400,
        "invalid_grant",
        "Account has been deleted",
        given=lambda lab: lab.delete_account(OTTO),
    ),
    token(
        "refresh token of an account that is no tester",
        {**REFRESH, "refresh_token": "${refresh_otto}"},
        400,
        "invalid_grant",
        "Token has been expired or revoked.",
        "google-oauth.md 11.5 [I]",
    ),
)

NO_DELEGATION = (
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized "
    "for any of the scopes requested."
)

ASSERTIONS = (
    *(
        token(f"assertion: {name}", {**JWT, "assertion": f"${{{value}}}"}, status, code, text)
        for name, value, status, code, text in (
            ("another's signature", "jwt_forged", 400, "invalid_grant", "Invalid JWT Signature."),
            ("unknown kid", "jwt_unknown_key", 400, "invalid_grant", "Invalid JWT Signature."),
            (
                "another audience",
                "jwt_audience",
                400,
                "invalid_grant",
                "Invalid JWT: Failed audience check.",
            ),
            ("longer than an hour", "jwt_long", 400, "invalid_grant", TIMES),
            ("expired", "jwt_expired", 400, "invalid_grant", TIMES),
            ("no iat", "jwt_no_iat", 400, "invalid_grant", TIMES),
            (
                "unknown account",
                "jwt_stranger",
                400,
                "invalid_grant",
                "Invalid grant: account not found",
            ),
            (
                "iss is no address",
                "jwt_no_email",
                400,
                "invalid_grant",
                "Not a valid email or user ID.",
            ),
            (
                "no scope and no audience",
                "jwt_no_scope",
                400,
                "invalid_scope",
                "Invalid OAuth scope or ID token audience provided.",
            ),
            (
                "unknown scope",
                "jwt_bad_scope",
                400,
                "invalid_scope",
                "Invalid OAuth scope or ID token audience provided.",
            ),
            ("delegation", "jwt_delegation", 401, "unauthorized_client", NO_DELEGATION),
        )
    ),
    token(
        "assertion: deleted key",
        JWT,
        400,
        "invalid_grant",
        "Invalid JWT Signature.",
        given=lambda lab: lab.remove_key(),
    ),
    token(
        "assertion: disabled account",
        JWT,
        400,
        "invalid_grant",
        "Robot is disabled.",
        given=lambda lab: lab.change_robot(disabled=True),
    ),
    token(
        "assertion: deleted account",
        JWT,
        400,
        "invalid_grant",
        "Invalid grant: account not found",
        given=lambda lab: lab.change_robot(deleted_at=lab.clock.now()),
    ),
)

NEIGHBOURS = (
    Row("token endpoint by GET", "google-oauth.md 2.1", "GET /token", 405, texts=("405",)),
    Row("revocation by GET", "google-oauth.md 2.4", "GET /revoke?token=x", 405, texts=("405",)),
    Row(
        "unknown token revoked",
        "google-oauth.md 2.4",
        "POST /revoke",
        400,
        {"error": "invalid_token", "error_description": "Token expired or revoked"},
        sent={"data": {"token": "ya29.x"}},
    ),
    Row(
        "token revoked twice",
        "google-oauth.md 2.4",
        "POST /revoke?token=${ann}",
        400,
        {"error": "invalid_token", "error_description": "Token expired or revoked"},
        given=lambda lab: lab.end_grant(ANN),
    ),
    *(
        Row(
            f"unknown token at {path}",
            "google-oauth.md 2.5",
            f"GET {path}?access_token=ya29.x",
            400,
            body,
        )
        for path, body in (
            ("/tokeninfo", {"error": "invalid_token", "error_description": "Invalid Value"}),
            (
                "/oauth2/v3/tokeninfo",
                {"error": "invalid_token", "error_description": "Invalid Value"},
            ),
            (
                "/oauth2/v2/tokeninfo",
                {"error": "invalid_token", "error_description": "Invalid Value"},
            ),
            ("/oauth2/v1/tokeninfo", {"error": "invalid_token"}),
        )
    ),
    Row(
        "expired token at tokeninfo",
        "google-oauth.md 2.5",
        "GET /tokeninfo?access_token=${expired}",
        400,
        {"error": "invalid_token", "error_description": "Invalid Value"},
    ),
    Row(
        "userinfo with a bad token",
        "google-oauth.md 2.6",
        "GET /v1/userinfo",
        401,
        error("UNAUTHENTICATED", INVALID),
        {"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
        sent={"headers": {"Authorization": "Bearer ya29.x"}},
    ),
    Row(
        "userinfo with nothing",
        "google-oauth.md 2.6 [I]",
        "GET /oauth2/v3/userinfo",
        401,
        headers={"WWW-Authenticate": REALM},
        texts=("UNAUTHENTICATED",),
    ),
    Row(
        "userinfo without a scope of sign-in",
        "google-oauth.md 2.6 [I]",
        "GET /oauth2/v2/userinfo",
        403,
        error("PERMISSION_DENIED", "Request had insufficient authentication scopes."),
        sent={"headers": {"Authorization": "Bearer ${tuning}"}},
    ),
)

ROWS = (*ANY_GRANT, *CODES, *REFRESHES, *ASSERTIONS, *NEIGHBOURS)
