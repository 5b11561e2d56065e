"""The self-test's walk: every step in its order, and what came of each, redacted.

Read by `cli/selftest.py`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from gemauth.client.selftest import api, identity
from gemauth.client.selftest.fact import body
from gemauth.client.selftest.redact import Redactor
from gemauth.errors import GemauthError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.client.selftest.walk import Step, Walk
    from gemauth.flow import Flow

__all__ = ["STEPS", "Expected", "Outcome", "walk_through"]

STEPS = (*identity.STEPS, *api.STEPS)


@dataclass(frozen=True, slots=True)
class Expected:
    """One fact, how sure we were of it, and whether it is so."""

    fact: str
    sure: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a step.

    Attributes:
        step: its name.
        source: where the expectation stands in our references.
        status: of the answer; None where there was none.
        headers: their names, and the values that are nobody's.
        body: the answer's shape.
        facts: each expectation.
        problem: why there was no answer, None where there was.
    """

    step: str
    source: str
    status: int | None = None
    headers: dict[str, str] | None = None
    body: Any = None
    facts: tuple[Expected, ...] = ()
    problem: str | None = None

    @property
    def differs(self) -> bool:
        """Whether anything is not as expected."""
        return not all(fact.holds for fact in self.facts)

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as a JSON object."""
        return asdict(self)


def walk_through(
    walk: Walk, told: Callable[[Outcome], None] = lambda _: None
) -> Flow[tuple[Outcome, ...]]:
    """Return the flow of the whole walk.

    Args:
        walk: whose credentials, and which Google.
        told: hears each outcome as it is known.
    """
    user, found = walk.user, walk.credentials
    known = (
        user.refresh_token,
        user.client_secret,
        user.client_id,
        user.account,
        user.quota_project_id,
        found.account,
        found.project,
        found.quota_project,
    )
    outcomes = []
    for step in STEPS:
        # A refusal may name a tuned model without its collection (gemini-api.md 10, row 14).
        tuned = (walk.tuned or "").removeprefix("tunedModels/")
        outcome = yield from _outcome(step, walk, Redactor((*known, tuned)))
        outcomes.append(outcome)
        told(outcome)
    return tuple(outcomes)


def _outcome(step: Step, walk: Walk, redactor: Redactor) -> Flow[Outcome]:
    try:
        answer = yield from step.ask(walk)
    except GemauthError as error:
        return Outcome(step.name, step.source, problem=redactor.text(error.message))
    if answer is None:
        problem = "not asked: no earlier step brought what it takes"
        return Outcome(step.name, step.source, problem=problem)
    return Outcome(
        step.name,
        step.source,
        answer.status,
        redactor.headers(answer),
        redactor.shape(body(answer)),
        tuple(Expected(fact.words, fact.sure.value, fact.holds(answer)) for fact in step.facts),
    )
