"""A service account's tokens, made by somebody else who may act as it (google-oauth.md 5.2).

IAM credentials' `generateAccessToken` and `generateIdToken`, through delegates where there are any.
The requests are those of google-auth's `impersonated_credentials` (section 10); the emulator
answers them in `emulator/cloud/iam_credentials.py`.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gemauth.client import advice
from gemauth.client.calls.call import send
from gemauth.client.calls.refusal import refusal
from gemauth.client.flows.exchange import BACKOFF
from gemauth.client.target import require_token_side
from gemauth.client.token import AccessToken
from gemauth.errors import Fault, GemauthError, UnreachableError, UsageError
from gemauth.flow import Now, Wait
from gemauth.google.status import Code, StatusError
from gemauth.http import JSON, Headers, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.client.identity import IdentityToken
    from gemauth.flow import Flow
    from gemauth.http import Response

__all__ = ["Impersonated", "chain_of"]

LIFETIME = 3600  # seconds; more needs a policy of the organization
ROLE = "roles/iam.serviceAccountTokenCreator"
_DENIED = "Permission 'iam.serviceAccounts."  # how its message begins (5.2)
_RESOURCE = "projects/-/serviceAccounts/"


def chain_of(accounts: str | Iterable[str]) -> tuple[tuple[str, ...], str]:
    """Return the delegates and the account to act as, of a list in gcloud's order: it stands last.

    Args:
        accounts: e-mail addresses, as a list or with commas between them.

    Raises:
        UsageError: there is none.
    """
    words = accounts.split(",") if isinstance(accounts, str) else accounts
    names = [word.strip() for word in words if word.strip()]
    if not names or any(set(name) & set("/?#: \t\r\n") for name in names):
        raise UsageError(
            "There is no service account to act as.",
            next_step="Name its e-mail address; delegates stand before it, separated by commas.",
        )
    return tuple(names[:-1]), names[-1]


class Impersonated:
    """Has IAM make an access token of a service account at every call; wrap it in a cache.

    Args:
        base: who asks; their tokens need the scope cloud-platform or iam.
        account: the e-mail address or unique id of the service account to act as.
        scopes: of the tokens (full URLs).
        delegates: accounts between, each of which may act as the next: addresses or resource names.
        lifetime: seconds that a token is to live, 3600 at the most unless a policy allows more.
    """

    def __init__(
        self,
        base: Credentials,
        account: str,
        scopes: tuple[str, ...],
        *,
        delegates: tuple[str, ...] = (),
        lifetime: int = LIFETIME,
    ) -> None:
        self._base = base
        self._account = account
        self._scopes = scopes
        self._delegates = [f"{_RESOURCE}{name.rpartition('/')[2]}" for name in delegates]
        self._lifetime = f"{lifetime}s"

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:  # noqa: ARG002  # always fresh
        """Return a new token.

        Raises:
            StatusError: IAM refused: no role on the account, no such account, the API is off, the
                caller's token lacks the scope.
            CredentialError: the caller has no token, or IAM did not accept it.
            UnreachableError: no answer, or none of IAM's.
        """
        body = {"scope": list(self._scopes), "lifetime": self._lifetime}
        answer, asked = yield from self._asked("generateAccessToken", body)
        return self._read(answer, asked)

    def identity(self, audience: str | None, *, include_email: bool = False) -> Flow[IdentityToken]:
        """Return a new ID token of the service account; errors as `token`.

        Raises:
            UsageError: besides, where there is no audience.
        """
        from gemauth.client.identity import IdentityToken, required

        audience = required(audience)
        body = {"audience": audience, "includeEmail": include_email}
        answer, _ = yield from self._asked("generateIdToken", body)
        return IdentityToken.read(answer.json().get("token"), audience)

    def _asked(self, method: str, body: Mapping[str, Any]) -> Flow[tuple[Response, float]]:
        """Return IAM's answer, and when it was asked for; a busy server is asked again."""
        path = f"{_RESOURCE}{quote(self._account, safe='@')}:{method}"
        request = Request(
            "POST",
            f"{self._base.endpoints.iam_credentials}/v1/{path}",
            Headers({"Content-Type": JSON, "Accept": JSON}),
            json.dumps({"delegates": self._delegates, **body}).encode(),
        )
        asked: float = yield Now()
        answer = yield from send(self._base, request)
        for pause in BACKOFF:
            if not (answer.status == 429 or answer.status >= 500):
                break
            yield Wait(pause, pause / 2)
            asked = yield Now()
            answer = yield from send(self._base, request)
        if not answer.ok:
            raise self._refused(answer)
        return answer, asked

    def _read(self, answer: Response, asked: float) -> AccessToken:
        body = answer.json()
        value = body.get("accessToken")
        try:
            end = datetime.fromisoformat(str(body.get("expireTime"))).timestamp()
        except ValueError:
            value = None
        if not isinstance(value, str) or not value:
            raise UnreachableError(
                "IAM credentials answered without an access token and its end.",
                fault=Fault.SERVER,
                next_step="See what answers there: gemauth doctor",
            )
        require_token_side(self._base.endpoints, value)
        return AccessToken(value, end, self._scopes, asked)

    def _refused(self, answer: Response) -> GemauthError:
        emulated = self._base.endpoints.is_emulator
        error = refusal(answer, emulated=emulated, where=self._base.where)
        if isinstance(error, StatusError) and (
            error.status.reason == "IAM_PERMISSION_DENIED"
            or error.status.message.startswith(_DENIED)
            or error.status.code is Code.NOT_FOUND
        ):
            error.fault = Fault.PROJECT
            error.next_step = advice.ACT_AS.on(
                emulated=emulated, role=ROLE, account=self._account, email=self._base.account
            )
        return error
