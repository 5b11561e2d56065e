"""Carrying out a plan: several rows at a time, within the rate that the API allows.

A refusal for the rate (429) holds all workers back: for as long as the server asks, or twice as
long each time; `client/calls/retry.py` has tried before. A row's failure is the row's. The run ends
before its list does where going on is useless: the credential is refused, nothing answers, the time
is over.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypedDict

from gemauth.client.bulk_share.plan import Need
from gemauth.client.world import Network
from gemauth.clock import SystemClock
from gemauth.errors import CredentialError, GemauthError, UnreachableError
from gemauth.flow import run
from gemauth.google.gemini.resources.permissions import GranteeType
from gemauth.google.status import Code, StatusError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gemauth.client.bulk_share.plan import Action
    from gemauth.client.gemini.flows.permissions import Permissions
    from gemauth.client.world import Sender
    from gemauth.clock import Clock
    from gemauth.flow import Flow
    from gemauth.google.gemini.resources.permissions import Permission

__all__ = ["Outcome", "Result", "Work"]

WORKERS = 4
HOUR = 3600.0
FIRST_HOLD, LONGEST_HOLD = 2.0, 60.0  # seconds
_SILENT = 3  # rows in a row that nothing answers


class Outcome(Enum):
    """What became of a row; the value is the word that people read."""

    CREATED = "created"
    UPDATED = "updated"
    ALREADY = "already"
    KEPT = "kept"
    FAILED = "failed"
    LEFT = "left"  # not tried


@dataclass(frozen=True, slots=True)
class Result:
    """A row's outcome: the permission where there is one, the error where it failed."""

    action: Action
    outcome: Outcome
    permission: Permission | None = None
    error: GemauthError | None = None


_SETTLED = {Need.NOTHING: Outcome.ALREADY, Need.KEEP: Outcome.KEPT}


class _StoppedError(Exception):
    """The run is to end: a worker that waits does not wait on."""


