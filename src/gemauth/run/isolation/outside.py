"""The outside of `--isolate`: serves an isolated child's listeners from the emulator's network.

A socket stays in the namespace it was made in, whoever holds it: what is accepted here was
connected inside. Each connection is carried to the emulator's port as it is, TLS included, except
one that asks the emulator as a proxy for a tunnel to somewhere else: that would leave.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from gemauth.emulator.front.connect import Refusal, Target
from gemauth.errors import Fault, UsageError
from gemauth.google.hosts import is_googles
from gemauth.run.isolation import names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Isolation", "IsolationForbiddenError", "isolated"]

_MOST_LISTENERS = 16
_CHUNK = 2**16
_CONNECT = b"CONNECT "
_LONGEST_LINE = 512  # bytes: longer than any that names a target
_START = 30.0  # seconds


class IsolationForbiddenError(UsageError):
    """The system permits no namespaces."""

    default_fault = Fault.MACHINE

    def __init__(self, why: str) -> None:
        super().__init__(
            f"--isolate needs namespaces of Linux, which this system does not permit: {why}.",
            next_step="Run without --isolate, or permit them: a container needs a seccomp profile "
            "that allows unshare (docker run --security-opt seccomp=unconfined), Ubuntu needs "
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0.",
        )


class Isolation:
    """How to start one isolated child; `wrap` and `descriptors` are for its `Popen`."""

    def __init__(self, address: str, folder: Path) -> None:
        parts = urlsplit(address)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._folder = folder
        self._ours, self._theirs = socket.socketpair()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._serve, name="gemauth-isolation", daemon=True)

    @property
    def descriptors(self) -> tuple[int, ...]:
        """The descriptors that the child has to inherit."""
        return (self._theirs.fileno(),)

    def wrap(self, command: Sequence[str]) -> list[str]:
        """Return the command that enters the namespaces and becomes this one."""
        return self._inside(self._theirs, self._target[1], command)

    def check(self) -> None:
        """Try the namespaces.

        Raises:
            IsolationForbiddenError: the system permits none.
        """
        ours, theirs = socket.socketpair()
        with ours, theirs:
            subprocess.run(  # noqa: S603  # our own module
                self._inside(theirs, 0, ()),
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                check=False,
                timeout=_START,
            )
            theirs.close()
            said = json.loads(ours.recv(_CHUNK) or b'{"error": "the attempt ended without a word"}')
        if "error" in said:
            raise IsolationForbiddenError(said["error"])

    def _inside(self, theirs: socket.socket, port: int, command: Sequence[str]) -> list[str]:
        """Return how `namespace.py` is run; without a command it only tries."""
        # By its path: -m would import this package first, and asyncio with it, before each command.
        module = str(Path(__file__).with_name("namespace.py"))
        words = [str(theirs.fileno()), str(port), str(self._folder), "--", *command]
        return [sys.executable, "-I", "-S", module, *words]

    def start(self) -> None:
        """Begin to wait for the child's listeners."""
        self._thread.start()

    def close(self) -> None:
        """Stop serving; every connection ends."""
        with contextlib.suppress(OSError):
            self._ours.shutdown(socket.SHUT_RDWR)  # a child that never came
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended already
                loop.call_soon_threadsafe(stop.set)
        if self._thread.is_alive():
            self._thread.join(_START)
        self._ours.close()
        self._theirs.close()

    def _serve(self) -> None:
        _, descriptors, _, _ = socket.recv_fds(self._ours, _CHUNK, _MOST_LISTENERS)
        if not descriptors:
            return
        sockets = [socket.socket(fileno=number) for number in descriptors]
        try:
            asyncio.run(self._carry(sockets))
        finally:
            for each in sockets:
                each.close()

    async def _carry(self, sockets: list[socket.socket]) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        *listeners, asked = sockets
        for each in sockets:
            each.settimeout(0)
        transport, _ = await self._loop.create_datagram_endpoint(_Names, sock=asked)
        servers = [await asyncio.start_server(self._connection, sock=each) for each in listeners]
        self._ours.sendall(b"1")
        await self._stop.wait()
        transport.close()
        for server in servers:
            server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            begin = await _beginning(reader)
            refusal = _refusal(begin)
            if refusal is not None:
                writer.write(refusal.to_bytes())
                await writer.drain()
                return
            near, far = await asyncio.open_connection(*self._target)
            try:
                far.write(begin)
                await asyncio.gather(_pump(reader, far), _pump(near, writer))
            finally:
                far.close()
        except (OSError, asyncio.CancelledError):
            pass  # one of the two is gone, or the run; asyncio logs a cancelled task as a defect
        finally:
            writer.close()


class _Names(asyncio.DatagramProtocol):
    """The name server's socket."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        reply = names.answer(data)
        if reply is not None:
            self._transport.sendto(reply, addr)


async def _beginning(reader: asyncio.StreamReader) -> bytes:
    """Return a connection's first bytes: of a CONNECT, all that names its target."""
    begin = b""
    while _CONNECT.startswith(begin[: len(_CONNECT)]):
        more = b"" if b"\n" in begin or len(begin) > _LONGEST_LINE else await reader.read(_CHUNK)
        if not more:
            break
        begin += more
    return begin


def _refusal(begin: bytes) -> Refusal | None:
    """Return why a connection ends here; what is Google's or malformed, the emulator judges."""
    target = Target.of(begin)
    if target is None or is_googles(target.host):
        return None
    return Refusal(
        403,
        f"{target} is outside",
        f"This program runs isolated (gemauth emulator run --isolate), and nothing is carried to "
        f"{target}.",
    )


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes one way until their end; the other way may go on (a half-closed connection)."""
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()


@contextmanager
def isolated(address: str, folder: Path) -> Iterator[Isolation]:
    """Serve one isolated child while the block runs.

    Args:
        address: the emulator's, such as `http://127.0.0.1:8085`.
        folder: of the run; holds `bundle.pem`, the authorities that the child is to trust.

    Raises:
        IsolationForbiddenError: the system permits no namespaces.
    """
    isolation = Isolation(address, folder)
    try:
        isolation.check()
        isolation.start()
        yield isolation
    finally:
        isolation.close()
