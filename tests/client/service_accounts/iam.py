"""What the flows' tests share: an identity, and lines of a transcript in IAM's words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gemauth.client.credentials import Credentials
from gemauth.flow import Send
from gemauth.google.endpoints import GOOGLE
from tests.client.test_credentials import Fixed
from tests.client.transcript import answer, sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.http import Response

EMAIL = "ci@demo.iam.gserviceaccount.com"
ACCOUNT = f"projects/demo/serviceAccounts/{EMAIL}"
ROOT = f"{GOOGLE.iam}/v1"
ME = Credentials("authorized_user", Fixed(), GOOGLE, account="ada@example.com")


def expects(
    verb: str,
    path: str,
    body: Any = None,
    then: dict[str, Any] | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> tuple[type[Send], Callable[[Send], Response]]:
    """Return the line of one request to IAM and its answer."""

    def check(step: Send) -> Response:
        request = sent(step)
        assert (request.method, request.url) == (verb, f"{ROOT}/{path}")
        assert request.headers["authorization"] == "Bearer ya29.real"
        assert (json.loads(request.body) if request.body else None) == body
        return answer(status, headers, **(then or {}))

    return (Send, check)


def error(code: int, status: str, message: str = "no", *details: Any) -> dict[str, Any]:
    """Return Google's envelope."""
    return {"error": {"code": code, "status": status, "message": message, "details": [*details]}}