class Work:
    """One run.

    Args:
        permissions: the flows, with their identity.
        parent: what is shared.
        transport: sends the requests; used by several threads.
        workers: rows at a time.
        patience: seconds for the whole run.
        add_only: as in the plan.
        clock: tells the time.
        pause: lets seconds pass; returns true where the run was stopped meanwhile.
    """

    def __init__(
        self,
        permissions: Permissions,
        parent: str,
        transport: Sender,
        *,
        workers: int = WORKERS,
        patience: float = HOUR,
        add_only: bool = False,
        clock: Clock | None = None,
        pause: Callable[[float], bool] | None = None,
    ) -> None:
        self.why: str | None = None
        self._permissions = permissions
        self._parent = parent
        self._workers = workers
        self._add_only = add_only
        self._clock = clock or SystemClock()
        self._end = self._clock.now() + patience
        self._stop = threading.Event()
        self._pause = pause or self._stop.wait
        self._network = Network(transport, clock=self._clock, sleep=self._sleep)
        self._lock = threading.Lock()
        self._hold_until = 0.0
        self._hold = FIRST_HOLD
        self._silent = 0

    def carry_out(self, plan: Sequence[Action], told: Callable[[Result], None]) -> Counter[Outcome]:
        """Do all that a plan needs, and tell of each row as it is done; return the counts.

        `told` is called in the calling thread, once for each row. `why` says why rows were left.
        What is raised meanwhile, as by Ctrl-C or by `told`, ends the run as `stop` does, and is
        raised on then.
        """
        counts: Counter[Outcome] = Counter()

        def tell(result: Result) -> None:
            counts[result.outcome] += 1
            told(result)

        settled = deque(action for action in plan if action.need in _SETTLED)
        todo = [action for action in plan if action.need not in _SETTLED]
        with ThreadPoolExecutor(self._workers, "gemauth-share") as pool:
            running = {pool.submit(self._one, action) for action in todo}
            try:
                while settled:
                    tell(_settled(settled.popleft()))
                for done in as_completed(tuple(running)):
                    running.discard(done)
                    tell(done.result())
            except BaseException:
                self.stop()
                for action in settled:
                    tell(_settled(action))
                for done in as_completed(running):
                    tell(done.result())
                raise
        return counts

    def stop(self) -> None:
        """End the run: requests that are on their way end first, the other rows are left."""
        self._end_early("It was stopped.")

    def _one(self, action: Action) -> Result:
        """Do one row, as often as the rate makes needful."""
        try:
            while True:
                self._wait()
                try:
                    result = run(self._flow(action), self._network)
                except StatusError as error:
                    if error.status.code not in {Code.RESOURCE_EXHAUSTED, Code.ABORTED}:
                        raise
                    if not self._hold_back(error):
                        raise
                else:
                    with self._lock:
                        self._hold, self._silent = FIRST_HOLD, 0
                    return result
        except GemauthError as error:
            self._judge(error)
            return Result(action, Outcome.FAILED, error=error)
        except _StoppedError:
            return Result(action, Outcome.LEFT)

    def _flow(self, action: Action) -> Flow[Result]:
        wanted = action.grantee.permission
        role = wanted.role.name if wanted.role is not None else ""
        if action.need is Need.UPDATE and action.present is not None:
            changed = yield from self._permissions.update(action.present.name, role)
            return Result(action, Outcome.UPDATED, changed)
        try:
            made = yield from self._permissions.create(self._parent, role, **_whom(wanted))
        except StatusError as error:
            if error.status.code is not Code.ALREADY_EXISTS:
                raise
            # made since the list was read, perhaps by this very request (a 503 on its way back)
            if self._add_only:
                return Result(action, Outcome.KEPT)
            changed = yield from self._permissions.share(self._parent, role, **_whom(wanted))
            return Result(action, Outcome.UPDATED, changed)
        return Result(action, Outcome.CREATED, made)

    def _wait(self) -> None:
        """Wait until the API takes requests again.

        Raises:
            _StoppedError: the run ended meanwhile.
        """
        while True:
            with self._lock:
                left = self._hold_until - self._clock.now()
            if left <= 0:
                break
            self._sleep(left)
        if self._stop.is_set():
            raise _StoppedError
        if self._clock.now() >= self._end:
            self._end_early("The time for the run is over.")
            raise _StoppedError

    def _sleep(self, seconds: float) -> None:
        if self._pause(seconds) or self._stop.is_set():
            raise _StoppedError

    def _hold_back(self, error: StatusError) -> bool:
        """Hold all workers back; false where the run's time would be over before."""
        asked = error.retry_after
        with self._lock:
            now = self._clock.now()
            if self._hold_until <= now:  # once for all that were refused together
                self._hold = min(self._hold * 2, LONGEST_HOLD)
            self._hold_until = max(self._hold_until, now + (asked or self._hold / 2))
            over = self._hold_until >= self._end
        if over:
            self._end_early("The API's rate limit lasts longer than the time for the run.")
        return not over

    def _judge(self, error: GemauthError) -> None:
        """End the run where the next row would fare no better."""
        if isinstance(error, CredentialError):
            self._end_early("The credentials are no longer accepted.")
        with self._lock:
            self._silent = self._silent + 1 if isinstance(error, UnreachableError) else 0
            silent = self._silent >= _SILENT
        if silent:
            self._end_early("Nothing answers any more.")

    def _end_early(self, why: str) -> None:
        with self._lock:
            self.why = self.why or why
        self._stop.set()


def _settled(action: Action) -> Result:
    return Result(action, _SETTLED[action.need], action.present)


class _Whom(TypedDict, total=False):
    user: str | None
    group: str | None
    everyone: bool


def _whom(permission: Permission) -> _Whom:
    if permission.grantee_type is GranteeType.EVERYONE:
        return {"everyone": True}
    if permission.grantee_type is GranteeType.GROUP:
        return {"group": permission.email_address}
    return {"user": permission.email_address}
