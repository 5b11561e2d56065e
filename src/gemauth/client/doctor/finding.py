"""What a check of the doctor finds: a sentence, whose fault it is, the evidence, what to run next.

Read by `cli/doctor.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from gemauth.google.status import StatusError

if TYPE_CHECKING:
    from gemauth.errors import Fault, GemauthError

__all__ = ["Finding", "State", "evidence", "failed", "ok", "skipped", "warning"]


class State(Enum):
    """How a check ended; the value is the word that people read."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's end.

    Attributes:
        state: how it ended.
        message: what was found, without secrets.
        fault: who has to act; None where nobody has to.
        evidence: what showed it.
        next_step: the one thing to do next, a command wherever there is one.
        error: what failed, None where nothing did; its class has the exit code.
        check: the check's name; the examination fills it in.
    """

    state: State
    message: str
    fault: Fault | None = None
    evidence: str | None = None
    next_step: str | None = None
    error: GemauthError | None = field(default=None, repr=False)
    check: str = ""

    @property
    def exit_code(self) -> int:
        """The exit code that it alone would mean: 0 unless something failed."""
        return 0 if self.error is None else self.error.exit_code


def ok(message: str, *, evidence: str | None = None) -> Finding:
    """Return that all is well."""
    return Finding(State.OK, message, evidence=evidence)


def skipped(message: str, *, next_step: str | None = None) -> Finding:
    """Return that it could not be checked, and why."""
    return Finding(State.SKIPPED, message, next_step=next_step)


def warning(message: str, *, fault: Fault, next_step: str, evidence: str | None = None) -> Finding:
    """Return something that works today and will bite later, or elsewhere."""
    return Finding(State.WARNING, message, fault, evidence, next_step)


def failed(
    error: GemauthError, *, message: str | None = None, next_step: str | None = None
) -> Finding:
    """Return what an error means, in better words or with a better next step if there are any."""
    return Finding(
        State.FAILED,
        message or error.message,
        error.fault,
        error.evidence or evidence(error),
        next_step or error.next_step,
        error,
    )


def evidence(error: GemauthError) -> str | None:
    """Return what an API's refusal was, beside its text: status, ErrorInfo, challenge."""
    if not isinstance(error, StatusError):
        return None
    code, info = error.status.code, error.status.info
    metadata = info.get("metadata")
    known = metadata if isinstance(metadata, dict) else {}
    parts = [f"HTTP {code.http} {code.name}", error.status.reason or ""]
    parts += [
        f"{name}={known[name]}" for name in ("service", "method", "consumer") if name in known
    ]
    told = ", ".join(part for part in parts if part)
    challenge = error.www_authenticate
    return told if challenge is None else f"{told}; WWW-Authenticate: {challenge}"
