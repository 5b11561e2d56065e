"""Run an emulator: in this process until a signal (`serve`), or wherever one likes (`opened`).

Order matters: the address is checked before anything is touched, the lock is taken before the
database is opened, and the start is announced only when connections are accepted.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from gemauth.clock import Clock, rfc3339
from gemauth.emulator.app import build, open_context
from gemauth.emulator.front.front import Front
from gemauth.emulator.server import announcement, lock
from gemauth.emulator.server.announcement import Announcement
from gemauth.emulator.server.banner import Started
from gemauth.emulator.server.guard import Guard, writer
from gemauth.emulator.server.listener import listen, loopback, url_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Mapping

    from gemauth.emulator.context import Context, Entropy
    from gemauth.emulator.settings import Settings

__all__ = ["Opened", "opened", "serve"]


@dataclass(frozen=True, slots=True)
class Opened:
    """An emulator, ready to run: `answer()` ends after `stop()`, called from any thread."""

    context: Context
    started: Started
    front: Front
    listener: socket.socket
    ready: Callable[[], None]

    def answer(self) -> None:
        """Answer requests until `stop`, on an event loop of its own.

        A selector's, also where another is the default (Windows): the front waits for first bytes
        by `add_reader`.
        """
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self.run())

    async def run(self) -> None:
        """Answer requests until `stop`."""
        with _stopped_by_signals(self.front):
            await self.front.serve([self.listener], self.ready)

    def stop(self) -> None:
        """Have `run` finish what it is answering, and return."""
        self.front.stop()


def serve(
    settings: Settings,
    announce: Callable[[Started], None],
    log: TextIO,
    *,
    log_requests: bool = False,
    clock: Clock | None = None,
    entropy: Entropy = secrets.token_bytes,
    environ: Mapping[str, str] | None = None,
) -> None:
    """Run an emulator in this process until SIGTERM or SIGINT.

    Args:
        settings: where it listens and keeps its data.
        announce: called once, when connections are accepted.
        log: where defects are told.
        log_requests: whether each request's method, path and status are told too.
        clock: the time; the machine's own by default.
        entropy: randomness.
        environ: where HTTPS_PROXY and NO_PROXY are, through which tunnels to others go.

    Raises:
        UsageError: the address is not this machine's own.
        PortTakenError: something listens there already.
        FolderInUseError: another emulator runs on the data folder.
        StoreUnreadableError: the data folder holds something else.
        StatusError: the seed file declares something impossible.
        DataError: the seed file cannot be read.
    """
    with opened(
        settings,
        announce,
        log,
        log_requests=log_requests,
        clock=clock,
        entropy=entropy,
        environ=environ,
    ) as emulator:
        emulator.answer()


@contextmanager
def opened(
    settings: Settings,
    announce: Callable[[Started], None],
    log: TextIO,
    *,
    log_requests: bool = False,
    clock: Clock | None = None,
    entropy: Entropy = secrets.token_bytes,
    environ: Mapping[str, str] | None = None,
) -> Iterator[Opened]:
    """Open an emulator's socket, lock and store, and close them at the end; see `serve`."""
    loopback(settings.host)
    with ExitStack() as stack:
        if settings.data is not None:
            stack.enter_context(lock.locked(settings.data))
        listener = stack.enter_context(contextlib.closing(listen(settings.host, settings.port)))
        context = open_context(settings, clock=clock, entropy=entropy)
        stack.callback(context.store.close)
        address = url_of(listener)
        if settings.seed is not None:
            from gemauth.emulator.control.seed_file import load

            load(context, settings.seed, address)
        started = Started(address, os.getpid(), rfc3339(int(context.clock.now())), settings)
        stack.callback(_withdraw, settings)

        def ready() -> None:
            if settings.data is not None:
                announcement.write(
                    settings.data, Announcement(started.address, started.pid, started.started)
                )
            announce(started)

        write = writer(log)

        def told(host: str, port: int, status: int) -> None:
            target = f"{host}:{port}"
            with context.ledger.open(
                context.clock.now(),
                transport="connect",
                tls=False,
                host=host,
                verb="CONNECT",
                path=target,
                agent="",
            ) as entry:
                entry.status = status
            if log_requests:
                write(f"CONNECT {target} {status}\n")

        front = Front(
            Guard(build(context), context, log, requests=log_requests),
            context.authority,
            context.clock,
            tunnel_other_hosts=settings.tunnel_other_hosts,
            environ=environ,
            log=write,
            told=told,
        )
        yield Opened(context, started, front, listener, ready)


def _withdraw(settings: Settings) -> None:
    if settings.data is not None:
        announcement.remove(settings.data)


@contextmanager
def _stopped_by_signals(front: Front) -> Iterator[None]:
    """Have SIGTERM and SIGINT stop a front, where this is the process's main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handled = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: front.stop()) for number in handled}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
