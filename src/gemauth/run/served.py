"""An emulator in a thread of this process, for as long as one program runs, or one test.

A thread, because it starts no second Python and cannot outlive us.
"""

from __future__ import annotations

import secrets
import signal
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TextIO

from gemauth.emulator.server.serve import opened
from gemauth.errors import Fault, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gemauth.clock import Clock
    from gemauth.emulator.context import Entropy
    from gemauth.emulator.server.serve import Opened
    from gemauth.emulator.settings import Settings

__all__ = ["START", "served"]

START = 20.0
"""Seconds to wait for its start: far more than it takes, for a busy machine."""


@contextmanager
def served(
    settings: Settings,
    log: TextIO,
    environ: Mapping[str, str] | None = None,
    *,
    clock: Clock | None = None,
    entropy: Entropy = secrets.token_bytes,
) -> Iterator[Opened]:
    """Lend a new emulator that answers; nothing of it is left when the block ends.

    Args:
        settings: its own.
        log: where defects are told.
        environ: names the proxy for other hosts, where they are carried.
        clock: the time; the machine's own by default.
        entropy: randomness.

    Raises:
        GemauthError: as `gemauth.emulator.server.serve.serve`.
    """
    ready = threading.Event()
    with ExitStack() as stack:
        emulator = stack.enter_context(
            opened(
                settings,
                lambda _: ready.set(),
                log,
                clock=clock,
                entropy=entropy,
                environ=environ,
            )
        )
        thread = threading.Thread(target=emulator.answer, name="gemauth-emulator")
        with _signals_elsewhere():
            thread.start()
        stack.callback(thread.join)
        stack.callback(emulator.stop)
        if not ready.wait(START):
            raise UnreachableError(
                f"The emulator did not start within {START:.0f} seconds.", fault=Fault.MACHINE
            )
        yield emulator


@contextmanager
def _signals_elsewhere() -> Iterator[None]:
    """Have threads that start here, and theirs, leave every signal to the thread that waits."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
