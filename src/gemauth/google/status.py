"""Google's API error envelope: `google.rpc.Status` and its details (gemini-api.md section 10).

The emulator raises `StatusError` to answer with it; the client raises it for an answer that
holds one.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING, Any

from gemauth.errors import Fault, RefusedError
from gemauth.value import Value, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "Code",
    "Status",
    "StatusError",
    "bad_request",
    "error_info",
    "help_link",
    "localized",
    "resource_info",
    "retry_info",
]

# The reasons of the older error format. `insufficientPermissions` and `forbidden` were seen from
# this API (gemini-api.md section 10), `accessNotConfigured` for an API that is off from Service
# Usage and many others (github.com/GoogleCloudPlatform/community, pull request 884; its domain as
# older documents have it). That the rest are these is our inference.
_OLD_REASONS = {
    "INVALID_ARGUMENT": "badRequest",
    "FAILED_PRECONDITION": "failedPrecondition",
    "OUT_OF_RANGE": "badRequest",
    "UNAUTHENTICATED": "authError",
    "PERMISSION_DENIED": "forbidden",
    "NOT_FOUND": "notFound",
    "ALREADY_EXISTS": "alreadyExists",
    "ABORTED": "aborted",
    "RESOURCE_EXHAUSTED": "rateLimitExceeded",
    "UNIMPLEMENTED": "notImplemented",
}
_API_OFF = "accessNotConfigured"


class Code(Enum):
    """The canonical codes (google.rpc.Code): number on gRPC's wire, and HTTP status."""

    CANCELLED = (1, 499)
    UNKNOWN = (2, 500)
    INVALID_ARGUMENT = (3, 400)
    DEADLINE_EXCEEDED = (4, 504)
    NOT_FOUND = (5, 404)
    ALREADY_EXISTS = (6, 409)
    PERMISSION_DENIED = (7, 403)
    RESOURCE_EXHAUSTED = (8, 429)
    FAILED_PRECONDITION = (9, 400)
    ABORTED = (10, 409)
    OUT_OF_RANGE = (11, 400)
    UNIMPLEMENTED = (12, 501)
    INTERNAL = (13, 500)
    UNAVAILABLE = (14, 503)
    DATA_LOSS = (15, 500)
    UNAUTHENTICATED = (16, 401)

    @property
    def number(self) -> int:
        """The code's number in google.rpc.Status."""
        return self.value[0]

    @property
    def http(self) -> int:
        """The HTTP status that carries it."""
        return self.value[1]


@frozen
class Status(Value):
    """One error: its code, its text for developers, its typed details (JSON objects with @type)."""

    code: Code
    message: str
    details: Sequence[Mapping[str, Any]] = ()

    def to_json(self, *, with_errors: bool = False) -> dict[str, Any]:
        """Return the envelope `{"error": {"code", "message", "status", "details"}}`.

        `with_errors` adds the list `errors` of the older format, before `status`.
        """
        error: dict[str, Any] = {"code": self.code.http, "message": self.message}
        if with_errors:
            reason = self._old_reason
            domain = "usageLimits" if reason == _API_OFF else "global"
            error["errors"] = [{"message": self.message, "domain": domain, "reason": reason}]
        error["status"] = self.code.name
        if self.details:
            error["details"] = list(self.details)
        return {"error": error}

    @classmethod
    def from_json(cls, body: Any) -> Status | None:  # noqa: ANN401  # what a server may answer
        """Return the status in an answer's JSON, or None where it holds none.

        A stream's error arrives in an array of one (gemini-api.md section 4).
        """
        if isinstance(body, list) and len(body) == 1:
            body = body[0]
        error = body.get("error") if isinstance(body, dict) else None
        name = error.get("status") if isinstance(error, dict) else None
        if not isinstance(error, dict) or not isinstance(name, str) or name not in Code.__members__:
            return None
        parts = error.get("details")
        details = (
            [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
        )
        return cls(Code[name], str(error.get("message", "")), tuple(details))

    @property
    def _old_reason(self) -> str:
        if self.reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
            return "insufficientPermissions"
        if self.reason == "SERVICE_DISABLED":
            return _API_OFF
        return _OLD_REASONS.get(self.code.name, "backendError")

    @property
    def info(self) -> Mapping[str, Any]:
        """The ErrorInfo among the details, empty where there is none."""
        return next((d for d in self.details if d.get("@type") == _type("ErrorInfo")), {})

    @property
    def retry_delay(self) -> float | None:
        """RetryInfo's delay in seconds (a Duration in JSON, such as `20.04s`), None without one."""
        of_type = (d for d in self.details if d.get("@type") == _type("RetryInfo"))
        text = str(next(of_type, {}).get("retryDelay", ""))
        try:
            seconds = float(text.removesuffix("s"))
        except ValueError:
            return None
        return seconds if text.endswith("s") and 0 <= seconds < math.inf else None

    @property
    def reason(self) -> str | None:
        """ErrorInfo's reason, such as SERVICE_DISABLED."""
        reason = self.info.get("reason")
        return reason if isinstance(reason, str) else None


class StatusError(RefusedError):
    """An API refused a request.

    Attributes:
        status: what it said.
        www_authenticate: its challenge.
        retry_after: seconds that it asks to wait, by RetryInfo or in a header; None: it does not.
    """

    def __init__(
        self,
        status: Status,
        *,
        www_authenticate: str | None = None,
        retry_after: float | None = None,
        next_step: str | None = None,
        fault: Fault | None = None,
    ) -> None:
        super().__init__(status.message, next_step=next_step, fault=fault)
        self.status = status
        self.www_authenticate = www_authenticate
        self.retry_after = status.retry_delay if retry_after is None else retry_after


def error_info(reason: str, *, domain: str | None, **metadata: str) -> dict[str, Any]:
    """Return a google.rpc.ErrorInfo; `domain` None leaves it out, as Google does for some."""
    info: dict[str, Any] = {"@type": _type("ErrorInfo"), "reason": reason}
    if domain is not None:
        info["domain"] = domain
    return info | ({"metadata": metadata} if metadata else {})


def localized(message: str) -> dict[str, Any]:
    """Return a google.rpc.LocalizedMessage in en-US."""
    return {"@type": _type("LocalizedMessage"), "locale": "en-US", "message": message}


def help_link(description: str, url: str) -> dict[str, Any]:
    """Return a google.rpc.Help with one link."""
    return {"@type": _type("Help"), "links": [{"description": description, "url": url}]}


def resource_info(name: str) -> dict[str, Any]:
    """Return a google.rpc.ResourceInfo that names a resource."""
    return {"@type": _type("ResourceInfo"), "resourceName": name}


def retry_info(seconds: int) -> dict[str, Any]:
    """Return a google.rpc.RetryInfo: try again after that many seconds."""
    return {"@type": _type("RetryInfo"), "retryDelay": f"{seconds}s"}


def bad_request(violations: Sequence[tuple[str | None, str]]) -> dict[str, Any]:
    """Return a google.rpc.BadRequest of (field or None, description) pairs."""
    return {
        "@type": _type("BadRequest"),
        "fieldViolations": [
            {"description": text} if field is None else {"field": field, "description": text}
            for field, text in violations
        ],
    }


def _type(name: str) -> str:
    return f"type.googleapis.com/google.rpc.{name}"
