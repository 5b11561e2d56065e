"""HTTP on the network: one request out, one answer back, whole (`send`) or in parts (`open`).

A whole answer comes over connections of our own (`client/connections/`, docs/decisions/0020), an
answer in parts, or through a proxy that speaks TLS itself, over urllib3, which is imported then. No
redirect is followed: neither a token endpoint nor the API answers with one, and a followed one
would carry secrets to a host nobody chose. Used by the worlds (`client/world.py`).
"""

from __future__ import annotations

import os
import re
import threading
from contextlib import nullcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote, urlsplit

from gemauth.client.connections.connection import CONNECT_TIMEOUT, Connections
from gemauth.client.connections.http1 import server
from gemauth.client.connections.trust import bundle
from gemauth.client.connections.unreachable import ConnectionLostError, Failure, cause, unreachable
from gemauth.errors import UsageError
from gemauth.http import LOOPBACK, Headers, Request, Response, https_proxy

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    import urllib3

    from gemauth.client.connections.connection_async import AsyncConnections
    from gemauth.client.connections.incoming import Body
    from gemauth.client.world import Sender
    from gemauth.errors import GemauthError

__all__ = ["AsyncTransport", "ConnectionLostError", "Transport", "lent"]

# What google-auth waits for a token endpoint (google-oauth.md section 10).
TIMEOUT = 120.0
# RFC 9110 sections 5.5, 5.6.2 and 9.1: what else is in a method or a header would end its line.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# What a name beyond ASCII means is read in two ways (IDNA 2003 and 2008): whoever gives it says.
_HOST = re.compile(r"[0-9a-z._~:%-]+")


class Transport:
    """Sends requests over a pool of connections; safe to share between threads.

    HTTPS_PROXY and NO_PROXY are honoured for https. Plain http (an emulator, a metadata server:
    this machine or its own link) never goes through a proxy.

    Args:
        environ: the environment variables.
        timeout: seconds that one request may take to connect and then between two bytes.
    """

    def __init__(
        self, environ: Mapping[str, str] = os.environ, *, timeout: float = TIMEOUT
    ) -> None:
        self.environ = environ
        self.timeout = timeout
        self._pools: dict[str | None, urllib3.PoolManager] = {}
        self._lock = threading.Lock()
        self._connections = Connections()

    def send(self, request: Request, timeout: float | None = None) -> Response:
        """Return the answer, whatever its status; TLS certificates are verified.

        Raises:
            UsageError: the URL, the method or a header is none, or a secret would leave this
                machine in the clear.
            UnreachableError: no answer came; it names the host, the cause and what to do.
        """
        proxy = self.way(request)
        if proxy is None or proxy.startswith("http:"):
            seconds = self.timeout if timeout is None else timeout
            return self._connections.exchange(request, proxy=proxy, seconds=seconds)
        answer = self._answer(request, timeout)[0]
        return Response(answer.status, Headers(answer.headers.items()), answer.data)

    def open(self, request: Request, timeout: float | None = None) -> Body:
        """Return the answer, whatever its status, as soon as its header fields are there.

        It holds one connection of the pool until it is read to its end or closed.

        Raises:
            UsageError: as `send`.
            UnreachableError: as `send`; reading raises it too.
        """
        from gemauth.client.connections.incoming import Body

        answer, named = self._answer(request, timeout, whole=False)
        return Body(answer, named)

    def _answer(
        self, request: Request, timeout: float | None, *, whole: bool = True
    ) -> tuple[urllib3.BaseHTTPResponse, Callable[[Exception], GemauthError]]:
        """Return the answer, and what names an error of its connection."""
        import urllib3
        from urllib3.exceptions import HTTPError

        proxy = self.way(request)
        host = urlsplit(request.url).netloc.rpartition("@")[2]
        seconds = self.timeout if timeout is None else timeout

        def named(error: Exception) -> GemauthError:
            return _unreachable(error, host, proxy, seconds)

        try:
            answer = self._pool(proxy).request(
                request.method,
                request.url,
                headers=dict(request.headers),
                body=request.body or None,
                redirect=False,
                retries=False,
                timeout=urllib3.Timeout(connect=min(seconds, CONNECT_TIMEOUT), read=seconds),
                preload_content=whole,
            )
        except HTTPError as error:
            # Not chained: urllib3's texts may repeat the URL with its query.
            raise named(error) from None
        return answer, named

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the pool's connections."""
        with self._lock:
            for pool in self._pools.values():
                pool.clear()
            self._pools.clear()
        self._connections.close()

    def way(self, request: Request) -> str | None:
        """Return the URL of the proxy that a request goes through, None for none.

        Raises:
            UsageError: as `send`: the request is none that may go anywhere.
        """
        _require_sendable(request)
        try:
            parts = urlsplit(request.url)
            name, port = server(parts.netloc)
            usable = parts.scheme in {"http", "https"} and port != 0
        except ValueError:  # a port beyond 65535, an IPv6 address without its end
            usable, name = False, ""
        if not usable or not _HOST.fullmatch(name):
            raise UsageError(
                "The address to send to is no http or https URL with a host.",
                next_step="Write a host beyond ASCII as xn--….",
            )
        if parts.scheme == "http":
            if name not in LOOPBACK and (request.body or "authorization" in request.headers):
                raise UsageError(
                    f"Nothing secret is sent to {name} over plain http.",
                    next_step="Use https, or http to 127.0.0.1 for an emulator.",
                )
            return None
        if name in LOOPBACK:
            return None
        host = parts.netloc.rpartition("@")[2].lower()
        named = https_proxy(self.environ, host, name)
        return _proxy_url(named) if named else None

    def _pool(self, proxy: str | None) -> urllib3.PoolManager:
        import urllib3

        with self._lock:
            if proxy not in self._pools:
                self._pools[proxy] = (
                    urllib3.PoolManager(maxsize=32, **_bundle())
                    if proxy is None
                    else _proxied(proxy)
                )
            return self._pools[proxy]


