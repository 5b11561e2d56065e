"""The revocation endpoint (RFC 7009), with Google's answers (google-oauth.md 2.4).

Whoever holds a token may end it: no client authenticates. An unknown token is a 400, where the
RFC has 200. The client's side is `client/revoke.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.authserver.form import read_form
from gemauth.emulator.authserver.token import NOT_STORED
from gemauth.emulator.reply import json_reply
from gemauth.emulator.tokens.revoke import Outcome, revoke
from gemauth.oauth.error import ErrorBody
from gemauth.oauth.revocation import RevocationRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from gemauth.emulator.context import Context

__all__ = ["PATHS", "STS_PATH", "endpoint"]

PATHS = ("/revoke", "/o/oauth2/revoke")
STS_PATH = "/v1/revoke"
"""The Security Token Service's, for `external_account_authorized_user` files."""

MISSING = ErrorBody("invalid_request", "Missing required parameter: token")  # ours
REFUSALS = {
    Outcome.UNKNOWN: ErrorBody("invalid_token", "Token expired or revoked"),
    Outcome.NOT_REVOCABLE: ErrorBody("invalid_token", "Token is not revocable."),  # ours
}


def endpoint(context: Context) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint: the token is in the body, or in the query, which Google takes too."""

    async def revocation(request: Request) -> Response:
        form = await read_form(request)
        fields = {**request.query_params, **form.fields}
        token = RevocationRequest.from_form(fields).token
        if not token:
            return json_reply(MISSING.to_json(), 400, NOT_STORED)
        with context.store.write() as tx:
            outcome = revoke(tx, context.clock.now(), token)
        if outcome in REFUSALS:
            return json_reply(REFUSALS[outcome].to_json(), 400, NOT_STORED)
        return json_reply({}, 200, NOT_STORED)

    return revocation
