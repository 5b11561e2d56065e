"""One call of the API as a flow: authorized, sent, and tried again where that is right.

After a 401 once with a new token, which is what google-auth's AuthorizedSession does too
(google-oauth.md section 10): a token may have been revoked, or the clock be wrong. After what
`client/calls/retry.py` says by its rules. `client/gemini/flows` is made of these flows, for the
sync and the async client alike.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gemauth.client.calls.retry import patience, persist
from gemauth.errors import UsageError
from gemauth.flow import Send
from gemauth.google.gemini.transcoding import encode_request
from gemauth.http import JSON, Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.flow import Flow
    from gemauth.google.gemini.method import Method

__all__ = ["answered", "call", "request_of", "send"]


def send(
    credentials: Credentials, request: Request, *, timeout: float | None = None
) -> Flow[Response]:
    """Return the flow that sends an authorized request; its result is the answer as it came.

    Args:
        credentials: who asks, and which Google.
        request: one that may be sent a second time.
        timeout: seconds to connect and then between two bytes; None is the transport's own.

    Raises:
        CredentialError: no token can be had.
        UnreachableError: no answer came.
    """
    authorized = yield from credentials.authorized(request)
    answer: Response = yield Send(authorized, timeout)
    if answer.status == 401:
        authorized = yield from credentials.authorized(authorized, fresh=True)
        answer = yield Send(authorized, timeout)
    return answer


def request_of(
    credentials: Credentials,
    method: Method,
    fields: Mapping[str, Any],
    version: str,
    query: tuple[tuple[str, str], ...] = (),
) -> Request:
    """Return the request for a method, still without a token.

    Args:
        credentials: whose Google it goes to.
        method: one of google/gemini's table.
        fields: the request message in JSON: camelCase names; None is left out.
        version: `v1`, `v1beta` or `v1alpha`.
        query: system parameters, such as `alt`.

    Raises:
        UsageError: the resource's name is not one, or a value cannot be sent.
    """
    try:
        encoded = encode_request(method, fields, version)
        encoded = replace(encoded, query=(*encoded.query, *query)) if query else encoded
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
    return Request(encoded.verb, url, Headers(headers), body)


def answered(
    credentials: Credentials,
    method: Method,
    fields: Mapping[str, Any],
    version: str,
    *,
    timeout: float | None = None,
) -> Flow[Response]:
    """Return the flow of one method of the API; its result is the answer of a success.

    Args:
        credentials: who asks, and which Google.
        method: one of google/gemini's table.
        fields: the request message in JSON: camelCase names; None is left out.
        version: `v1`, `v1beta` or `v1alpha`.
        timeout: seconds for all attempts together; None is Google's own for the method.

    Raises:
        UsageError: the resource's name is not one, or a value cannot be sent.
        StatusError: the API refused.
        CredentialError: no token can be had, or the API did not accept it.
        UnreachableError: no answer.
    """
    request = request_of(credentials, method, fields, version)
    answer = yield from persist(
        patience(method).within(timeout),
        lambda silence: send(credentials, request, timeout=silence),
    )
    if not answer.ok:
        from gemauth.client.calls.refusal import refusal  # what to advise, loaded when it is needed

        emulated = credentials.endpoints.is_emulator
        raise refusal(answer, emulated=emulated, where=credentials.where)
    return answer


def call(
    credentials: Credentials,
    method: Method,
    fields: Mapping[str, Any],
    version: str,
    *,
    timeout: float | None = None,
) -> Flow[dict[str, Any]]:
    """Return the same flow with the answer's JSON object as its result, empty where there is none.

    Raises:
        UnreachableError: the answer is none of the API's, too; the rest as `answered`.
    """
    answer = yield from answered(credentials, method, fields, version, timeout=timeout)
    return answer.object()
