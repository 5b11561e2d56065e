"""The one tree of gemauth's errors.

    GemauthError                     exit 1
    ├─ UsageError                    exit 2   the call itself cannot work
    ├─ CredentialError               exit 3   no usable credential, or the server refused it
    ├─ RefusedError                  exit 4   the credential is fine, the request was refused
    ├─ UnreachableError              exit 5   nothing answered, or not in the protocol
    ├─ NotFoundError                 exit 6   the named thing does not exist
    └─ DataError                     exit 7   a file or a message that cannot be read

Rooms derive their own classes from these. An error says what failed, whose fault it is
and what to do next, and keeps the raw evidence; secrets never reach any of the four.
"""

from __future__ import annotations

from enum import Enum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

__all__ = [
    "CredentialError",
    "DataError",
    "Fault",
    "GemauthError",
    "NotFoundError",
    "RefusedError",
    "UnreachableError",
    "UsageError",
]


class Fault(Enum):
    """Whose fault a failure is; the value is the word that people read."""

    CALLER = "you"
    PROJECT = "the Google Cloud project's settings"
    ADMINISTRATOR = "the organization's administrator"
    SERVER = "the server"
    NETWORK = "the network"
    MACHINE = "this machine"


class GemauthError(Exception):
    """Anything that gemauth refuses or fails to do.

    Args:
        message: one sentence on what failed, without secrets.
        next_step: what to do about it, best a command; None where nothing helps.
        fault: who has to act; the class's own where None.
        evidence: the raw answer or text that showed the failure, already free of secrets.
    """

    exit_code: ClassVar[int] = 1
    default_fault: ClassVar[Fault] = Fault.CALLER

    def __init__(
        self,
        message: str,
        *,
        next_step: str | None = None,
        fault: Fault | None = None,
        evidence: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.fault = fault or self.default_fault
        self.evidence = evidence

    def __str__(self) -> str:
        """Return the message, followed by the next step on a line of its own."""
        return self.message if self.next_step is None else f"{self.message}\n{self.next_step}"


class UsageError(GemauthError):
    """The call cannot work as written: a bad option, argument or environment variable."""

    exit_code = 2


class CredentialError(GemauthError):
    """There is no usable credential, or the server no longer accepts it."""

    exit_code = 3


class RefusedError(GemauthError):
    """The server understood the request and refused it."""

    exit_code = 4


class UnreachableError(GemauthError):
    """No answer came, or one that is not in the protocol."""

    exit_code = 5
    default_fault = Fault.NETWORK


class NotFoundError(GemauthError):
    """The thing that was named does not exist, or the caller may not know that it does."""

    exit_code = 6


class DataError(GemauthError):
    """A file or message that cannot be read as what it should be; it is left as it was."""

    exit_code = 7
    default_fault = Fault.MACHINE
