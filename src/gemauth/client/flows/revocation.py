"""End a grant at the server (RFC 7009; google-oauth.md 2.4): the token travels in the body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.advice import REMOVE_APP
from gemauth.client.flows.exchange import post
from gemauth.client.target import is_emulated, require_side
from gemauth.errors import Fault, RefusedError, UnreachableError
from gemauth.http import without_query
from gemauth.oauth.error import ErrorBody
from gemauth.oauth.revocation import RevocationRequest

if TYPE_CHECKING:
    from gemauth.flow import Flow
    from gemauth.google.endpoints import Endpoints

__all__ = ["end_grant"]


def end_grant(token: str, endpoints: Endpoints) -> Flow[bool]:
    """Return the flow that revokes a token and with it the whole grant.

    Its result is True where this ended the grant, False where it was over before (Google
    answers 400 `invalid_token` then, against RFC 7009 section 2.2).

    Raises:
        CredentialError: the token belongs to the other side (real, emulator).
        RefusedError: the server refused for another reason.
        UnreachableError: it could not be asked.
    """
    require_side(endpoints, emulated=is_emulated(token), what="The refresh token")
    answer = yield from post(endpoints.revocation, RevocationRequest(token).to_form())
    if answer.ok:
        return True
    try:
        body = ErrorBody.from_json(answer.json())
    except UnreachableError:
        body = None
    if body is not None and body.error == "invalid_token":
        return False
    raise RefusedError(
        f"{without_query(endpoints.revocation)} did not revoke the token: HTTP {answer.status}"
        f"{'' if body is None else f', {body.error}'}.",
        next_step=REMOVE_APP.on(emulated=endpoints.is_emulator),
        fault=Fault.SERVER,
    )
