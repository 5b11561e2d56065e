"""One call of the API as a flow: authorized, sent, tried once more with a new token after a 401.

The second attempt is what google-auth's AuthorizedSession does too (google-oauth.md section 10):
a token may have been revoked, or the clock be wrong. `client/gemini/flows` is made of
these, for the sync and the async client alike.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gemauth.client.refusal import refusal
from gemauth.errors import UsageError
from gemauth.flow import Send
from gemauth.google.gemini.transcoding import encode_request
from gemauth.http import JSON, Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.flow import Flow
    from gemauth.google.gemini.method import Method

__all__ = ["call", "send"]


def send(credentials: Credentials, request: Request) -> Flow[Response]:
    """Return the flow that sends an authorized request; its result is the answer as it came.

    Raises:
        CredentialError: no token can be had.
        UnreachableError: no answer came.
    """
    authorized = yield from credentials.authorized(request)
    answer: Response = yield Send(authorized)
    if answer.status == 401:
        authorized = yield from credentials.authorized(authorized, fresh=True)
        answer = yield Send(authorized)
    return answer


def call(
    credentials: Credentials, method: Method, fields: Mapping[str, Any], version: str
) -> Flow[dict[str, Any]]:
    """Return the flow of one method of the API; its result is the answer's JSON object.

    Args:
        credentials: who asks, and which Google.
        method: one of google/gemini's table.
        fields: the request message in JSON: camelCase names; None is left out.
        version: `v1`, `v1beta` or `v1alpha`.

    Raises:
        UsageError: the resource's name is not one, or a value cannot be sent.
        StatusError: the API refused.
        CredentialError: no token can be had, or the API did not accept it.
        UnreachableError: no answer, or none of the API's.
    """
    try:
        encoded = encode_request(method, fields, version)
        url = f"{credentials.endpoints.gemini}{encoded.target}"
    except UnicodeEncodeError:
        raise UsageError(
            "A name or a value in the request is no Unicode text.",
            next_step="Write it in the encoding of the terminal (see the command: locale).",
        ) from None
    headers = {"Accept": JSON}
    body = b""
    if encoded.body is not None:
        headers["Content-Type"] = JSON
        body = json.dumps(encoded.body).encode()
    answer = yield from send(credentials, Request(encoded.verb, url, Headers(headers), body))
    if not answer.ok:
        raise refusal(answer, emulated=credentials.endpoints.is_emulator)
    return answer.json() if answer.body else {}
