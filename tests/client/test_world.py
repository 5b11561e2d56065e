from __future__ import annotations

import asyncio
import io
import sys
import threading
import urllib.request
from typing import Any

import pytest

from gemauth.client.cache.lock import Turn
from gemauth.client.world import (
    AsyncNetwork,
    AsyncTerminal,
    Network,
    Terminal,
    ask_at_terminal,
    show_on_stderr,
)
from gemauth.errors import UsageError
from gemauth.flow import (
    Acquire,
    Ask,
    Bind,
    Disk,
    Flow,
    Now,
    OpenBrowser,
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
from gemauth.http import Request, Response
from gemauth.testing.clock import FakeClock
from tests.client.transcript import AsyncSender, Sender

REQUEST = Request("GET", "http://127.0.0.1/")


def steps(*wanted: Step) -> Flow[list[Any]]:
    """Return a flow of these steps; its result is their answers."""
    answers = []
    for step in wanted:
        answer = yield step
        answers.append(answer)
    return answers


class Tty(io.StringIO):
    def isatty(self) -> bool:
        """Claim to be a terminal."""
        return True


def test_a_network_sends_waits_and_tells_the_time() -> None:
    """The three steps that need no person."""
    slept: list[float] = []
    network = Network(Sender(Response(204)), clock=FakeClock(7.0), sleep=slept.append)
    assert run(steps(Send(REQUEST), Wait(2.0), Now()), network) == [Response(204), None, 7.0]
    assert slept == [2.0]


@pytest.mark.parametrize("step", [Show("x"), Ask("x"), Bind(), OpenBrowser("x")])
def test_a_network_has_no_person(step: Step) -> None:
    """A flow that needs somebody says so instead of hanging."""
    with pytest.raises(UsageError, match="person"):
        run(steps(step), Network(Sender()))
    with pytest.raises(UsageError, match="person"):
        asyncio.run(arun(steps(step), AsyncNetwork(AsyncSender())))


def test_an_asynchronous_network() -> None:
    """The same three steps on an event loop."""
    network = AsyncNetwork(AsyncSender(Response(204)), clock=FakeClock(7.0))
    answers = asyncio.run(arun(steps(Send(REQUEST), Wait(0.0), Now()), network))
    assert answers == [Response(204), None, 7.0]


def test_waits_are_spread_by_chance() -> None:
    """`spread` seconds at most come on top, by a number from 0 to 1 that is an argument."""
    slept: list[float] = []
    network = Network(Sender(), sleep=slept.append, chance=lambda: 0.5)
    run(steps(Wait(2.0, 1.0)), network)
    assert slept == [2.5]
    run(steps(*[Wait(1.0, 1.0)] * 20), Network(Sender(), sleep=slept.append))
    assert all(1.0 <= seconds <= 2.0 for seconds in slept[1:])
    assert len(set(slept)) > 10
    asyncio.run(arun(steps(Wait(0.0, 0.001)), AsyncNetwork(AsyncSender())))


def test_locks_and_files() -> None:
    """A world acquires the lock that the step names, and does a file's work."""
    turn = Turn()
    assert run(steps(Acquire(turn, 1.0), Acquire(turn, 0.0)), Network(Sender())) == [True, False]
    work = Disk(lambda: threading.current_thread() is threading.main_thread())
    assert run(steps(work), Network(Sender())) == [True]


@pytest.mark.parametrize(
    "world", [lambda: AsyncNetwork(AsyncSender()), lambda: AsyncTerminal(terminal())]
)
def test_an_event_loop_does_not_wait_for_locks_and_files(world: Any) -> None:
    """A lock is waited for by the loop's own means, and a disk on a thread."""
    turn = Turn()
    assert turn.acquire(0.0)
    work = Disk(lambda: threading.current_thread() is threading.main_thread())

    async def go() -> None:
        waiting = asyncio.create_task(arun(steps(Acquire(turn, 30.0), work), world()))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        turn.release()
        assert await waiting == [True, False]

    asyncio.run(go())


def test_a_flow_in_the_background() -> None:
    """It runs on a thread of its own, or as a task, and its caller goes on at once."""
    began, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def background() -> Flow[None]:
        began.set()
        yield Disk(lambda: may_end.wait(10))
        ended.set()

    assert run(steps(Spawn(background())), Network(Sender())) == [None]
    assert began.wait(10)
    assert not ended.is_set()
    may_end.set()
    assert ended.wait(10)
    ended.clear()

    async def go() -> None:
        network = AsyncNetwork(AsyncSender())
        assert await arun(steps(Spawn(background())), network) == [None]
        assert not ended.is_set()
        assert await asyncio.to_thread(ended.wait, 10)

    asyncio.run(go())


def test_no_thread_for_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no thread can be started the flow is not run, and its caller is none the worse."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert run(steps(Spawn(visits_nothing())), Network(Sender())) == [None]


def visits_nothing() -> Flow[None]:
    """Return a flow that must not run."""
    yield Show("never")


def terminal(**options: Any) -> Terminal:
    """Return a world whose person answers and whose browser does not start."""
    given: dict[str, Any] = {"show": lambda _: None, "ask": str.upper, "browser": lambda _: False}
    return Terminal(Sender(), **(given | options))


def test_a_terminal_has_a_person() -> None:
    """Showing, asking and the browser are the functions it was given; the rest is a network."""
    shown: list[str] = []
    world = terminal(show=shown.append, clock=FakeClock(7.0))
    assert run(steps(Show("hello"), Ask("who? "), OpenBrowser("x"), Now()), world) == [
        None,
        "WHO? ",
        False,
        7.0,
    ]
    assert shown == ["hello"]


def visits() -> Flow[str | None]:
    """Listen, visit ourselves, answer."""
    url = yield Bind()
    yield OpenBrowser(url)
    received: str | None = yield Receive(5.0)
    yield Reply(200, "done")
    return received


def browse(url: str) -> bool:
    """Open a URL on another thread, as a browser does."""
    visit = threading.Thread(target=lambda: urllib.request.urlopen(f"{url}?x=1", timeout=5).close())
    visit.start()
    return True


def test_a_terminal_listens() -> None:
    """Bind, Receive and Reply work on a real socket, which the end of the flow closes."""
    world = terminal(browser=browse)
    received = run(visits(), world)
    assert received is not None
    assert received.endswith("/?x=1")
    again = run(steps(Bind(int(received.split(":")[2].split("/")[0]))), world)
    assert again[0].startswith("http://127.0.0.1:")


def test_an_asynchronous_terminal_listens() -> None:
    """The same flow on an event loop, each step on a worker thread."""
    received = asyncio.run(arun(visits(), AsyncTerminal(terminal(browser=browse))))
    assert received is not None


def test_a_cancelled_task_closes_the_listener() -> None:
    """Cancelling does not wait for the person."""

    async def cancel() -> None:
        task = asyncio.create_task(arun(steps(Bind(), Receive(30.0)), AsyncTerminal(terminal())))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(cancel(), 5))


