"""What the server says of an access token: whose it is, for what, until when.

google-oauth.md 2.5. The token travels in the body of a POST, never in a URL. Read by `gemauth
token-info`, `gemauth status --online` and the doctor; the emulator answers in
`emulator/authserver/tokeninfo.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gemauth.client.flows.exchange import post
from gemauth.client.target import require_token_side
from gemauth.errors import CredentialError, UnreachableError, UsageError
from gemauth.http import without_query
from gemauth.oauth.error import ErrorBody

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.flow import Flow
    from gemauth.google.endpoints import Endpoints

__all__ = ["TokenInfo", "tokeninfo"]


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """An access token's facts; None is what the server does not say.

    Attributes:
        scopes: what it is good for (full URLs).
        audience: the OAuth client that it was issued to; a service account's own id for its.
        expires_at: its end (epoch seconds).
        account: the e-mail address, told only where `userinfo.email` is among the scopes.
        subject: the account's number, told only where an identity scope is.
        access_type: `offline` where a refresh token came with it, or `online`.
    """

    scopes: tuple[str, ...]
    audience: str | None = None
    expires_at: float | None = None
    account: str | None = None
    subject: str | None = None
    access_type: str | None = None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> TokenInfo:
        """Return the facts in an answer of v3, where all values are strings."""

        def text(name: str) -> str | None:
            value = body.get(name)
            return value if isinstance(value, str) and value else None

        end = str(body.get("exp", ""))
        return cls(
            scopes=tuple((text("scope") or "").split()),
            audience=text("aud"),
            expires_at=float(end) if end.isdecimal() else None,
            account=text("email"),
            subject=text("sub"),
            access_type=text("access_type"),
        )


def tokeninfo(endpoints: Endpoints, token: str) -> Flow[TokenInfo]:
    """Return the flow that asks about an access token.

    Args:
        endpoints: whose server is asked.
        token: an opaque access token.

    Raises:
        UsageError: it is a JWT, which this endpoint does not know as an access token.
        CredentialError: the server does not know it (any more), or it belongs to the other side
            (real, emulator).
        UnreachableError: no answer, or none of this endpoint's.
    """
    if token.startswith("ey"):  # base64url of {", how every JWT begins
        raise UsageError(
            "This is a JWT (an ID token, or one that a service account signed), no access token.",
            next_step="Read its claims where they are: the part between its two dots is base64url.",
        )
    require_token_side(endpoints, token)
    answer = yield from post(endpoints.tokeninfo, {"access_token": token})
    if answer.status == 200:
        return TokenInfo.from_json(answer.json())
    body = ErrorBody.from_json(answer.json())
    if body is None or answer.status != 400:
        raise UnreachableError(
            f"{without_query(endpoints.tokeninfo)} answered HTTP {answer.status}.",
            next_step="Try again in a minute; check that no proxy answers in its place.",
            evidence=None if body is None else body.error,
        )
    raise CredentialError(
        "The server does not know this access token: it has ended, was revoked, or is none.",
        next_step="Take a new one: gemauth print-access-token --fresh",
        evidence=", ".join(f"{name}={value}" for name, value in body.to_json().items()),
    )
