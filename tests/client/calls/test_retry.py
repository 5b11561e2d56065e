from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.calls.call import call
from gemauth.client.calls.retry import ONCE, READ, Patience, patience, persist
from gemauth.client.credentials import Credentials
from gemauth.client.token import AccessToken
from gemauth.client.transport import ConnectionLostError, Transport
from gemauth.client.world import Network
from gemauth.errors import UnreachableError
from gemauth.flow import Flow, Now, Send, Wait
from gemauth.flow import run as drive
from gemauth.google.endpoints import emulator
from gemauth.google.gemini import methods
from gemauth.google.status import Code, Status, StatusError, retry_info
from gemauth.http import Headers, Request, Response
from tests.client.connections.test_incoming import Peer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gemauth.google.gemini.method import Method

OK = Response(200, body=b"{}")
LOST = ConnectionLostError("cut")


def refused(code: Code, headers: Mapping[str, str] | None = None, *details: Any) -> Response:
    """Return an answer in Google's envelope."""
    body = json.dumps(Status(code, "no", details).to_json()).encode()
    return Response(code.http, Headers(headers or {}), body)


BUSY = refused(Code.UNAVAILABLE)
SORRY = refused(Code.INTERNAL)


class Emulated:
    """A token such as emulators give."""

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return it."""
        now: float = yield Now()
        return AccessToken("ya29.emu-x", now + 3600)


class World:
    """A clock that only waits and answers move; every wait takes its bound."""

    def __init__(self, *answers: Response | Exception, takes: float = 0.0) -> None:
        self.answers = list(answers)
        self.takes = takes
        self.now = 1000.0
        self.waits: list[tuple[float, float]] = []
        self.timeouts: list[float | None] = []

    def do(self, step: object) -> Any:
        """Carry out a step."""
        match step:
            case Now():
                return self.now
            case Wait(seconds, spread):
                self.waits.append((seconds, spread))
                self.now += seconds + spread
                return None
            case Send(_, timeout):
                self.timeouts.append(timeout)
                self.now += self.takes
                given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if isinstance(given, Exception):
                    raise given
                return given
        raise AssertionError(step)

    def close(self) -> None:
        """Nothing is open."""


def attempt(silence: float | None) -> Flow[Response]:
    """Make one attempt."""
    answer: Response = yield Send(Request("GET", "https://x/"), silence)
    return answer


def run(allowed: Patience, world: World) -> Response:
    """Return what a call ends with."""
    return drive(persist(allowed, attempt), world)


class TestPersist:
    def test_a_success_is_one_attempt(self) -> None:
        """Nothing waits."""
        world = World(OK)
        assert run(READ, world) is OK
        assert world.waits == []

    def test_unavailable_until_it_is_not(self) -> None:
        """The bound of the waits grows by 1.3 up to ten seconds, as google-api-core's."""
        world = World(*[BUSY] * 12, OK)
        assert run(Patience(600), world) is OK
        bounds = [spread for _, spread in world.waits]
        assert bounds[:4] == pytest.approx([1.0, 1.3, 1.69, 2.197])
        assert bounds[-1] == 10.0
        assert {seconds for seconds, _ in world.waits} == {0.0}

    def test_the_deadline_is_for_all_attempts(self) -> None:
        """The last refusal is the answer; nothing is waited for beyond the deadline."""
        world = World(BUSY, takes=2.0)
        assert run(Patience(60, 60), world) is BUSY
        assert world.now - 1000 <= 60 + 2
        assert len(world.waits) > 5
        assert world.timeouts[0] == 60
        later = [timeout for timeout in world.timeouts if timeout is not None]
        assert later == sorted(later, reverse=True)
        assert min(later) > 0

    def test_a_clock_that_is_set_back(self) -> None:
        """What was waited through counts."""
        world = World(BUSY)
        flow = persist(Patience(60), attempt)
        step = next(flow)
        waits = 0
        with suppress(StopIteration):
            while waits < 100:
                waits += isinstance(step, Wait)
                step = flow.send(0.0 if isinstance(step, Now) else world.do(step))
        assert 5 < waits < 60

    def test_a_server_that_says_when(self) -> None:
        """RetryInfo is waited for in full, with some chance on top; so is Retry-After."""
        world = World(refused(Code.RESOURCE_EXHAUSTED, {}, retry_info(20)), OK)
        assert run(ONCE, world) is OK
        assert world.waits == [(20.0, 1.0)]
        world = World(refused(Code.RESOURCE_EXHAUSTED, {"Retry-After": "7"}), OK)
        assert run(ONCE, world) is OK
        assert world.waits == [(7.0, 1.0)]

    def test_a_date_to_come_back_at(self) -> None:
        """RFC 9110 section 10.2.3 has both forms; by the server's clock, which need not be ours."""
        headers = {
            "Date": "Sun, 22 Nov 2026 20:00:00 GMT",
            "Retry-After": "Sun, 22 Nov 2026 20:00:30 GMT",
        }
        world = World(refused(Code.UNAVAILABLE, headers), OK)
        assert run(Patience(), world) is OK
        assert world.waits == [(30.0, 1.0)]

    @pytest.mark.parametrize(
        ("headers", "details"),
        [
            ({}, []),
            ({"Retry-After": "soon"}, []),
            ({"Retry-After": "²"}, []),
            ({"Retry-After": "Sun, 22 Nov 2026 20:00:30 GMT"}, []),
            (
                {
                    "Date": "Sun, 22 Nov 2026 20:00:00 -0000",
                    "Retry-After": "Sun, 22 Nov 2026 20:00:30 GMT",
                },
                [],
            ),
            ({}, [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "infs"}]),
            ({}, [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "-1s"}]),
            ({}, [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": 3}]),
            ({}, [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "xs"}]),
        ],
    )
    def test_too_many_without_a_time(self, headers: dict[str, str], details: list[Any]) -> None:
        """Nobody knows when a quota is free again: the caller decides."""
        world = World(refused(Code.RESOURCE_EXHAUSTED, headers, *details))
        assert run(READ, world).status == 429
        assert world.waits == []

    def test_a_time_beyond_the_deadline(self) -> None:
        """A day's quota is not waited for."""
        world = World(refused(Code.RESOURCE_EXHAUSTED, {"Retry-After": "3600"}))
        assert run(READ, world).status == 429
        assert world.waits == []

    @pytest.mark.parametrize("status", [500, 502, 504])
    def test_a_server_in_trouble(self, status: int) -> None:
        """What may have been carried out is repeated only where that harms nobody."""
        trouble = Response(status, body=b"<html>")
        assert run(READ, World(trouble, OK)) is OK
        assert run(Patience(), World(trouble, OK)) is trouble

    def test_a_lost_connection(self) -> None:
        """A read is made anew twice; a write is not, for it may have happened."""
        assert run(READ, World(LOST, LOST, OK)) is OK
        with pytest.raises(ConnectionLostError):
            run(READ, World(LOST))
        world = World(LOST, OK)
        with pytest.raises(ConnectionLostError):
            run(Patience(), world)
        assert len(world.timeouts) == 1

    def test_what_does_not_pass_by_itself(self) -> None:
        """A host that nobody answers at is not asked for a minute."""
        world = World(UnreachableError("nobody"), OK)
        with pytest.raises(UnreachableError):
            run(READ, world)
        assert run(READ, World(refused(Code.INVALID_ARGUMENT), OK)).status == 400


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (methods.GENERATE_CONTENT, Patience(600, 600)),
        (methods.STREAM_GENERATE_CONTENT, Patience(600, 600)),
        (methods.LIST_MODELS, Patience(60, 60, repeatable=True)),
        (methods.COUNT_TOKENS, Patience(60, 60, repeatable=True)),
        (methods.CREATE_CORPUS, Patience(60, 60)),
        (methods.DELETE_TUNED_MODEL, Patience(60, 60)),
        (methods.BATCH_CREATE_CHUNKS, Patience(unavailable=False)),
        (methods.CREATE_CACHED_CONTENT, Patience(unavailable=False)),
        (methods.GET_FILE, READ),
    ],
)
def test_the_table(method: Method, expected: Patience) -> None:
    """By example; tests/interop compares every method with the published package."""
    assert patience(method) == expected


