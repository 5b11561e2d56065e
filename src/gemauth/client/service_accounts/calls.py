"""One call of IAM as a flow: authorized, sent, repeated where that does no harm, its answer read.

google-oauth.md sections 5.1 and 10. Repeated is, on the statuses that Google's own clients repeat,
only what can be done twice: a key or an account that was made by an attempt whose answer got lost
would be made again.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from gemauth.client.calls.call import send
from gemauth.client.service_accounts.refusal import explained
from gemauth.flow import Flow, Wait
from gemauth.google.status import Status
from gemauth.http import JSON, Headers, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.http import Response

__all__ = ["call"]

PAUSES = (1.0, 2.0, 4.0)  # seconds before the second, third and fourth attempt
LONGEST = 30.0  # seconds that a server may ask to wait before the next one
_TRANSIENT = frozenset({408, 429, 500, 503})
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s?")


def call(
    credentials: Credentials,
    verb: str,
    path: str,
    *,
    query: Mapping[str, str | None] | None = None,
    body: Mapping[str, Any] | None = None,
    repeatable: bool = True,
) -> Flow[dict[str, Any]]:
    """Return the flow of one call; its result is the answer's JSON object.

    Args:
        credentials: who asks, and which Google.
        verb: the HTTP method.
        path: the resource's name and the custom verb, such as `projects/p/serviceAccounts`.
        query: parameters; those that are None are left out.
        body: the request's JSON; members that are None are left out.
        repeatable: whether doing it twice is no more than doing it once.

    Raises:
        StatusError: IAM refused.
        CredentialError: no token can be had, or IAM did not accept it.
        UnreachableError: no answer, or none of IAM's.
    """
    parameters = urlencode({k: v for k, v in (query or {}).items() if v is not None})
    url = f"{credentials.endpoints.iam}/v1/{quote(path, safe='/:@-._~')}"
    headers, raw = {"Accept": JSON}, b""
    if body is not None:
        headers["Content-Type"] = JSON
        raw = json.dumps({k: v for k, v in body.items() if v is not None}).encode()
    request = Request(verb, f"{url}?{parameters}" if parameters else url, Headers(headers), raw)
    answer = yield from send(credentials, request)
    for pause in PAUSES if repeatable else ():
        asked = _wait(answer, pause)
        if answer.status not in _TRANSIENT or asked is None:
            break
        yield Wait(asked)
        answer = yield from send(credentials, request)
        if verb == "DELETE" and answer.status == 404:  # the attempt before had done it
            return {}
    if not answer.ok:
        emulated = credentials.endpoints.is_emulator
        raise explained(
            answer, path, emulated=emulated, caller=credentials.account, where=credentials.where
        )
    return answer.object()


def _wait(answer: Response, pause: float) -> float | None:
    """Return the seconds to wait: what the server asks for, else the pause; None if too long."""
    told = answer.headers.get("Retry-After", "")
    try:
        status = Status.from_json(json.loads(answer.body))
    except (ValueError, RecursionError):
        status = None
    for detail in status.details if status else ():
        if str(detail.get("@type", "")).endswith("google.rpc.RetryInfo"):
            told = str(detail.get("retryDelay", ""))
    asked = _SECONDS.fullmatch(told)
    seconds = max(pause, float(asked[1])) if asked else pause
    return seconds if seconds <= LONGEST else None
