"""Connections on an event loop: the twin of `connection.py`, for many requests in flight.

The bytes, the way, the trust and what an error means are the same code; only the waiting differs.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from gemauth.client.connections.connection import (
    CONNECT_TIMEOUT,
    FAILURES,
    LONGEST_IDLE,
    MOST_IDLE,
    NotConnectedError,
    NotInTimeError,
    ProxyRefusedError,
    proxy_address,
    readable,
    tunnel_request,
    unreachable,
    way,
)
from gemauth.client.connections.http1 import Answer, CutOffError, NotHttpError, encode
from gemauth.client.connections.trust import Trust
from gemauth.client.connections.unreachable import cause
from gemauth.http import Headers, Response

if TYPE_CHECKING:
    from gemauth.client.connections.connection import Way
    from gemauth.http import Request

__all__ = ["AsyncConnections"]

_RECEIVE = 65_536  # bytes at a time


class AsyncConnections:
    """A pool of connections for each event loop that uses it."""

    def __init__(self) -> None:
        self._trust: Trust | None = None
        self._idle: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Way, list[_Connection]]]
        self._idle = WeakKeyDictionary()

    async def exchange(self, request: Request, *, proxy: str | None, seconds: float) -> Response:
        """Send a request and return its answer; as `Connections.exchange`.

        Raises:
            UnreachableError: no answer came.
        """
        loop = asyncio.get_running_loop()
        there = way(request.url, proxy)
        try:
            data = encode(request.method, request.url, request.headers, request.body)
            connection = _taken(self._pool(loop).setdefault(there, []))
            if connection is None:
                try:
                    async with asyncio.timeout(min(seconds, CONNECT_TIMEOUT)):
                        connection = await self._opened(loop, there)
                except TimeoutError:
                    raise NotInTimeError from None
            try:
                answer = await connection.exchange(data, request.method, seconds)
            except BaseException:
                connection.abort()
                raise
        except FAILURES as error:
            raise unreachable(error, request.url, proxy, seconds) from None
        idle = self._pool(loop).setdefault(there, [])  # `close` may have taken it away meanwhile
        if answer.keeps_open and connection.at_rest and len(idle) < MOST_IDLE:
            connection.kept = monotonic()
            idle.append(connection)
        else:
            connection.close()
        return Response(answer.status, Headers(answer.headers), answer.body)

    async def close(self) -> None:
        """Close what is idle on the running loop; other loops' ended with them."""
        closing = self._idle.pop(asyncio.get_running_loop(), {})
        connections = [connection for some in closing.values() for connection in some]
        for connection in connections:
            connection.close()
        for connection in connections:
            await connection.closed()

    def __del__(self) -> None:
        for pools in self._idle.values():
            _abort_all(pools)

    def _pool(self, loop: asyncio.AbstractEventLoop) -> dict[Way, list[_Connection]]:
        """Return what is idle on a loop.

        With a new loop, those are let go that ended before `close`: their connections would hold
        them for ever.
        """
        pool = self._idle.get(loop)
        if pool is None:
            for held in self._idle.keyrefs():  # a list: other threads' loops come and go meanwhile
                other = held()
                if other is not None and other.is_closed():
                    _abort_all(self._idle.pop(other, {}))
            pool = self._idle[loop] = {}
        return pool

    async def _opened(self, loop: asyncio.AbstractEventLoop, there: Way) -> _Connection:
        if not there[0]:
            return await _reached(loop, there)
        trust = self._trust = self._trust or Trust()
        context = trust.context
        try:
            return await _secured(loop, there, context)
        except ssl.SSLError as error:
            if not trust.widen(error, context):
                raise
        return await _secured(loop, there, trust.context)


def _taken(idle: list[_Connection]) -> _Connection | None:
    """Return a connection that is open still, or None."""
    while idle:
        connection = idle.pop()
        # The loop may have been away while the other side closed it.
        fresh = monotonic() - connection.kept < LONGEST_IDLE and connection.open
        if fresh and not readable(connection.transport.get_extra_info("socket")):
            return connection
        connection.close()
    return None


def _abort_all(pools: dict[Way, list[_Connection]]) -> None:
    for connections in pools.values():
        for connection in connections:
            with suppress(RuntimeError):  # its event loop is closed
                connection.abort()


async def _secured(
    loop: asyncio.AbstractEventLoop, there: Way, context: ssl.SSLContext
) -> _Connection:
    connection = await _reached(loop, there)
    try:
        transport = await loop.start_tls(
            connection.transport, connection, context, server_hostname=there[1]
        )
    except BaseException:
        connection.abort()
        raise
    if transport is None:  # closed by the other side meanwhile
        raise CutOffError
    connection.transport = transport
    return connection


async def _reached(loop: asyncio.AbstractEventLoop, there: Way) -> _Connection:
    """Return a connection to the server, through its proxy where there is one, without TLS."""
    _, host, port, proxy = there
    if proxy is None:
        return await _connected(loop, (host, port))
    try:
        connection = await _connected(loop, proxy_address(proxy))
        try:
            answer = await connection.exchange(tunnel_request(there), "CONNECT", CONNECT_TIMEOUT)
            if answer.status != 200:
                raise ProxyRefusedError(f"HTTP {answer.status}")  # noqa: TRY301  # it closes, too
        except BaseException:
            connection.abort()
            raise
    except (OSError, NotHttpError, CutOffError) as error:
        raise ProxyRefusedError(cause(error)) from None
    return connection


