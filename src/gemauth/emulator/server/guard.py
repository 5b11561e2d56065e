"""What stands before the app: whose Host is answered, how much is read, what a defect looks like.

A web page can have its own name resolve to 127.0.0.1 (DNS rebinding) and would then read every
answer as same-origin; its Host header still names it, so only loopback names are answered
(google-oauth.md section 8). The port may differ: one forwarded by ssh or a container has its own.

Google's names are answered where TLS has ended here, which only a client that trusts the
emulator's certificate gets to, and each for its own paths: the right path on the wrong host fails
at Google. The metadata server's are answered over plain http, as in a virtual machine.
"""

from __future__ import annotations

import contextlib
import re
import traceback
from typing import TYPE_CHECKING, Any, TextIO

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response

from gemauth.emulator.reply import html_reply, status_reply
from gemauth.google.hosts import METADATA, is_emulated, is_googles, serves
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gemauth.emulator.context import Context

__all__ = ["LIMIT", "Guard", "writer"]

LIMIT = 8 * 2**20
"""Bytes of a request's body: no call of this API version needs as much."""

_HOST = re.compile(rb"([a-z0-9._-]{1,255}|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_OWN_PATHS = b"/_emulator/"
_NOTED = 2000  # characters of a verb or path in the ledger, which keeps many


def writer(log: TextIO) -> Callable[[str], None]:
    """Return what writes whole lines to a log, as long as somebody reads it."""

    def write(text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # nobody reads the log any more
            log.write(text)
            log.flush()

    return write


class Guard:
    """An ASGI app around the emulator's.

    Args:
        app: the emulator's.
        context: whose clock and ledger note each request.
        log: where defects are told, and with `requests` each request's method, path and status:
            never a query string, header or body, since those carry secrets.
        requests: whether to log requests.
        limit: bytes of a body.
    """

    def __init__(
        self,
        app: ASGIApp,
        context: Context,
        log: TextIO,
        *,
        requests: bool = False,
        limit: int = LIMIT,
    ) -> None:
        self._app = app
        self._ledger = context.ledger
        self._clock = context.clock
        self._write = writer(log)
        self._requests = requests
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        exchange = _Exchange(receive, send, self._limit)
        if scope["raw_path"].startswith(_OWN_PATHS):  # a person's doing, not a client of Google's
            await self._answer(scope, exchange)
            return
        with self._ledger.open(self._clock.now(), **_line(scope)) as entry:
            await self._answer(scope, exchange)
            entry.status = exchange.status

    async def _answer(self, scope: Scope, exchange: _Exchange) -> None:
        receive = exchange.receive
        refusal = _refused_host(scope) or self._too_long(scope)
        try:
            if refusal is not None:
                await refusal(scope, receive, exchange.send)
            else:
                await self._app(scope, receive, exchange.send)
        except _TooLongError:
            # The rest of the body is not read, so the connection cannot be used again.
            if exchange.status is None:
                await self._refuse_length()(scope, receive, exchange.send)
        except ClientDisconnect:
            pass  # gone before its body had come: nobody is left to answer, and nothing was done
        except Exception as error:  # noqa: BLE001  # the edge: a defect ends one request, not the server
            self._write(_defect(scope, error))
            if exchange.status is None:
                await _internal()(scope, receive, exchange.send)
        if self._requests:
            path = scope["raw_path"].decode("ascii", "backslashreplace")
            self._write(f"{scope['method']} {path} {exchange.status or '-'}\n")

    def _too_long(self, scope: Scope) -> Response | None:
        lengths = [value for name, value in scope["headers"] if name == b"content-length"]
        # The parser has let only digits through.
        if any(int(length) > self._limit for length in lengths):
            return self._refuse_length()
        return None

    def _refuse_length(self) -> Response:
        return PlainTextResponse(
            f"The emulator reads no body of more than {self._limit} bytes.\n",
            413,
            {"Connection": "close"},
        )


class _TooLongError(HTTPException):
    """A body without a length has grown past the limit; the app may word it, as any 413."""

    def __init__(self) -> None:
        super().__init__(413, headers={"Connection": "close"})


class _Exchange:
    """One request and its answer: counts what is read, sees the status that is sent."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive = receive
        self._send = send
        self._left = limit
        self.status: int | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _TooLongError
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


def _line(scope: Scope) -> dict[str, Any]:
    headers = dict(scope["headers"])
    grpc = headers.get(b"content-type", b"").startswith(b"application/grpc")
    return {
        "transport": "grpc" if grpc else f"http/{scope['http_version']}",
        "tls": scope["scheme"] == "https",
        "host": _host(scope),
        "verb": scope["method"][:_NOTED],
        "path": scope["raw_path"][:_NOTED].decode("ascii", "backslashreplace"),
        "agent": headers.get(b"user-agent", b"").decode("latin-1")[:200],
    }


def _host(scope: Scope) -> str:
    """Return the host that a request names, lower case and without port; empty for none or two."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    found = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    return found[1].decode("ascii").lower().rstrip(".") if found else ""


def _refused_host(scope: Scope) -> Response | None:
    host = _host(scope)
    tls = scope["scheme"] == "https"
    if host in _LOOPBACK:
        return None
    if is_emulated(host) and (tls or host in METADATA):
        path = scope["raw_path"].decode("ascii", "backslashreplace")
        return None if serves(host, path) else html_reply(f"{host} has no such path.", 404)
    if tls and is_googles(host):
        # 502 as for a CONNECT to it: a client that is told 404 would take it for Google's word.
        return PlainTextResponse(
            f"This is a gemauth emulator, and it does not emulate {host}.\n",
            502,
            {"Connection": "close"},
        )
    # 421 Misdirected Request (RFC 9110 section 15.5.20): this server does not speak for that host.
    return PlainTextResponse(
        "The emulator answers to the names 127.0.0.1, localhost and [::1] only, and to Google's "
        "over TLS, and this request's Host is not one of them.\nA page of another site could "
        "otherwise use it by having its own name point here.\n",
        421,
        {"Connection": "close"},
    )


def _internal() -> Response:
    """Return the answer for a defect: the API's envelope, without anything from inside."""
    text = "Internal error encountered. The emulator's log has more."
    return status_reply(StatusError(Status(Code.INTERNAL, text)))


def _defect(scope: Scope, error: Exception) -> str:
    """Return what the log says of a defect: where, without its message, which may quote a token."""
    lines = [f"defect in {scope['method']} request: {type(error).__name__}\n"]
    lines += [
        f"  {frame.filename}:{frame.lineno} in {frame.name}\n"
        for frame in traceback.extract_tb(error.__traceback__)
        if "gemauth" in frame.filename
    ]
    return "".join(lines)
