"""A small API of permissions for many threads at once, with faults that a test puts."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from gemauth.client.bulk_share.grantees import read_grantees
from gemauth.client.bulk_share.plan import make_plan
from gemauth.client.bulk_share.work import Result, Work
from gemauth.client.gemini.flows.permissions import Permissions
from gemauth.client.world import Network
from gemauth.flow import run
from gemauth.google.status import Code, Status
from gemauth.testing.clock import FakeClock
from tests.client.gemini.flows.api import MINE
from tests.client.transcript import answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.client.bulk_share.work import Outcome
    from gemauth.http import Request, Response

X = "tunedModels/x"


def refused(code: Code, *details: Any, message: str = "no") -> Response:
    """Return a refusal."""
    return answer(code.http, **Status(code, message, details).to_json())


class Api:
    """Sends to itself: `permissions` by address, `faults` that answer before it does."""

    def __init__(self) -> None:
        self.permissions: dict[str, dict[str, Any]] = {}
        self.fault: Callable[[Request], Response | Exception | None] = lambda _: None
        self.requests: list[str] = []
        self.lock = threading.Lock()
        self.clock = FakeClock(1_795_000_000.0)
        self.paused: list[float] = []
        self.told: list[Result] = []
        self.heard: Callable[[Result], None] = lambda _: None
        self.why: Callable[[], str | None] = lambda: None

    def send(self, request: Request, timeout: float | None = None) -> Response:
        """Answer as the API would."""
        with self.lock:
            self.requests.append(f"{request.method} {request.url.rsplit('/v1beta/')[1]}")
            fault = self.fault(request) if request.method != "GET" else None
            if isinstance(fault, Exception):
                raise fault
            return fault or self._answer(request)

    def _answer(self, request: Request) -> Response:
        if request.method == "GET":
            return answer(permissions=list(self.permissions.values()))
        body = json.loads(request.body)
        if request.method == "PATCH":
            number = int(request.url.rpartition("/")[2].partition("?")[0])
            changed = list(self.permissions.values())[number]
            changed.update(body)
            return answer(**changed)
        email = body["emailAddress"].lower()
        if email in self.permissions:
            return refused(Code.ALREADY_EXISTS)
        body["name"] = f"{X}/permissions/{len(self.permissions)}"
        self.permissions[email] = body
        return answer(**body)

    def pause(self, seconds: float) -> bool:
        """Turn the clock in place of waiting."""
        with self.lock:
            self.paused.append(seconds)
            self.clock.advance(seconds)
        return False

    def share(self, content: str, **options: Any) -> tuple[dict[Outcome, int], list[Result], Work]:
        """Share with everybody in a list; return the counts, the results by line, the run."""
        rows, _ = read_grantees(content.encode(), "users.csv")
        flows = Permissions(MINE)
        add_only = options.get("add_only", False)
        network = Network(self, clock=self.clock)
        plan = run(make_plan(flows, X, rows, add_only=add_only), network)
        self.requests.clear()
        options = {"clock": self.clock, "pause": self.pause, **options}
        work = Work(flows, X, self, **options)
        self.told.clear()
        self.why = lambda: work.why

        def tell(result: Result) -> None:
            self.told.append(result)
            self.heard(result)

        counts = work.carry_out(plan, tell)
        return dict(counts), sorted(self.told, key=lambda each: each.action.grantee.line), work


def people(number: int, role: str = "reader") -> str:
    """Return a list of so many."""
    return "".join(f"p{each}@example.com,{role}\n" for each in range(number))
