"""The refusal of a request that does not fit the schema: 400 INVALID_ARGUMENT.

Source: gemini-api.md section 10, rows 20 and 21. The mapping, the transcoding and the paging raise
it; the emulator answers with its status.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.errors import DataError, Fault
from gemauth.google.status import Code, Status, bad_request

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["InvalidRequestError", "Violation"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong: the field's path in snake_case (None at the top level) and the text."""

    field: str | None
    description: str


class InvalidRequestError(DataError):
    """A request that does not fit the schema; `violations` is empty where it could not be read."""

    default_fault = Fault.CALLER

    def __init__(self, message: str, violations: Sequence[Violation] = ()) -> None:
        super().__init__(message)
        self.violations = tuple(violations)

    @classmethod
    def of(cls, violations: Sequence[Violation]) -> InvalidRequestError:
        """Return the error of several violations: one line of message for each."""
        return cls("\n".join(v.description for v in violations), violations)

    @property
    def status(self) -> Status:
        """The google.rpc.Status to answer: code INVALID_ARGUMENT, BadRequest in the details."""
        pairs = [(v.field, v.description) for v in self.violations]
        return Status(Code.INVALID_ARGUMENT, self.message, (bad_request(pairs),) if pairs else ())
