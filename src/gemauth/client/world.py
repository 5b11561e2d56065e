"""The worlds that flows run in: the network and the clock, and with them a person at a terminal.

    Network        Send, Open, Read, Wait, Now, Acquire, Disk, Spawn    tokens and API calls
    Terminal       and Show, Ask, OpenBrowser, Bind …                   a sign-in

Each has an asynchronous twin that does the same steps on worker threads. The drivers are
`flow.run` and `flow.arun`.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from gemauth.clock import Clock, SystemClock
from gemauth.errors import UsageError
from gemauth.flow import (
    Acquire,
    Ask,
    Bind,
    Disk,
    Now,
    Open,
    OpenBrowser,
    Read,
    Receive,
    Reply,
    Send,
    Show,
    Spawn,
    Step,
    Wait,
    arun,
    run,
)

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from gemauth.client.listener import Listener
    from gemauth.flow import Flow, Incoming
    from gemauth.http import Request, Response

__all__ = [
    "AsyncNetwork",
    "AsyncSender",
    "AsyncStreamer",
    "AsyncTerminal",
    "Network",
    "Sender",
    "Streamer",
    "Terminal",
    "ask_at_terminal",
    "show_on_stderr",
]


class Sender(Protocol):
    """What a world needs of a `Transport`."""

    def send(self, request: Request, timeout: float | None = None) -> Response:
        """Return the answer, whatever its status."""
        ...


class AsyncSender(Protocol):
    """What an asynchronous world needs of an `AsyncTransport`."""

    async def send(self, request: Request, timeout: float | None = None) -> Response:  # noqa: ASYNC109  # see transport.py
        """Return the answer, whatever its status."""
        ...


class Streamer(Sender, Protocol):
    """A transport that also hands out answers before their bodies are there."""

    def open(self, request: Request, timeout: float | None = None) -> Incoming:
        """Return the answer, whatever its status, its body unread."""
        ...


class AsyncStreamer(AsyncSender, Protocol):
    """The same on an event loop."""

    async def open(self, request: Request, timeout: float | None = None) -> Incoming:  # noqa: ASYNC109  # as above
        """Return the answer, whatever its status, its body unread."""
        ...


def _streaming(transport: object) -> Any:  # noqa: ANN401  # a Streamer or an AsyncStreamer
    """Return a transport that can open.

    Raises:
        UsageError: it was made to send only.
    """
    if not hasattr(transport, "open"):
        raise UsageError(
            "The transport that was given cannot hand out an answer in parts.",
            next_step="Give it the method open(request, timeout), as gemauth's own have it.",
        )
    return transport


def _chance() -> float:
    """Return a number from 0 to 1; `random` would load four modules for it."""
    return int.from_bytes(os.urandom(4), "big") / 2**32


class Network:
    """Sends, waits, tells the time, reads and writes files; there is nobody to ask.

    Args:
        transport: sends the requests.
        clock: tells the time.
        sleep: lets seconds pass.
        chance: yields numbers from 0 to 1, for waits that are spread.
    """

    def __init__(
        self,
        transport: Sender,
        *,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = _chance,
    ) -> None:
        self.transport = transport
        self.clock = clock or SystemClock()
        self.sleep = sleep
        self.chance = chance

    def do(self, step: Step) -> Any:  # noqa: ANN401, PLR0911  # each step names its answer
        """Carry out one step and return its answer.

        Raises:
            UsageError: the step needs a person.
        """
        match step:
            case Send(request, timeout):
                return self.transport.send(request, timeout)
            case Now():
                return self.clock.now()
            case Open(request, timeout):
                return _streaming(self.transport).open(request, timeout)
            case Read(incoming):
                return incoming.read()
            case Wait(seconds, spread):
                return self.sleep(seconds + spread * self.chance())
            case Acquire(lock, patience):
                return lock.acquire(patience)
            case Disk(work):
                return work()
            case Spawn(flow):
                return self._spawn(flow)
            case _:
                raise UsageError(
                    "This step of the flow needs a person at a terminal.",
                    next_step="Sign in first: gemauth login --client-id-file FILE",
                )

    def _spawn(self, flow: Flow[None]) -> None:
        """Run a flow on a thread that the end of the process does not wait for."""
        world = Network(self.transport, clock=self.clock, sleep=self.sleep, chance=self.chance)
        thread = threading.Thread(
            target=run, args=(flow, world), name="gemauth-background", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:  # the interpreter ends, or there are too many threads: not now
            flow.close()

    def close(self) -> None:
        """Nothing is open: the transport belongs to the caller."""


class Terminal(Network):
    """A network with a person: stderr, questions, a browser and the loopback listener.

    Args:
        transport: sends the requests.
        clock: tells the time.
        sleep: lets seconds pass.
        show: tells the person a line.
        ask: asks the person for a line; may raise UsageError where nobody can answer.
        browser: opens a URL, and says whether it could; None takes this machine's.
    """

    def __init__(
        self,
        transport: Sender,
        *,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = time.sleep,
        show: Callable[[str], None] | None = None,
        ask: Callable[[str], str] | None = None,
        browser: Callable[[str], bool] | None = None,
    ) -> None:
        super().__init__(transport, clock=clock, sleep=sleep)
        self._show = show or show_on_stderr
        self._ask = ask
        self._browser = browser
        self._listener: Listener | None = None

    def do(self, step: Step) -> Any:  # noqa: ANN401  # as in Network
        """Carry out one step and return its answer.

        Raises:
            UsageError: nobody can be asked, or the port is in use.
        """
        match step:
            case Show(text):
                return self._show(text)
            case OpenBrowser(url):
                return (self._browser or _opener())(url)
            case Ask(prompt, secret):
                return self._ask(prompt) if self._ask else ask_at_terminal(prompt, secret=secret)
            case Bind() | Receive() | Reply():
                return self._listen(step)
            case _:
                return super().do(step)

    def close(self) -> None:
        """Close the listener, if there is one."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _listen(self, step: Bind | Receive | Reply) -> str | None:
        if isinstance(step, Bind):
            from gemauth.client.listener import Listener  # for a sign-in too

            self.close()
            self._listener = Listener(step.port)
            return self._listener.url
        assert self._listener is not None, "a flow binds before it receives"
        if isinstance(step, Receive):
            return self._listener.receive(step.timeout)
        self._listener.reply(step.status, step.html)
        return None


