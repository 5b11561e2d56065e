from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from gemauth.client.bulk_share.work import Outcome
from gemauth.errors import CredentialError, UnreachableError
from gemauth.google.status import Code, retry_info
from tests.client.bulk_share.api import Api, people, refused
from tests.client.transcript import answer

if TYPE_CHECKING:
    from gemauth.client.bulk_share.work import Result
    from gemauth.http import Request, Response

CREATED, UPDATED, ALREADY = Outcome.CREATED, Outcome.UPDATED, Outcome.ALREADY
KEPT, FAILED, LEFT = Outcome.KEPT, Outcome.FAILED, Outcome.LEFT


def test_everybody_is_shared_with_once() -> None:
    """Several at a time, one request each; a second run sends nothing."""
    api = Api()
    counts, results, _ = api.share(people(50))
    assert counts == {CREATED: 50}
    assert len(api.requests) == 50
    assert all(result.permission is not None for result in results)
    assert api.share(people(50))[0] == {ALREADY: 50}
    assert api.requests == []


def test_another_role_is_changed() -> None:
    """By one request to the permission that is there."""
    api = Api()
    api.share(people(2))
    assert api.share(people(3, "writer"))[0] == {UPDATED: 2, CREATED: 1}
    assert {each["role"] for each in api.permissions.values()} == {"WRITER"}


def test_add_only() -> None:
    """Nobody's role is changed, not even of one who came since the list was read."""
    api = Api()
    api.share(people(1))

    def meanwhile(request: Request) -> Response | None:
        return refused(Code.ALREADY_EXISTS) if request.method == "POST" else None

    api.fault = meanwhile
    assert api.share(people(2, "writer"), add_only=True)[0] == {KEPT: 2}
    assert api.permissions["p0@example.com"]["role"] == "READER"


def test_one_who_came_since_the_list_was_read() -> None:
    """Is found, and has the wanted role in the end."""
    api = Api()

    def meanwhile(request: Request) -> None:
        if request.method == "POST" and not api.permissions:
            email = json.loads(request.body)["emailAddress"]
            came = {"granteeType": "USER", "emailAddress": email, "role": "WRITER"}
            api.permissions[email] = {"name": "tunedModels/x/permissions/0", **came}

    api.fault = meanwhile
    assert api.share(people(1))[0] == {UPDATED: 1}
    assert api.permissions["p0@example.com"]["role"] == "READER"


def test_a_row_that_is_refused() -> None:
    """Is that row's failure; the others go on."""
    api = Api()

    def p3(request: Request) -> Response | None:
        return refused(Code.INVALID_ARGUMENT) if b"p3@" in request.body else None

    api.fault = p3
    counts, results, work = api.share(people(10))
    assert counts == {CREATED: 9, FAILED: 1}
    assert str(results[3].error) == "no"
    assert work.why is None


class Limit:
    """A rate of requests: so many are refused first."""

    def __init__(self, refusals: int, *details: object) -> None:
        self.left = refusals
        self.details = details

    def __call__(self, request: Request) -> Response | None:
        """Refuse, or let through."""
        if self.left == 0:
            return None
        self.left -= 1
        return refused(Code.RESOURCE_EXHAUSTED, *self.details)


def test_the_rate_limit_without_a_time() -> None:
    """All are held back, twice as long each time; then all is done, and nobody twice."""
    api = Api()
    api.fault = Limit(4)
    counts, _, _ = api.share(people(5), workers=1)
    assert counts == {CREATED: 5}
    assert api.paused == [2.0, 4.0, 8.0, 16.0]
    assert len(api.requests) == 5 + 4


def test_the_rate_limit_with_a_time() -> None:
    """As long as the server asks, even where that is more than one call may take."""
    api = Api()
    api.fault = Limit(1, retry_info(300))
    assert api.share(people(3), workers=1)[0] == {CREATED: 3}
    assert api.paused == [300.0]


