"""One request to a token endpoint: sent, tried again where Google's clients do, its answer typed.

Every grant goes through here (`sign_in.py`, `refresh.py`, `assertion.py`). RFC 6749 sections 5.1
and 5.2. Like google-auth's clients (google-oauth.md section 10) it makes three attempts, 1 and 2 s
apart and more by chance, but only after statuses that say that the server is busy or broken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.errors import CredentialError, Fault, UnreachableError
from gemauth.flow import Flow, Send, Wait
from gemauth.google.endpoints import loopback_base
from gemauth.http import FORM, Headers, Request, Response, form, without_query
from gemauth.oauth.error import ErrorBody
from gemauth.oauth.token import TokenResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.flows.token_refusal import Refusal

__all__ = ["TokenRefused", "exchange", "post"]

BACKOFF = (1.0, 2.0)  # seconds before the second and the third attempt, or half as much again
LONGEST = 20.0  # seconds that a Retry-After may ask for; after a longer one there is no attempt


class TokenRefused(CredentialError):  # noqa: N818  # it names what happened
    """A token endpoint refused a grant.

    Args:
        body: as below.
        http_status: as below.
        host: the endpoint's address.
        grant: the `grant_type` that was sent.
        meaning: what the caller knows it to mean; None has the answer alone explained.

    Attributes:
        body: what it said: error, description, Google's subtype.
        http_status: the status it said it with.
        host: the endpoint's address.
    """

    def __init__(
        self,
        body: ErrorBody,
        http_status: int,
        host: str,
        grant: str = "",
        meaning: Refusal | None = None,
    ) -> None:
        if meaning is None:
            from gemauth.client.flows.token_refusal import explain  # no good token needs the table

            meaning = explain(body, grant, emulated=loopback_base(host) is not None)
        description = "" if body.description is None else f" ({body.description.rstrip('.')})"
        cause = f" {meaning.cause}" if meaning is not None and meaning.cause else ""
        super().__init__(
            f"{host} refused the credentials: {body.error}{description}.{cause}",
            next_step=None if meaning is None else meaning.next_step,
            fault=None if meaning is None else meaning.fault,
            evidence=", ".join(f"{name}={value}" for name, value in body.to_json().items()),
        )
        self.body = body
        self.http_status = http_status
        self.host = host


def exchange(
    endpoint: str, fields: Mapping[str, str], *, basic: str | None = None
) -> Flow[TokenResponse]:
    """Send a grant with its client authentication and return the tokens.

    Args:
        endpoint: the token endpoint.
        fields: the grant, and the client where it stands in the form.
        basic: the Authorization header's value, where the client stands there.

    Raises:
        TokenRefused: the endpoint answered with an OAuth error.
        UnreachableError: no answer, or one that is neither tokens nor an OAuth error.
    """
    for pause in (*BACKOFF, None):
        answer = yield from post(endpoint, fields, basic=basic)
        if answer.status == 200:
            return TokenResponse.from_json(answer.json())
        body = _error(answer)
        if pause is None or not (answer.status == 429 or answer.status >= 500):
            break
        from gemauth.client.calls.retry import asked_for  # not where the first attempt succeeds

        asked = asked_for(answer) or 0.0
        if asked > LONGEST:
            break
        yield Wait(max(pause, asked), pause / 2)
    host = without_query(endpoint)
    if body is None:
        raise UnreachableError(
            f"{host} answered HTTP {answer.status} without an OAuth error.",
            fault=Fault.SERVER,
            next_step="Try again in a minute; check that no proxy answers in its place.",
            evidence=answer.body[:200].decode("utf-8", "replace"),
        )
    raise TokenRefused(body, answer.status, host, fields.get("grant_type", ""))


def post(endpoint: str, fields: Mapping[str, str], *, basic: str | None = None) -> Flow[Response]:
    """Post a form and return the answer; secrets travel in the body, or in `basic`, only."""
    headers = {"Content-Type": FORM, "Accept": "application/json"}
    if basic is not None:
        headers["Authorization"] = basic
    answer: Response = yield Send(Request("POST", endpoint, Headers(headers), form(fields)))
    return answer


def _error(answer: Response) -> ErrorBody | None:
    try:
        return ErrorBody.from_json(answer.json())
    except UnreachableError:
        return None