def test_waiting_does_not_block_the_loop() -> None:
    """An asynchronous terminal's Wait is the loop's own sleep."""
    world = AsyncTerminal(terminal(sleep=lambda _: pytest.fail("slept on a thread")))
    assert asyncio.run(arun(steps(Wait(0.0)), world)) == [None]


def test_show_writes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """Results alone go to stdout."""
    show_on_stderr("hello")
    assert capsys.readouterr() == ("", "hello\n")


def test_ask_takes_a_line_at_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The prompt goes to stderr, the answer is stripped."""
    monkeypatch.setattr(sys, "stdin", Tty(" 4/0A \n"))
    assert run(steps(Ask("Code: ")), Terminal(Sender())) == ["4/0A"]
    assert capsys.readouterr() == ("", "Code: ")


def test_ask_hides_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret line is asked for with getpass."""
    monkeypatch.setattr(sys, "stdin", Tty())
    monkeypatch.setattr("getpass.getpass", lambda prompt: f" {prompt} ")
    assert ask_at_terminal("Key", secret=True) == "Key"


@pytest.mark.parametrize("stdin", [None, io.StringIO("4/0A\n"), Tty("")])
def test_nobody_to_ask(stdin: io.StringIO | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No terminal, or an input at its end: an error instead of a hang or an empty answer."""
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(UsageError):
        ask_at_terminal("Code: ")