class AsyncTransport:
    """The same transport on an event loop: any number of requests in flight, on no thread.

    What goes over urllib3 is sent on a worker thread (`asyncio.to_thread`), since that waits.
    """

    def __init__(
        self, environ: Mapping[str, str] = os.environ, *, timeout: float = TIMEOUT
    ) -> None:
        self._transport = Transport(environ, timeout=timeout)
        self._connections: AsyncConnections | None = None

    async def send(self, request: Request, timeout: float | None = None) -> Response:  # noqa: ASYNC109  # a socket's time-out, not the task's
        """Return the answer, whatever its status; errors as `Transport.send`."""
        proxy = self._transport.way(request)
        if proxy is not None and not proxy.startswith("http:"):
            import asyncio  # 30 ms that no synchronous command needs

            return await asyncio.to_thread(self._transport.send, request, timeout)
        if self._connections is None:
            from gemauth.client.connections.connection_async import (
                AsyncConnections,  # loads asyncio
            )

            self._connections = AsyncConnections()
        seconds = self._transport.timeout if timeout is None else timeout
        return await self._connections.exchange(request, proxy=proxy, seconds=seconds)

    async def open(self, request: Request, timeout: float | None = None) -> Body:  # noqa: ASYNC109  # the same
        """Return the answer with its body unread; as `Transport.open`."""
        import asyncio

        opening = asyncio.ensure_future(asyncio.to_thread(self._transport.open, request, timeout))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_unclaimed)  # nobody waits for what it will bring
            raise

    async def close(self) -> None:
        """Close the pool's connections."""
        self._transport.close()
        if self._connections is not None:
            await self._connections.close()


def _close_unclaimed(opening: asyncio.Future[Body]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def lent(
    transport: Sender | None, environ: Mapping[str, str] = os.environ
) -> AbstractContextManager[Sender]:
    """Lend the caller's transport, which stays open, or one that lasts for the block."""
    return Transport(environ) if transport is None else nullcontext(transport)


def _require_sendable(request: Request) -> None:
    """See that the method and the headers are what HTTP allows; header values are not repeated.

    Raises:
        UsageError: one is not: a line break in it could smuggle in headers of its own.
    """
    if not _is_token(request.method):
        raise UsageError(
            f"{request.method!r} is no HTTP method.",
            next_step="Use GET, POST, PATCH, PUT or DELETE.",
        )
    for name, value in request.headers.items():
        if not _is_token(name):
            raise UsageError(f"{name!r} is no name of a header.")
        if not (value.isascii() and value.isprintable()) and not _HEADER.fullmatch(value):
            raise UsageError(
                f"The value for the header {name} holds a line break or a character that headers "
                "cannot carry.",
                next_step="Correct the argument or environment variable that it comes from.",
            )


@lru_cache(maxsize=64)  # programs send the same few names, over and over
def _is_token(name: str) -> bool:
    return _TOKEN.fullmatch(name) is not None


@lru_cache(maxsize=8)  # asked for each request, of the same one
def _proxy_url(named: str) -> str:
    """Return the URL that HTTPS_PROXY means; curl's form without a scheme is http.

    Raises:
        UsageError: it is none; its text is not repeated, since it may hold a password.
    """
    url = named if "://" in named else f"http://{named}"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # a port beyond 65535, an IPv6 address without its end
        usable = None
    if not usable or any(map(str.isspace, url)):
        raise UsageError(
            "HTTPS_PROXY is no http or https URL.",
            next_step="Set it to http://HOST:PORT, or unset it.",
        )
    return url


def _proxied(url: str) -> urllib3.PoolManager:
    import urllib3

    parts = urlsplit(url)
    headers: Any = None
    if parts.username is not None:
        headers = urllib3.make_headers(
            proxy_basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        )
    return urllib3.ProxyManager(url, proxy_headers=headers, maxsize=32, **_bundle())


def _bundle() -> dict[str, Any]:
    """Return what tells urllib3 of the certificates that a variable names; empty for defaults."""
    found = bundle()
    if found is None:
        return {}
    return {"ca_cert_dir" if os.path.isdir(found[1]) else "ca_certs": found[1]}  # noqa: PTH112


def _unreachable(error: Exception, host: str, proxy: str | None, seconds: float) -> GemauthError:
    """Return what an error of urllib3's means to people."""
    from urllib3 import exceptions as failures

    words = cause(error)
    if isinstance(error, failures.ProxyError):
        kind = Failure.PROXY
    elif isinstance(error, failures.SSLError):
        kind = Failure.TLS
    elif isinstance(error, failures.NameResolutionError):
        kind = Failure.NAME
    elif isinstance(error, failures.NewConnectionError):  # which is a TimeoutError there
        kind = Failure.CONNECTION
    elif isinstance(error, failures.TimeoutError):
        kind = Failure.TIME
    elif isinstance(error, failures.ProtocolError) and _was_cut(error):
        kind = Failure.LOST
    else:
        kind, words = Failure.BROKEN, type(error).__name__
    return unreachable(kind, host, proxy, seconds, words)


def _was_cut(error: BaseException) -> bool:
    """Return whether the other side hung up, rather than to say what is no HTTP."""
    from http.client import IncompleteRead

    from urllib3.exceptions import IncompleteRead as ShortBody

    causes = (*error.args, error.__cause__)
    return isinstance(error, ShortBody) or any(
        isinstance(cause, OSError | IncompleteRead) for cause in causes
    )
