"""The Security Token Service's introspection endpoint (RFC 7662): whom a federated token names.

`gcloud auth login --cred-file` asks it, as an OAuth client with a secret, and takes `username` for
the account's name. It is not in Google's current discovery document (google-oauth.md 5.3); the
members beside those that gcloud reads are the RFC's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.emulator.authserver.client import authenticate
from gemauth.emulator.authserver.form import read_form
from gemauth.emulator.authserver.token import NOT_STORED
from gemauth.emulator.authserver.token_error import TokenRefused
from gemauth.emulator.authserver.token_request import TokenRequest
from gemauth.emulator.reply import json_reply
from gemauth.emulator.tokens.verify import Refused, verify_access_token
from gemauth.oauth.error import ErrorBody
from gemauth.oauth.scope import join

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from gemauth.emulator.context import Context
    from gemauth.emulator.storage.store import Transaction

__all__ = ["PATH", "decide", "endpoint"]

PATH = "/v1/introspect"
MISSING = ErrorBody("invalid_request", "Missing required parameter: token")  # ours


def decide(tx: Transaction, now: float, token: str) -> dict[str, Any]:
    """Return what a token is; of one that is not good, or not this service's, that it is not."""
    found = verify_access_token(tx, now, token)
    if isinstance(found, Refused) or found.kind != "federated":
        return {"active": False}
    return {
        "active": True,
        "username": found.email,
        "sub": found.subject,
        "scope": join(found.scopes or ()),
        "exp": int(found.expires_at or now),
    }


def endpoint(context: Context) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint; the asking client proves itself first (RFC 7662 section 2.1)."""

    async def introspection(request: Request) -> Response:
        form = await read_form(request)
        asking = TokenRequest("", form.fields, request.headers.get("authorization"), ())
        try:
            with context.store.read() as tx:
                authenticate(tx, asking.client())
                if "token" not in form.fields:
                    return json_reply(MISSING.to_json(), 400, NOT_STORED)
                answer = decide(tx, context.clock.now(), form.fields["token"])
        except TokenRefused as refused:
            return json_reply(refused.body.to_json(), refused.row.http, NOT_STORED)
        return json_reply(answer, 200, NOT_STORED)

    return introspection
