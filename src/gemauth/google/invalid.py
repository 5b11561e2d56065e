"""The refusal of a request that does not fit the schema: 400 INVALID_ARGUMENT.

Source: gemini-api.md section 10, rows 20 and 21. Raised by all that reads requests, here and in
the emulator, which answers with it as with any other `StatusError`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.google.status import Code, Status, StatusError, bad_request

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["InvalidRequestError", "Violation"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong: the field's path in snake_case (None at the top level) and the text."""

    field: str | None
    description: str


class InvalidRequestError(StatusError):
    """A request that does not fit the schema; `violations` is empty where it could not be read."""

    def __init__(self, message: str, violations: Sequence[Violation] = ()) -> None:
        pairs = [(violation.field, violation.description) for violation in violations]
        details = (bad_request(pairs),) if pairs else ()
        super().__init__(Status(Code.INVALID_ARGUMENT, message, details))
        self.violations = tuple(violations)

    @classmethod
    def of(cls, violations: Sequence[Violation]) -> InvalidRequestError:
        """Return the error of several violations: one line of message for each."""
        return cls("\n".join(v.description for v in violations), violations)
