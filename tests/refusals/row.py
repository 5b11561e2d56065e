"""One row of the refusal table: what is sent, what must come back, and where that is written.

Texts may hold `${name}`, a value that `lab.py` makes for this row alone (a token, a code, a key).
Expected bodies are written out here, never taken from the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.refusals.lab import Lab

__all__ = ["Row", "bad_request", "error", "info", "link", "localized"]

SERVICE = "generativelanguage.googleapis.com"


@dataclass(frozen=True, slots=True)
class Row:
    """A refusal.

    Args:
        name: what is wrong, unique in the table.
        source: section of the reference; `[I]` where it is an inference, `ours` where no text of
            Google's is known.
        request: verb and path.
        status: of the answer.
        body: the whole JSON body; None where `texts` say what stands in a page.
        headers: the answer's, with None for one that must not be there.
        texts: what stands in the answer.
        sent: the request's other parts, as the test client takes them.
        given: what happens after the request's values are made and before it is sent.
    """

    name: str
    source: str
    request: str
    status: int
    body: Any = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    sent: Mapping[str, Any] = field(default_factory=dict)
    given: Callable[[Lab], object] | None = None


_STATUS = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "UNIMPLEMENTED": 501,
}


def error(status: str, message: str, *details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the envelope of Google's APIs (gemini-api.md section 10)."""
    inner: dict[str, Any] = {"code": _STATUS[status], "message": message, "status": status}
    return {"error": inner | ({"details": list(details)} if details else {})}


def info(reason: str, domain: str | None = "googleapis.com", **metadata: str) -> dict[str, Any]:
    """Return an ErrorInfo; None leaves the domain out."""
    named = {} if domain is None else {"domain": domain}
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        **named,
        "metadata": metadata,
    }


def localized(message: str) -> dict[str, Any]:
    """Return a LocalizedMessage."""
    return {
        "@type": "type.googleapis.com/google.rpc.LocalizedMessage",
        "locale": "en-US",
        "message": message,
    }


def link(description: str, url: str) -> dict[str, Any]:
    """Return a Help with one link."""
    return {
        "@type": "type.googleapis.com/google.rpc.Help",
        "links": [{"description": description, "url": url}],
    }


def bad_request(*violations: tuple[str | None, str]) -> dict[str, Any]:
    """Return a BadRequest of (field, description) pairs."""
    return {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [
            ({} if name is None else {"field": name}) | {"description": text}
            for name, text in violations
        ],
    }