def test_the_rate_limit_with_a_header() -> None:
    """Retry-After is waited for within the call, as every call does it."""
    api = Api()
    refusals = [answer(429, {"Retry-After": "7"}, error={"status": "RESOURCE_EXHAUSTED"})]
    api.fault = lambda _: refusals.pop() if refusals else None
    assert api.share(people(2), workers=1)[0] == {CREATED: 2}
    assert len(api.paused) == 1
    assert 7 <= api.paused[0] <= 8


def test_the_rate_limit_with_a_header_beyond_a_call() -> None:
    """A Retry-After that no call waits for holds the run back, as a RetryInfo does."""
    api = Api()
    refusals = [answer(429, {"Retry-After": "300"}, error={"status": "RESOURCE_EXHAUSTED"})]
    api.fault = lambda _: refusals.pop() if refusals else None
    assert api.share(people(2), workers=1)[0] == {CREATED: 2}
    assert api.paused == [300.0]


def test_a_rate_limit_of_many_at_once() -> None:
    """Workers that are refused together make one pause of it, not one each."""
    api = Api()
    api.fault = Limit(4)
    counts, _, _ = api.share(people(8), workers=4)
    assert counts == {CREATED: 8}
    assert sum(api.paused) < 120


def test_a_rate_limit_beyond_the_runs_time() -> None:
    """Ends the run: the row is told as it was refused, the rest as not tried."""
    api = Api()
    api.fault = Limit(1000, retry_info(300))
    counts, results, work = api.share(people(5), workers=1, patience=120.0)
    assert counts == {FAILED: 1, LEFT: 4}
    assert results[0].error is not None
    assert work.why == "The API's rate limit lasts longer than the time for the run."


def test_the_runs_time() -> None:
    """Rows after it are not tried."""
    api = Api()

    def slow(request: Request) -> None:
        api.clock.advance(50)

    api.fault = slow
    counts, _, work = api.share(people(5), workers=1, patience=100.0)
    assert counts == {CREATED: 2, LEFT: 3}
    assert work.why == "The time for the run is over."


@pytest.mark.parametrize(
    ("error", "failed", "why"),
    [
        (CredentialError("revoked"), 1, "The credentials are no longer accepted."),
        (UnreachableError("gone"), 3, "Nothing answers any more."),
    ],
)
def test_where_going_on_is_useless(error: Exception, failed: int, why: str) -> None:
    """The run ends early and says why."""
    api = Api()
    api.fault = lambda _: error
    counts, _, work = api.share(people(10), workers=1)
    assert counts == {FAILED: failed, LEFT: 10 - failed}
    assert work.why == why


def test_ctrl_c() -> None:
    """What is on its way is told, what was not tried is told; then it is raised on."""
    api = Api()

    def stop_at_three(_: Result) -> None:
        if len(api.told) == 3:
            raise KeyboardInterrupt

    api.heard = stop_at_three
    with pytest.raises(KeyboardInterrupt):
        api.share(people(200))
    assert len(api.told) == 200
    assert len({result.action.grantee.who for result in api.told}) == 200
    created = [result for result in api.told if result.outcome is CREATED]
    assert len(created) == len(api.permissions) < 200
    assert {result.outcome for result in api.told} == {CREATED, LEFT}
    assert api.why() == "It was stopped."


def test_ctrl_c_while_the_rate_is_waited_for() -> None:
    """Nobody waits on, and nothing more is sent."""
    api = Api()
    api.fault = Limit(1000, retry_info(300))
    began = time.monotonic()

    def stop(_: Result) -> None:
        raise KeyboardInterrupt

    api.heard = stop
    rows = people(1, "writer")
    api.permissions["p0@example.com"] = {"emailAddress": "p0@example.com", "role": "WRITER"}
    with pytest.raises(KeyboardInterrupt):
        api.share(rows + people(1).replace("p0", "p1"), pause=None)
    assert time.monotonic() - began < 30
    assert [result.outcome for result in api.told] == [ALREADY, LEFT]