async def _connected(loop: asyncio.AbstractEventLoop, address: tuple[str, int]) -> _Connection:
    # asyncio's own loops try a name's addresses in turns; others (uvloop) take no such argument.
    own = isinstance(loop, asyncio.BaseEventLoop)
    how: dict[str, Any] = {"happy_eyeballs_delay": 0.25} if own else {}
    try:
        _, connection = await loop.create_connection(_Connection, *address, **how)
    except (TimeoutError, socket.gaierror):
        raise
    except UnicodeError:  # a label that is empty or too long is the name of nothing
        raise socket.gaierror from None
    except OSError as error:
        raise NotConnectedError(error) from None
    return connection


class _Connection(asyncio.BufferedProtocol):
    """One connection: one request at a time.

    Attributes:
        transport: carries the bytes; TLS replaces it.
        open: whether another request may be sent.
        kept: when it became idle, by the monotonic clock.
    """

    __slots__ = (
        "_answer",
        "_loop",
        "_lost",
        "_moved",
        "_room",
        "_seconds",
        "_timer",
        "_unsent",
        "_waiter",
        "kept",
        "open",
        "transport",
    )

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._answer: Answer | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._lost: asyncio.Future[None] = self._loop.create_future()
        self._moved = 0.0  # when a byte came or went last
        self._unsent = 0  # bytes that had not gone then
        self._seconds = 0.0  # how long it may be silent
        # One for all exchanges, moved on when it fires: setting one costs as much as sending.
        self._timer: asyncio.TimerHandle | None = None
        # Bytes come into the same memory each time; the loop would fetch 256 KB for each read.
        self._room = memoryview(bytearray(_RECEIVE))
        self.open = True
        self.kept = 0.0

    @property
    def at_rest(self) -> bool:
        """Whether it is open, and all that was written has gone."""
        return self.open and not self.transport.get_write_buffer_size()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport (asyncio.Protocol)."""
        self.transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  # asyncio's
        """Return where the next bytes go (asyncio.BufferedProtocol).

        An answer that came whole is read where it lies, once its task goes on; what comes until
        then, nobody asked for.
        """
        awaited = self._waiter is not None and not self._waiter.done()
        return self._room if awaited else memoryview(bytearray(_RECEIVE))

    def buffer_updated(self, nbytes: int) -> None:
        """Take so many bytes (asyncio.BufferedProtocol)."""
        waiter, answer = self._waiter, self._answer
        if waiter is None or answer is None or waiter.done():  # what nobody asked for
            self.open = False
            return
        self._moved = self._loop.time()
        try:
            if answer.feed(self._room[:nbytes]):
                self._end()
        except NotHttpError as error:
            self._end(error)

    def eof_received(self) -> None:
        """The other side sends no more (asyncio.Protocol)."""
        self.open = False
        if self._waiter is not None and self._answer is not None:
            try:
                self._require_end_of_tls()
                self._answer.end()
            except CutOffError as error:
                self._end(error)
            else:
                self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over (asyncio.Protocol)."""
        self._stop()
        if exc is None:
            self.eof_received()
        else:
            self._end(exc)
        if not self._lost.done():
            self._lost.set_result(None)

    async def exchange(self, data: bytes, method: str, seconds: float) -> Answer:
        """Send bytes and return the answer to them.

        Raises:
            OSError: the connection broke, or no byte came for so many seconds (TimeoutError).
            NotHttpError: something else came.
            CutOffError: it ended before the answer did.
        """
        if not self.open:
            raise CutOffError
        self._answer = answer = Answer(method)
        self._waiter = self._loop.create_future()
        self._moved = self._loop.time()
        self._seconds = seconds
        self._watch(self._moved + seconds)
        try:
            self.transport.write(data)
            self._unsent = self.transport.get_write_buffer_size()
            await self._waiter
        finally:
            self._waiter = self._answer = None
        return answer

    def close(self) -> None:
        """Close it."""
        self._stop()
        self.transport.close()

    def abort(self) -> None:
        """Close it without a word to the other side."""
        self._stop()
        self.transport.abort()

    async def closed(self) -> None:
        """Wait until it is closed, at most a second."""
        await asyncio.wait([self._lost], timeout=1)

    def _require_end_of_tls(self) -> None:
        """See that TLS ended, too: asyncio does not tell that from being cut off.

        Raises:
            CutOffError: it did not, and a body without a length is not whole so (RFC 9112 9.8).
        """
        secured: ssl.SSLObject | None = self.transport.get_extra_info("ssl_object")
        try:
            if secured is not None:
                secured.read(1)  # nothing, or the error that more is expected
        except ssl.SSLError:
            raise CutOffError from None

    def _stop(self) -> None:
        self.open = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _watch(self, due: float) -> None:
        """See that `_late` is called by then, or before."""
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._late)

    def _late(self) -> None:
        """End what has waited too long between two bytes."""
        self._timer = None
        if self._waiter is None:  # between two requests
            return
        unsent = self.transport.get_write_buffer_size()
        if unsent < self._unsent:  # a long body is on its way
            self._unsent, self._moved = unsent, self._loop.time()
        due = self._moved + self._seconds
        if due - self._loop.time() > 0.001:
            self._watch(due)
        else:
            self._end(TimeoutError())

    def _end(self, error: Exception | None = None) -> None:
        if self._waiter is None or self._waiter.done():
            return
        if error is None:
            self._waiter.set_result(None)
        else:
            self._waiter.set_exception(error)
