"""Flows: protocol runs written once as generators, driven by two small loops.

A `Flow[T]` yields steps and is sent each step's answer; its return value is the result. The
steps are all that a flow can do to the world, so a sign-in runs in a test with no clock and
no socket. `run` drives a flow with a synchronous `World`, `arun` with an asynchronous one.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from gemauth.value import Value, frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.http import Headers, Request

__all__ = [
    "Acquire",
    "Ask",
    "AsyncWorld",
    "Bind",
    "Disk",
    "Flow",
    "Incoming",
    "Lock",
    "Now",
    "Open",
    "OpenBrowser",
    "Read",
    "Receive",
    "Reply",
    "Send",
    "Show",
    "Spawn",
    "Step",
    "Wait",
    "World",
    "arun",
    "run",
]

T = TypeVar("T")


@frozen
class Send(Value):
    """Send a request; the answer is the `Response`, whatever its status.

    `timeout` is in seconds, to connect and then between two bytes; None is the transport's own.
    """

    request: Request
    timeout: float | None = None


class Incoming(Protocol):
    """An answer whose body is still to come; whoever has it last closes it.

    Reading raises UnreachableError where the connection breaks before the end.
    """

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Headers:
        """The header fields."""
        ...

    def read(self) -> bytes:
        """Return the next part of the body as soon as there is one, empty at its end."""
        ...

    async def read_async(self) -> bytes:
        """Do the same, while the event loop goes on."""
        ...

    def close(self) -> None:
        """Let go of the connection, from whatever thread; who reads is woken. Waits for nothing."""
        ...


@frozen
class Open(Value):
    """Send a request; the answer is an `Incoming`, which the flow closes or hands on.

    `timeout` as in `Send`.
    """

    request: Request
    timeout: float | None = None


@frozen
class Read(Value):
    """Read on; the answer is the next part of the body (bytes), empty at its end."""

    incoming: Incoming


@frozen
class Wait(Value):
    """Let time pass: `seconds`, and by chance up to `spread` seconds more; the answer is None.

    The spread keeps clients that fail together from coming back together.
    """

    seconds: float
    spread: float = 0.0


@frozen
class Now(Value):
    """Ask for the time; the answer is a float, in seconds since the Unix epoch."""


@frozen
class Show(Value):
    """Tell the person something; the answer is None."""

    text: str


@frozen
class OpenBrowser(Value):
    """Open a URL in the person's browser; the answer is whether one was started (bool)."""

    url: str


@frozen
class Ask(Value):
    """Ask the person for one line; the answer is that line (str), stripped.

    `secret` lines are not echoed. Raises UsageError in the flow where nobody can answer.
    """

    prompt: str
    secret: bool = False


@frozen
class Bind(Value):
    """Listen on loopback; the answer is the redirect URI (str), such as `http://127.0.0.1:49152/`.

    Port 0 takes any free one. The listener belongs to the driver, which closes it when the flow
    ends, however it ends.
    """

    port: int = 0


@frozen
class Receive(Value):
    """Wait for the next request to the bound listener; the answer is its URL, or None on time-out.

    The flow answers each with `Reply` before it receives another.
    """

    timeout: float


@frozen
class Reply(Value):
    """Answer the request just received with a status and an HTML page; the answer is None."""

    status: int
    html: str


class Lock(Protocol):
    """What one holder at a time has; worlds acquire it, the flow that has it releases it."""

    def acquire(self, patience: float) -> bool:
        """Wait at most `patience` seconds; whether it was had."""
        ...

    async def acquire_async(self, patience: float) -> bool:
        """Do the same, while the event loop goes on."""
        ...

    def release(self) -> None:
        """Let the next one have it; waits for nothing."""
        ...


@frozen
class Acquire(Value):
    """Acquire a lock; the answer is whether it was had (bool) within `patience` seconds.

    The flow that has it releases it, in a `finally`, so that it is free however the flow ends.
    """

    lock: Lock
    patience: float


@frozen
class Disk(Value):
    """Read or write a small file; the answer is what `work` returns.

    A disk may take its time, so an event loop has a thread do it.
    """

    work: Callable[[], object]


@frozen
class Spawn(Value):
    """Run another flow in the background, as far as it gets; the answer is None.

    It answers for its own errors. It may be cut off when the process or the event loop ends.
    """

    flow: Flow[None]


Step = (
    Send
    | Open
    | Read
    | Wait
    | Now
    | Show
    | OpenBrowser
    | Ask
    | Bind
    | Receive
    | Reply
    | Acquire
    | Disk
    | Spawn
)
Flow = Generator[Step, Any, T]


class World(Protocol):
    """Carries out steps one at a time, synchronously."""

    def do(self, step: Step) -> Any:  # noqa: ANN401  # each step's docstring names its answer
        """Carry out one step and return its answer; may raise GemauthError."""
        ...

    def close(self) -> None:
        """Free whatever the steps opened (the listener)."""
        ...


class AsyncWorld(Protocol):
    """Carries out steps one at a time on an event loop."""

    async def do(self, step: Step) -> Any:  # noqa: ANN401  # as above
        """Carry out one step and return its answer; may raise GemauthError."""
        ...

    async def close(self) -> None:
        """Free whatever the steps opened (the listener)."""
        ...


def run(flow: Flow[T], world: World) -> T:
    """Drive a flow to its end and return its result.

    An error of a step is raised inside the flow, at its `yield`, so that the flow can answer it
    (a token endpoint that is down, a browser that does not start). So is Ctrl-C, for a flow that
    can say what was done by then.
    """
    try:
        step = next(flow)
        while True:
            try:
                answer = world.do(step)
            except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # thrown on, never swallowed
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        flow.close()
        world.close()


async def arun(flow: Flow[T], world: AsyncWorld) -> T:
    """Drive a flow to its end on an event loop; the same contract as `run`."""
    try:
        step = next(flow)
        while True:
            try:
                answer = await world.do(step)
            except Exception as error:  # noqa: BLE001  # thrown on, never swallowed
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        flow.close()
        await world.close()
