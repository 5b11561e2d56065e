"""The loopback listener that receives a sign-in's redirect (RFC 8252 section 7.3).

The redirect goes to the literal 127.0.0.1. The same port of ::1 is held too, wherever there is
one: `localhost`, which gcloud's redirects and people use, may resolve to either, and whoever had
the other half would receive the code. Nothing else is bound: 0.0.0.0 would open the code to the
network (RFC 8252 section 8.3). It only reads requests and writes pages; what a request means is
the flow's matter (`client/flows/loopback.py`).
"""

from __future__ import annotations

import contextlib
import errno
import re
import selectors
import socket
import sys
import threading
import time
from http import HTTPStatus
from typing import cast

from gemauth.errors import Fault, UsageError

__all__ = ["ADDRESS", "Listener"]

ADDRESS = "127.0.0.1"
ADDRESS_6 = "::1"
TRIES = 16  # free ports of 127.0.0.1 that somebody has on ::1, before we give up
MAX_HEAD = 16 * 1024  # a redirect with Google's longest code and scopes is about 1 KiB
READ_SECONDS = 2.0  # what has begun to speak sends its request at once; none may hold us
MAX_SILENT = 32  # connections; browsers open one or two ahead of any request
POLL_SECONDS = 0.2  # how soon a close from another thread is seen
# RFC 9112 section 3.2.1, origin form: visible ASCII after a slash. Two would begin another host.
_TARGET = re.compile(r"/(?!/)[!-~]*", re.ASCII)
_NAMES = (ADDRESS, "localhost", f"[{ADDRESS_6}]")
# What binding ::1 fails with where there is no IPv6, or none on loopback.
_NO_IPV6 = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT}
_GOING_AWAY = b"HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Listener:
    """One port of both loopback addresses, the connections that have not spoken, the one to answer.

    Args:
        port: 0 takes any that is free on both.

    Attributes:
        port: that is listened on.

    Raises:
        UsageError: the port is in use on either address, or not for us.
    """

    def __init__(self, port: int = 0) -> None:
        self._pending: socket.socket | None = None
        self._silent: list[socket.socket] = []
        self._closed = threading.Event()
        self._sockets = _both(port)
        self.port: int = self._sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        """The redirect URI: `http://127.0.0.1:PORT/`."""
        return f"http://{ADDRESS}:{self.port}/"

    def receive(self, timeout: float) -> str | None:
        """Return the URL of the next GET for us, or None after `timeout` seconds.

        Whatever is no such request (garbage, a HEAD, another Host) is answered and closed here; it
        neither ends nor prolongs the wait. A connection that says nothing is kept beside, because
        browsers open some before they have a request.
        """
        deadline = time.monotonic() + timeout
        while not self._closed.is_set() and (left := deadline - time.monotonic()) > 0:
            connection = self._next(min(left, POLL_SECONDS))
            target = connection and self._read(connection, min(left, READ_SECONDS))
            if target is not None:
                self._pending = connection
                return f"http://{ADDRESS}:{self.port}{target}"
        if self._closed.is_set():
            self.close()  # again: what came in while another thread closed us
        return None

    def reply(self, status: int, html: str) -> None:
        """Answer the request that `receive` returned last, and close its connection.

        The page may not be kept, framed or asked for more: its URL held the code.
        """
        connection, self._pending = self._pending, None
        if connection is None:
            return
        body = html.encode("utf-8")
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
            "Content-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\n"
            "Cache-Control: no-store\r\n"
            "Referrer-Policy: no-referrer\r\n"
            "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
            "frame-ancestors 'none'\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Connection: close\r\n\r\n"
        )
        _finish(connection, head.encode("ascii") + body)

    def close(self) -> None:
        """Stop listening; an unanswered request is dropped. May be called from another thread."""
        self._closed.set()
        for listening in self._sockets:
            listening.close()
        connection, self._pending = self._pending, None
        if connection is not None:
            connection.close()
        while self._silent:
            self._silent.pop().close()

    def _next(self, seconds: float) -> socket.socket | None:
        """Return a connection that has begun to speak, or None where none did within `seconds`."""
        with contextlib.suppress(OSError, ValueError), selectors.DefaultSelector() as selector:
            # Either may be raised when another thread closes us.
            for waited in (*self._sockets, *self._silent):
                selector.register(waited, selectors.EVENT_READ)
            for key, _ in selector.select(seconds):
                ready = cast("socket.socket", key.fileobj)
                if ready not in self._sockets:
                    self._silent.remove(ready)
                    return ready
                connection, _ = ready.accept()
                self._silent.append(connection)
                if len(self._silent) > MAX_SILENT:
                    self._silent.pop(0).close()
        return None

    def _read(self, connection: socket.socket, seconds: float) -> str | None:
        """Return a request's target; what is no GET for us is answered here, for None."""
        head = _head(connection, seconds)
        lines = head.split(b"\r\n")
        words = lines[0].split(b" ")
        if not head.endswith(b"\r\n\r\n") or len(words) != 3 or not words[2].startswith(b"HTTP/1."):
            _refuse(connection, HTTPStatus.BAD_REQUEST, answer=bool(head))
            return None
        method, target = words[0], words[1]
        if method != b"GET":
            _refuse(connection, HTTPStatus.METHOD_NOT_ALLOWED)
            return None
        # A page of another site may reach us under a name of its own (DNS rebinding).
        hosts = {line.split(b":", 1)[1].strip() for line in lines if line[:5].lower() == b"host:"}
        ours = {f"{name}:{self.port}".encode("ascii") for name in _NAMES}
        if len(hosts) != 1 or not hosts <= ours:
            _refuse(connection, HTTPStatus.MISDIRECTED_REQUEST)
            return None
        text = target.decode("latin-1")
        if not _TARGET.fullmatch(text):
            _refuse(connection, HTTPStatus.BAD_REQUEST)
            return None
        return text


