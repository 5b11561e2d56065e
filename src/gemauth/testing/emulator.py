"""An emulator for tests: in a thread of the test's own process, or in a process of its own.

`EmulatorServer` starts fast and its clock can be a `FakeClock`; `EmulatorProcess` is the real
command, for tests of what only a process does. Both are context managers.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from collections import deque
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from gemauth.client.control import Control
from gemauth.emulator.settings import Settings
from gemauth.errors import GemauthError
from gemauth.run.served import START, served

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import TextIO

    from gemauth.clock import Clock
    from gemauth.emulator.context import Context, Entropy
    from gemauth.emulator.server.serve import Opened

__all__ = ["EmulatorProcess", "EmulatorServer"]


class EmulatorServer:
    """An emulator on a free port of 127.0.0.1, run by a thread.

    Args:
        settings: in memory and on any free port by default.
        clock: the machine's own by default, since official clients read that one too.
        entropy: `secrets.token_bytes` by default.
        log: where defects are told; standard error by default.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        clock: Clock | None = None,
        entropy: Entropy = secrets.token_bytes,
        log: TextIO | None = None,
    ) -> None:
        self._clock = clock
        self._settings = settings or Settings()
        self._entropy = entropy
        self._log = log
        self._stack = ExitStack()
        self._emulator: Opened

    def __enter__(self) -> Self:
        """Start it; it answers when this returns."""
        self._emulator = self._stack.enter_context(
            served(
                self._settings,
                self._log or sys.stderr,
                clock=self._clock,
                entropy=self._entropy,
            )
        )
        self.control = self._stack.enter_context(Control(self.address))
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it; nothing of it is left when this returns."""
        self._stack.close()

    @property
    def address(self) -> str:
        """Its address, such as `http://127.0.0.1:41234`, for GEMAUTH_EMULATOR."""
        return self._emulator.started.address

    @property
    def context(self) -> Context:
        """Its store, clock and randomness: a test may look at what was kept."""
        return self._emulator.context


class EmulatorProcess:
    """`gemauth emulator start` in a process of its own, on a free port of 127.0.0.1.

    Args:
        data: its data folder; in memory where None.
        environ: its environment.
        arguments: more of the command's arguments.
    """

    def __init__(
        self,
        data: Path | None = None,
        *,
        environ: Mapping[str, str] = os.environ,
        arguments: Sequence[str] = (),
    ) -> None:
        where = ["--in-memory"] if data is None else ["--data", str(data)]
        self._words = ["emulator", "start", "--port", "0", *where, "--format", "json", *arguments]
        self._environ = dict(environ)
        self._talk: deque[str] = deque(maxlen=200)

    def __enter__(self) -> Self:
        """Start it; it answers when this returns.

        Raises:
            GemauthError: it ended instead; the message is what it wrote.
        """
        self.process = subprocess.Popen(  # noqa: S603  # our own command
            [sys.executable, "-m", "gemauth", *self._words],
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()
        line = self.process.stdout.readline()
        if not line:
            self.__exit__()
            raise GemauthError(f"The emulator did not start:\n{self.talk}")
        self.address: str = json.loads(line)["address"]
        self.control = Control(self.address)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it with SIGTERM, if it still runs, and wait for its end."""
        self.process.terminate()
        self._end()

    def kill(self) -> None:
        """End it at once (SIGKILL), as a crash would, and wait for its end."""
        self.process.kill()
        self._end()

    @property
    def talk(self) -> str:
        """What it has written to standard error, the last 200 lines."""
        return "".join(self._talk)

    def _listen(self) -> None:
        assert self.process.stderr is not None
        self._talk.extend(self.process.stderr)

    def _end(self) -> None:
        try:
            self.process.wait(START)
        finally:
            self.process.kill()
            self._reader.join(START)
            for stream in (self.process.stdout, self.process.stderr):
                if stream is not None:
                    stream.close()
            if hasattr(self, "control"):
                self.control.close()
