"""Plays a flow against a written transcript: no clock, no socket, no person.

play(flow,
    (Bind(0), "http://127.0.0.1:4711/"),      this very step, answered so
    (OpenBrowser, True),                      any step of this kind
    (Send, lambda step: ok(...)),             an answer worked out from the step
    (Receive, UnreachableError("…")))         an answer that is raised inside the flow
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from gemauth.errors import GemauthError
from gemauth.flow import Acquire, Disk, Now, Send, Step
from gemauth.google.client_secret import ClientSecret
from gemauth.google.endpoints import GOOGLE, Endpoints, emulator
from gemauth.http import Headers, Request, Response, parse_form

if TYPE_CHECKING:
    from gemauth.flow import Flow

T = TypeVar("T")

NOON = 1_795_000_000.0
EMULATOR: Endpoints = emulator("http://127.0.0.1:8085")
CLIENT = ClientSecret(
    kind="installed",
    client_id="12345-real.apps.googleusercontent.com",
    client_secret="GOCSPX-real",
    project_id="demo",
    auth_uri="https://accounts.google.com/o/oauth2/auth",
    token_uri=GOOGLE.token,
)
EMULATED_CLIENT = ClientSecret(
    kind="installed",
    client_id="12345-emu0.apps.googleusercontent.com",
    client_secret="GOCSPX-emu-secret",
    project_id="demo",
    auth_uri=EMULATOR.authorization,
    token_uri=EMULATOR.token,
)


def play(flow: Flow[T], *lines: tuple[Any, Any], now: float = NOON) -> T:
    """Return the flow's result; each line is a step (or its kind) and its answer.

    A `Now` that the transcript does not expect is answered with `now`. Locks are free and files
    are those of the disk, unless the next line says otherwise.
    """
    left = list(lines)
    try:
        step = next(flow)
        while True:
            if isinstance(step, Now) and not (left and left[0][0] in {Now, Now()}):
                step = flow.send(now)
                continue
            if isinstance(step, Acquire | Disk) and not (left and left[0][0] in {Acquire, Disk}):
                step = _do(flow, step)
                continue
            assert left, f"the transcript is over, the flow goes on with {step}"
            expected, answer = left.pop(0)
            fits = isinstance(step, expected) if isinstance(expected, type) else step == expected
            assert fits, f"{step} instead of {expected}"
            if callable(answer):
                answer = answer(step)
            step = flow.throw(answer) if isinstance(answer, Exception) else flow.send(answer)
    except StopIteration as end:
        assert not left, f"the flow ended before {left[0][0]}"
        result: T = end.value
        return result
    finally:
        flow.close()


def _do(flow: Flow[Any], step: Acquire | Disk) -> Step:
    """Carry out a step of the cache's, and return the next one."""
    if isinstance(step, Acquire):
        return flow.send(step.lock.acquire(step.patience))
    try:
        found = step.work()
    except GemauthError as error:
        return flow.throw(error)
    return flow.send(found)


def answer(status: int = 200, headers: dict[str, str] | None = None, **body: Any) -> Response:
    """Return a JSON answer."""
    return Response(status, Headers(headers or {}), json.dumps(body).encode())


def tokens(**more: Any) -> Response:
    """Return a token endpoint's answer to a code."""
    body = {"access_token": "ya29.a0", "expires_in": 3599, "token_type": "Bearer"}
    return answer(**{**body, **more})


def sent(step: Step) -> Request:
    """Return the request of a Send."""
    assert isinstance(step, Send)
    return step.request


def form_of(step: Step) -> dict[str, str]:
    """Return the form that a Send posts."""
    return parse_form(sent(step).body)


class Sender:
    """Answers requests in a fixed order and keeps them; also as a context, as transports are."""

    def __init__(self, *answers: Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.timeouts: list[float | None] = []

    def send(self, request: Request, timeout: float | None = None) -> Response:
        """Return the next answer."""
        self.requests.append(request)
        self.timeouts.append(timeout)
        given = self.answers.pop(0)
        if isinstance(given, Exception):
            raise given
        return given


class AsyncSender:
    """The same on an event loop."""

    def __init__(self, *answers: Response | Exception) -> None:
        self.sender = Sender(*answers)

    async def send(self, request: Request, timeout: float | None = None) -> Response:  # noqa: ASYNC109
        """Return the next answer."""
        return self.sender.send(request, timeout)
