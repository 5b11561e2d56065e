"""Connections that requests go over, kept open between them: sockets, TLS, an HTTP proxy's tunnel.

    with Connections() as connections:
        response = connections.exchange(request, proxy=None, seconds=20)

The bytes are `http1.py`'s, the asynchronous twin is `connection_async.py`, the rules of what may be
sent where are `client/transport.py`'s.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import threading
from time import monotonic
from urllib.parse import unquote, urlsplit

from gemauth.client.connections.http1 import (
    Answer,
    CutOffError,
    NotHttpError,
    TooLargeError,
    encode,
    server,
)
from gemauth.client.connections.trust import Trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol, Self

    from gemauth.errors import UnreachableError
    from gemauth.http import Request, Response

    # Where a connection leads, what two requests must have in common to share one: whether with
    # TLS, the host, its port, the URL of a proxy or None.
    Way = tuple[bool, str, int, str | None]

    class HasFileno(Protocol):
        """A socket, or what stands for one."""

        def fileno(self) -> int:
            """Return its descriptor."""
            ...


__all__ = [
    "CONNECT_TIMEOUT",
    "FAILURES",
    "LONGEST_IDLE",
    "MOST_IDLE",
    "Connections",
    "NotConnectedError",
    "NotInTimeError",
    "ProxyRefusedError",
    "proxy_address",
    "readable",
    "response",
    "tunnel_request",
    "unreachable",
    "way",
]

CONNECT_TIMEOUT = 20.0
MOST_IDLE = 32  # connections that are kept for one way
# Seconds that a connection is kept: on one that a network in between has forgotten, a request would
# wait for nothing. Below the minutes after which servers and address translators let go.
LONGEST_IDLE = 60.0
_RECEIVE = _SEND = 65_536  # bytes at a time


class ProxyRefusedError(Exception):
    """A proxy could not be reached, or did not connect; it says why."""


FAILURES = (OSError, NotHttpError, CutOffError, ProxyRefusedError)


def way(url: str, proxy: str | None) -> Way:
    """Return the way to a URL's server."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    host, port = server(parts.netloc)
    return tls, host, port or (443 if tls else 80), proxy


def tunnel_request(there: Way) -> bytes:
    """Return the bytes that ask a proxy to connect (RFC 9110 section 9.3.6)."""
    _, host, port, proxy = there
    host = f"[{host}]" if ":" in host else host
    lines = [f"CONNECT {host}:{port} HTTP/1.1", f"Host: {host}:{port}"]
    user = urlsplit(proxy or "")
    if user.username is not None:
        from base64 import b64encode

        pair = f"{unquote(user.username)}:{unquote(user.password or '')}".encode()
        lines.append(f"Proxy-Authorization: Basic {b64encode(pair).decode()}")
    return "\r\n".join((*lines, "", "")).encode("ascii")


def proxy_address(proxy: str) -> tuple[str, int]:
    """Return a proxy's host and port."""
    parts = urlsplit(proxy)
    return parts.hostname or "", parts.port or 80


def unreachable(error: Exception, url: str, proxy: str | None, seconds: float) -> UnreachableError:
    """Return what an error of a connection means to people."""
    from gemauth.client.connections import unreachable as texts

    kind, words = texts.Failure.BROKEN, type(error).__name__
    match error:
        case TooLargeError():
            kind = texts.Failure.SIZE
        case ProxyRefusedError():
            kind, words = texts.Failure.PROXY, str(error)
        case ssl.SSLError():
            kind = texts.Failure.TLS
        case socket.gaierror():
            kind = texts.Failure.NAME
        case TimeoutError():
            kind = texts.Failure.TIME
            if isinstance(error, NotInTimeError):
                seconds = min(seconds, CONNECT_TIMEOUT)
        case NotConnectedError():
            kind = texts.Failure.CONNECTION
        case OSError() | CutOffError():
            kind = texts.Failure.LOST
    if isinstance(error, OSError):
        words = texts.cause(error)
    host = urlsplit(url).netloc.rpartition("@")[2]  # a user and a password are nobody's business
    return texts.unreachable(kind, host, proxy, seconds, words)


def response(answer: Answer) -> Response:
    """Return a whole answer as a value."""
    from gemauth.http import Headers, Response  # with dataclasses, which the short way does without

    return Response(answer.status, Headers(answer.headers), answer.body)


class NotConnectedError(OSError):
    """A connection that could not be made; the reason is its argument."""


class NotInTimeError(TimeoutError):
    """A connection that did not come about in the time that there is for that."""


