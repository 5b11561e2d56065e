"""One request of a flow and its answer, as lines of a transcript."""

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

MINE = Credentials("authorized_user", Fixed(), GOOGLE)


def expects(
    verb: str, path: str, body: Any = None, then: dict[str, Any] | None = None, status: int = 200
) -> tuple[type[Send], Callable[[Send], Response]]:
    """Return the line of one request and its answer."""

    def check(step: Send) -> Response:
        request = sent(step)
        assert (request.method, request.url) == (verb, f"{GOOGLE.gemini}/v1beta/{path}")
        assert (json.loads(request.body) if request.body else None) == body
        return answer(status, **(then or {}))

    return (Send, check)
