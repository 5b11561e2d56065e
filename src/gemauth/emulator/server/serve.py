"""Run an emulator: in this process until a signal (`serve`), or on any event loop (`opened`).

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

from uvicorn.config import Config
from uvicorn.server import Server

from gemauth.clock import Clock, rfc3339
from gemauth.emulator.app import build, open_context
from gemauth.emulator.server import announcement, lock
from gemauth.emulator.server.announcement import Announcement
from gemauth.emulator.server.banner import Started
from gemauth.emulator.server.guard import Guard
from gemauth.emulator.server.listener import listen, loopback, url_of
from gemauth.emulator.server.protocol import Protocol

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from gemauth.emulator.context import Context, Entropy
    from gemauth.emulator.settings import Settings

__all__ = ["Opened", "opened", "serve"]

GRACE = 3
"""Seconds that requests in flight have to finish at a stop."""
KEEP_ALIVE = 65
"""Seconds that an idle connection is kept: longer than the 60 that clients commonly reuse one."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An emulator, ready to run: `await run()` ends after `stop()`, called from any thread."""

    context: Context
    started: Started
    server: _Server
    listener: socket.socket

    async def run(self) -> None:
        """Answer requests until `stop`."""
        await self.server.serve([self.listener])

    def stop(self) -> None:
        """Have `run` finish what it is answering, and return."""
        self.server.should_exit = True


def serve(
    settings: Settings,
    announce: Callable[[Started], None],
    log: TextIO,
    *,
    log_requests: bool = False,
    clock: Clock | None = None,
    entropy: Entropy = secrets.token_bytes,
) -> None:
    """Run an emulator in this process until SIGTERM or SIGINT.

    Args:
        settings: where it listens and keeps its data.
        announce: called once, when connections are accepted.
        log: where defects are told.
        log_requests: whether each request's method, path and status are told too.
        clock: the time; the machine's own by default.
        entropy: randomness.

    Raises:
        UsageError: the address is not this machine's own.
        PortTakenError: something listens there already.
        FolderInUseError: another emulator runs on the data folder.
        StoreUnreadableError: the data folder holds something else.
        StatusError: the seed file declares something impossible.
        DataError: the seed file cannot be read.
    """
    with opened(
        settings, announce, log, log_requests=log_requests, clock=clock, entropy=entropy
    ) as emulator:
        asyncio.run(emulator.run())


@contextmanager
def opened(
    settings: Settings,
    announce: Callable[[Started], None],
    log: TextIO,
    *,
    log_requests: bool = False,
    clock: Clock | None = None,
    entropy: Entropy = secrets.token_bytes,
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

        app = Guard(build(context), context, log, requests=log_requests)
        server = _Server(
            Config(
                app,
                http=Protocol,
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=GRACE,
            ),
            ready,
        )
        yield Opened(context, started, server, listener)


def _withdraw(settings: Settings) -> None:
    if settings.data is not None:
        announcement.remove(settings.data)


class _Server(Server):
    """uvicorn's server, which tells when it listens, and ends with its caller's own exit code."""

    def __init__(self, config: Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell."""
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGTERM and SIGINT; uvicorn would raise them again afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        handled = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in handled}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