class Connections:
    """A pool of connections; safe to share between threads."""

    def __init__(self) -> None:
        self._trust: Trust | None = None
        self._idle: dict[Way, list[tuple[float, socket.socket]]] = {}  # with the time it was kept
        self._process = os.getpid()
        self._lock = threading.Lock()

    def exchange(self, request: Request, *, proxy: str | None, seconds: float) -> Response:
        """Send a request and return its answer; nothing is ever sent twice.

        Args:
            request: as `transport.py` has let it pass.
            proxy: the URL of one that speaks plain HTTP, or None.
            seconds: for the connection at most `CONNECT_TIMEOUT` of them, then between two bytes.

        Raises:
            UnreachableError: no answer came.
        """
        headers, body = request.headers, request.body
        try:
            answer = self.ask(request.method, request.url, headers, body, proxy, seconds)
        except FAILURES as error:
            raise unreachable(error, request.url, proxy, seconds) from None
        return response(answer)

    def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        proxy: str | None,
        seconds: float,
    ) -> Answer:
        """Do the same with plain values, and raise one of FAILURES as it is."""
        there = way(url, proxy)
        data = encode(method, url, headers, body)
        connection = self._taken(there)
        if connection is None:
            try:
                connection = self._opened(there, min(seconds, CONNECT_TIMEOUT))
            except TimeoutError:
                raise NotInTimeError from None
        try:
            connection.settimeout(seconds)
            answer = _asked(connection, data, Answer(method))
        except BaseException:
            connection.close()
            raise
        if answer.keeps_open:
            self._keep(there, connection)
        else:
            connection.close()
        return answer

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            idle, self._idle = self._idle, {}
        for connections in idle.values():
            for _, connection in connections:
                connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()  # whoever forgot to

    def _taken(self, there: Way) -> socket.socket | None:
        """Return a connection that is open still, or None."""
        if self._process != os.getpid():  # forked: the parent talks on these
            self._process = os.getpid()
            self._lock = threading.Lock()  # another thread of the parent may have held it
            self.close()
        while True:
            with self._lock:
                idle = self._idle.get(there)
                if not idle:
                    return None
                kept, connection = idle.pop()
            if monotonic() - kept < LONGEST_IDLE and not readable(connection):
                return connection
            connection.close()  # the server has closed it, or has said what nobody asked

    def _keep(self, there: Way, connection: socket.socket) -> None:
        with self._lock:
            idle = self._idle.setdefault(there, [])
            if len(idle) < MOST_IDLE:
                idle.append((monotonic(), connection))
                return
        connection.close()

    def _opened(self, there: Way, seconds: float) -> socket.socket:
        if not there[0]:
            return _reached(there, seconds)
        with self._lock:
            trust = self._trust = self._trust or Trust()
        context = trust.context
        try:
            return _secured(_reached(there, seconds), there, context)
        except ssl.SSLError as error:
            if not trust.widen(error, context):
                raise
        return _secured(_reached(there, seconds), there, trust.context)


def _secured(connection: socket.socket, there: Way, context: ssl.SSLContext) -> socket.socket:
    """Return a connection with TLS, which tells a body's end from one that was cut off."""
    try:
        return context.wrap_socket(
            connection,
            server_hostname=there[1].encode(),  # of a text, Python loads the tables of all others
            suppress_ragged_eofs=False,
        )
    except BaseException:
        connection.close()
        raise


def _reached(there: Way, seconds: float) -> socket.socket:
    """Return a connection to the server, through its proxy where there is one, without TLS."""
    _, host, port, proxy = there
    if proxy is None:
        return _connected((host, port), seconds)
    try:
        connection = _connected(proxy_address(proxy), seconds)
        try:
            answer = _asked(connection, tunnel_request(there), Answer("CONNECT"))
            if answer.status != 200:
                raise ProxyRefusedError(f"HTTP {answer.status}")  # noqa: TRY301  # it closes, too
        except BaseException:
            connection.close()
            raise
    except (OSError, NotHttpError, CutOffError) as error:
        from gemauth.client.connections.unreachable import cause

        raise ProxyRefusedError(cause(error)) from None
    return connection


def _connected(address: tuple[str, int], seconds: float) -> socket.socket:
    try:
        there = address[0].encode(), address[1]  # as in `_secured`
        connection = socket.create_connection(there, seconds)  # type: ignore[arg-type]  # takes bytes
    except (TimeoutError, socket.gaierror):
        raise
    except UnicodeError:  # a label that is empty or too long is the name of nothing
        raise socket.gaierror from None
    except OSError as error:
        raise NotConnectedError(error) from None
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _asked(connection: socket.socket, data: bytes, answer: Answer) -> Answer:
    """Send a request and return the answer to it.

    In pieces, since a socket's time-out counts for all that one call sends.
    """
    left = memoryview(data)
    try:
        while left:
            left = left[connection.send(left[:_SEND]) :]
    except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError) as error:
        # Who refuses a long request may say so and hang up, and not read it to its end.
        try:
            _receive(connection, answer)
        except (OSError, NotHttpError, CutOffError):
            raise (CutOffError() if isinstance(error, ssl.SSLError) else error) from None
        answer.keeps_open = False
        return answer
    return _receive(connection, answer)


def _receive(connection: socket.socket, answer: Answer) -> Answer:
    while True:
        try:
            data = connection.recv(_RECEIVE)
        except ssl.SSLEOFError:  # without a word: a body without a length is not whole so
            raise CutOffError from None  # (RFC 9112 section 9.8)
        if not data:
            answer.end()
            return answer
        if answer.feed(data):
            return answer


def readable(connection: HasFileno) -> bool:
    """Whether an idle connection has something to read: its end, or what nobody asked for."""
    try:
        if not hasattr(select, "poll"):  # Windows
            return bool(select.select([connection], [], [], 0)[0])
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        return bool(poll.poll(0))
    except (OSError, ValueError):
        return True
