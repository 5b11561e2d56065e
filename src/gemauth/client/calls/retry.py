"""When a call is tried again, and how long it may take in all: Google's own rules, and two more.

Google's rules are those of the published package google-ai-generativelanguage (0.6.15, and 0.12.1
has the same), in each service's `transports/base.py`, `_prep_wrapped_messages`; tests/interop
compares.

    methods                                     tried again on   deadline
    GenerateContent, StreamGenerateContent      503              600 s
    files, caches, predictions, operations      –                –
    ListPermissions, ListChunks, chunk batches  –                –
    all others                                  503              60 s

The wait's bound is 1 s, then 1.3 times the one before, at most 10 s. Each wait is by chance between
nothing and its bound, as google-api-core draws it (`retry/retry_base.py`,
`exponential_sleep_generator`), on top of what the server asks for (RetryInfo, Retry-After). A
503 means that the call was not carried out, so writes are tried again too (AIP-194). Our two
additions:

- 429 is tried again by every method if the server says after how long, and there is time for it:
  it was turned away at the door.
- Reads, and methods that only compute without being billed by what they write, are tried again
  after 500, 502, 504 (the statuses that google-genai's `HttpRetryOptions` lists, without 408) and
  twice after a connection that was lost. A method that writes or generates is not: it may have
  been carried out.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Protocol, TypeVar

from gemauth.client.transport import ConnectionLostError
from gemauth.flow import Now, Wait
from gemauth.google.status import Status
from gemauth.value import Value, frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.errors import UnreachableError
    from gemauth.flow import Flow
    from gemauth.google.gemini.method import Method
    from gemauth.http import Headers

__all__ = ["ONCE", "READ", "Patience", "asked_for", "patience", "persist"]

FIRST, FACTOR, LONGEST = 1.0, 1.3, 10.0
DEADLINE, GENERATION = 60.0, 600.0  # seconds
LOST = 2  # how often a lost connection is made anew

# Services and methods for which the package sets no retry and no time-out.
_LEFT_ALONE = {
    "FileService",
    "CacheService",
    "PredictionService",
    "FileSearchStoreService",  # not in the package: taken as the other services of its age
    "google.longrunning.Operations",
    "ListPermissions",
    "ListChunks",
    "BatchCreateChunks",
    "BatchUpdateChunks",
    "BatchDeleteChunks",
}
_GENERATES = {"GenerateContent", "StreamGenerateContent"}
# POST, and changes nothing.
_ONLY_COMPUTES = {
    "CountTokens",
    "EmbedContent",
    "BatchEmbedContents",
    "QueryCorpus",
    "QueryDocument",
    "CountMessageTokens",
    "CountTextTokens",
    "EmbedText",
    "BatchEmbedText",
}
_TROUBLE = {500, 502, 504}


@frozen
class Patience(Value):
    """What one call may take.

    Attributes:
        deadline: seconds for all attempts together, and the longest silence within one.
        timeout: seconds of silence after which an attempt fails; None is the transport's own.
        unavailable: whether a 503 is tried again.
        repeatable: whether the call may be made twice without harm.
    """

    deadline: float = DEADLINE
    timeout: float | None = None
    unavailable: bool = True
    repeatable: bool = False

    def within(self, seconds: float | None) -> Patience:
        """Return the same with the caller's own deadline; None leaves it as it is."""
        if seconds is None:
            return self
        return Patience(seconds, seconds, self.unavailable, self.repeatable)


ONCE = Patience(unavailable=False)
"""For what may not be made twice, and whose refusals the caller handles."""
READ = Patience(repeatable=True)
"""For what only reads."""


def patience(method: Method) -> Patience:
    """Return what a call of a method may take, by the table above."""
    return _patience(method.service, method.name, method.verb)


@cache
def _patience(service: str, name: str, verb: str) -> Patience:
    repeatable = verb == "GET" or name in _ONLY_COMPUTES
    if _LEFT_ALONE & {service, name}:
        return Patience(unavailable=repeatable, repeatable=repeatable)
    deadline = GENERATION if name in _GENERATES else DEADLINE
    return Patience(deadline, deadline, unavailable=True, repeatable=repeatable)


class _Answer(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Headers: ...


A = TypeVar("A", bound=_Answer)


def persist(allowed: Patience, attempt: Callable[[float | None], Flow[A]]) -> Flow[A]:
    """Return the flow that makes a call, again where that helps; its result is the last answer.

    Args:
        allowed: what the call may take.
        attempt: makes one attempt within so many seconds of silence (None: the transport's own);
            its answer has a `body` where it is no success.

    Raises:
        UnreachableError: what the last attempt raised.
    """
    began: float = yield Now()
    waited = 0.0
    bound = FIRST
    lost = 0
    left = allowed.deadline
    while True:
        silence = None if allowed.timeout is None else min(allowed.timeout, left)
        failure: UnreachableError | None = None
        answer: A | None = None
        try:
            answer = yield from attempt(silence)
        except ConnectionLostError as error:
            failure, lost = error, lost + 1
        if answer is not None and answer.status < 400:
            return answer
        now: float = yield Now()
        # a clock that is set back must not give more time than was waited through
        left = allowed.deadline - max(now - began, waited)
        pause = _pause(allowed, answer) if answer is not None else _after_loss(allowed, lost)
        if pause is None or left <= pause + bound:
            if answer is None:
                assert failure is not None, "an attempt answers or fails"
                raise failure
            return answer
        yield Wait(pause, bound)
        waited += pause + bound / 2
        left -= pause + bound
        bound = min(bound * FACTOR, LONGEST)


def _after_loss(allowed: Patience, lost: int) -> float | None:
    return 0.0 if allowed.repeatable and lost <= LOST else None


def _pause(allowed: Patience, answer: _Answer) -> float | None:
    """Return the least seconds to wait before another attempt, None where there is to be none."""
    status = answer.status
    if status == 429:
        return asked_for(answer)
    if (status == 503 and allowed.unavailable) or (status in _TROUBLE and allowed.repeatable):
        return asked_for(answer) or 0.0
    return None


def asked_for(answer: _Answer) -> float | None:
    """Return how many seconds the server wants us to wait: RetryInfo's or Retry-After's.

    A date is counted from the answer's own: what this machine's clock says does not matter.
    """
    try:
        status = Status.from_json(json.loads(getattr(answer, "body", b"")))
    except (TypeError, ValueError, RecursionError):
        status = None
    header = answer.headers.get("Retry-After", "").strip()
    if status is not None and status.retry_delay is not None:
        return status.retry_delay
    if header.isascii() and header.isdecimal():
        return float(header)
    if not header:
        return None
    from email.utils import parsedate_to_datetime  # for the rarer form (RFC 9110 section 10.2.3)

    try:
        then, said = (parsedate_to_datetime(d) for d in (header, answer.headers.get("Date", "")))
        return max(0.0, (then - said).total_seconds())
    except (TypeError, ValueError):  # no dates, or only one of them with a zone
        return None