def _head(connection: socket.socket, seconds: float) -> bytes:
    """Return what came up to the empty line, at most MAX_HEAD bytes and `seconds` long."""
    deadline = time.monotonic() + seconds
    head = b""
    while b"\r\n\r\n" not in head and len(head) < MAX_HEAD:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            connection.settimeout(left)
            part = connection.recv(4096)
        except OSError:
            break
        if not part:
            break
        head += part
        if not head[:1].isalpha():  # no method: a browser that tries https first says so at once
            break
    end = head.find(b"\r\n\r\n")
    return head if end < 0 else head[: end + 4]


def _refuse(connection: socket.socket, status: HTTPStatus, *, answer: bool = True) -> None:
    line = _GOING_AWAY % (status.value, status.phrase.encode("ascii"))
    _finish(connection, line if answer else b"")


def _finish(connection: socket.socket, answer: bytes) -> None:
    """Send and close, so that a peer that is gone or does not read costs nothing but a moment."""
    with contextlib.suppress(OSError), connection:
        connection.settimeout(READ_SECONDS)
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)


def _both(port: int) -> tuple[socket.socket, ...]:
    """Return the listening sockets: 127.0.0.1's and, where there is one, that of ::1.

    Raises:
        UsageError: the port cannot be had on one of the two.
    """
    with contextlib.ExitStack() as halves:  # held until the end, so that each try is another port
        for left in range(TRIES if port == 0 else 1, 0, -1):
            first = _listening(socket.AF_INET, ADDRESS, port)
            try:
                return first, _listening(socket.AF_INET6, ADDRESS_6, first.getsockname()[1])
            except _NoSuchAddress:
                return (first,)
            except UsageError:
                halves.enter_context(first)
                if left == 1:
                    raise
    raise AssertionError("the last try returns or raises")


class _NoSuchAddress(Exception):  # noqa: N818  # it names what happened
    """This machine has no such address."""


def _listening(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        UsageError: the port cannot be had.
        _NoSuchAddress: the machine has no IPv6.
    """
    made: socket.socket | None = None
    try:
        made = socket.socket(family, socket.SOCK_STREAM)
        # On Windows SO_REUSEADDR would let another program take over our port.
        if sys.platform == "win32":  # pragma: no cover  # the tests' machine is not Windows
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((address, port))
        made.listen(16)
        made.settimeout(POLL_SECONDS)
    except (OSError, OverflowError) as error:
        if made is not None:
            made.close()
        if family == socket.AF_INET6 and isinstance(error, OSError) and error.errno in _NO_IPV6:
            raise _NoSuchAddress from None
        raise _not_bound(address, port, error) from None
    return made


def _not_bound(address: str, port: int, error: Exception) -> UsageError:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return UsageError(
            f"Port {port} on {address} is in use by another program.",
            next_step="Choose another one, or leave --port out to take any free port.",
            fault=Fault.MACHINE,
        )
    return UsageError(
        f"Port {port} on {address} cannot be listened on: {error}.",
        next_step="Leave --port out to take any free port.",
    )