def test_a_callers_deadline() -> None:
    """It replaces Google's; what may be repeated stays the method's."""
    assert patience(methods.LIST_MODELS).within(5) == Patience(5, 5, repeatable=True)
    assert READ.within(None) is READ


def whole(status: int, body: bytes, *more: str) -> bytes:
    """Return an answer on the wire."""
    head = (f"HTTP/1.1 {status} X", "Content-Type: application/json", *more)
    return "\r\n".join((*head, f"Content-Length: {len(body)}", "", "")).encode() + body


@dataclass
class Clock:
    """Moves when somebody sleeps."""

    moment: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        """Return the time."""
        return self.moment

    monotonic = now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.moment += seconds


@pytest.fixture
def peer() -> Iterator[Peer]:
    """A server that does what the test writes."""
    made = Peer()
    yield made
    made.close()


def called(peer: Peer, method: Method, fields: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    """Call a method at the peer, over a real socket and with a clock of our own."""
    someone = Credentials("authorized_user", Emulated(), emulator(peer.url.rstrip("/")))
    with Transport({}, timeout=5) as transport:
        world = Network(transport, clock=clock, sleep=clock.sleep, chance=lambda: 0.5)
        return drive(call(someone, method, fields, "v1beta"), world)


class TestOverASocket:
    """The rules against a server that gives the faults."""

    def test_overloaded_then_slow_then_lost(self, peer: Peer) -> None:
        """A read gets through all of it, and waits as long as it is told to."""
        peer.scripts = [
            [whole(503, BUSY.body)],
            [whole(429, b"{}", "Retry-After: 5")],
            [whole(502, b"<html>")],
            [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", lambda: "hang up"],
            [lambda: "hang up"],
            [whole(200, b'{"models": []}')],
        ]
        clock = Clock()
        assert called(peer, methods.LIST_MODELS, {}, clock) == {"models": []}
        bounds = [1.3**i for i in range(5)]
        expected = [bound / 2 + (5 if i == 1 else 0) for i, bound in enumerate(bounds)]
        assert clock.slept == pytest.approx(expected)

    def test_a_write_that_may_have_happened(self, peer: Peer) -> None:
        """It is sent once: the connection was lost after it had gone out."""
        peer.steps = [lambda: "hang up"]
        fields = {"model": "models/g", "contents": [{"parts": [{"text": "Hi"}]}]}
        for method in (methods.GENERATE_CONTENT, methods.CREATE_CORPUS):
            peer.asked.clear()
            with pytest.raises(ConnectionLostError, match="may have been carried out"):
                called(peer, method, fields, Clock())
            assert len([asked for asked in peer.asked if asked.startswith(b"POST")]) == 1

    def test_an_overloaded_model(self, peer: Peer) -> None:
        """A generation is tried for ten minutes, and a 500 is its end."""
        fields = {"model": "models/g", "contents": [{"parts": [{"text": "Hi"}]}]}
        peer.steps = [whole(503, BUSY.body)]
        clock = Clock()
        with pytest.raises(StatusError):
            called(peer, methods.GENERATE_CONTENT, fields, clock)
        assert 580 < clock.moment - 1000 <= 600
        peer.steps = [whole(500, SORRY.body)]
        clock = Clock()
        with pytest.raises(StatusError):
            called(peer, methods.GENERATE_CONTENT, fields, clock)
        assert clock.slept == []
