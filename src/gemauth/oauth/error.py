"""The OAuth error body (RFC 6749 section 5.2), written by token endpoints and read by clients.

`subtype` is Google's addition (`error_subtype`), part of this body wherever it appears.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["ErrorBody"]


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """`{"error": …, "error_description": …, "error_uri": …, "error_subtype": …}`."""

    error: str
    description: str | None = None
    uri: str | None = None
    subtype: str | None = None

    def to_json(self) -> dict[str, str]:
        """Return the body's object, absent members left out."""
        members = {
            "error": self.error,
            "error_description": self.description,
            "error_uri": self.uri,
            "error_subtype": self.subtype,
        }
        return {name: value for name, value in members.items() if value is not None}

    @classmethod
    def from_json(cls, body: Any) -> ErrorBody | None:  # noqa: ANN401  # what a server may answer
        """Return the error of an answer's JSON, or None where it holds none."""
        if not isinstance(body, dict) or not isinstance(body.get("error"), str):
            return None

        def text(name: str) -> str | None:
            value = body.get(name)
            return value if isinstance(value, str) else None

        return cls(
            body["error"], text("error_description"), text("error_uri"), text("error_subtype")
        )