# An event loop refers to its tasks weakly only.
_background: set[asyncio.Task[None]] = set()


class AsyncNetwork:
    """`Network` on an event loop."""

    def __init__(
        self,
        transport: AsyncSender,
        *,
        clock: Clock | None = None,
        chance: Callable[[], float] = _chance,
    ) -> None:
        self.transport = transport
        self.clock = clock or SystemClock()
        self.chance = chance

    async def do(self, step: Step) -> Any:  # noqa: ANN401, PLR0911  # as in Network
        """Carry out one step and return its answer; errors as `Network.do`."""
        match step:
            case Send(request, timeout):
                return await self.transport.send(request, timeout)
            case Now():
                return self.clock.now()
            case Open(request, timeout):
                return await _streaming(self.transport).open(request, timeout)
            case Read(incoming):
                return await incoming.read_async()
            case Wait(seconds, spread):
                return await _sleep(seconds + spread * self.chance())
            case Acquire(lock, patience):
                return await lock.acquire_async(patience)
            case Disk(work):
                return await _on_a_thread(work)
            case Spawn(flow):
                return self._spawn(flow)
            case _:
                raise UsageError("This step of the flow needs a person at a terminal.")

    def _spawn(self, flow: Flow[None]) -> None:
        import asyncio

        task = asyncio.create_task(arun(flow, self), name="gemauth-background")
        _background.add(task)
        task.add_done_callback(_background.discard)

    async def close(self) -> None:
        """Nothing is open: the transport belongs to the caller."""


class AsyncTerminal:
    """`Terminal` on an event loop: each step runs on a worker thread, one at a time.

    A cancelled task closes the listener, which wakes the thread that waits for it.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    async def do(self, step: Step) -> Any:  # noqa: ANN401  # as in Network
        """Carry out one step and return its answer; errors as `Terminal.do`."""
        match step:
            case Wait(seconds, spread):
                return await _sleep(seconds + spread * self._terminal.chance())
            case Acquire(lock, patience):
                return await lock.acquire_async(patience)
            case _:
                return await _on_a_thread(lambda: self._terminal.do(step))

    async def close(self) -> None:
        """Close the listener, if there is one."""
        self._terminal.close()


async def _sleep(seconds: float) -> None:
    import asyncio  # loads with the first event loop: synchronous commands start without it

    await asyncio.sleep(seconds)


async def _on_a_thread(work: Callable[[], Any]) -> Any:  # noqa: ANN401  # the work's own answer
    import asyncio

    return await asyncio.to_thread(work)


def _opener() -> Callable[[str], bool]:
    from gemauth.client.browser import open_browser  # 8 ms that only a sign-in needs

    return open_browser


def show_on_stderr(text: str) -> None:
    """Tell the person a line: stderr, so that stdout stays for results."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def ask_at_terminal(prompt: str, *, secret: bool = False) -> str:
    """Ask the person at this process's terminal for one line, stripped.

    Raises:
        UsageError: standard input is no terminal, or has ended.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask at.",
            next_step="Run this in a terminal, or sign in where a browser can be opened; "
            "in a notebook, pass ask=input.",
        )
    if secret:
        from getpass import getpass

        return getpass(prompt).strip()
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise UsageError("The input ended before the answer came.")
    return line.strip()
