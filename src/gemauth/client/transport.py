"""HTTP on the network: one request out, one answer back, whole (`send`) or in parts (`open`).

urllib3 carries it (design decision 12), imported at the first request. No redirect is followed:
neither a token endpoint nor the API answers with one, and a followed one would carry secrets to
a host nobody chose. Used by the worlds (`client/world.py`).
"""

from __future__ import annotations

import os
import re
import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote, urlsplit

from gemauth.errors import Fault, GemauthError, UnreachableError, UsageError
from gemauth.http import LOOPBACK, Headers, Request, Response, https_proxy

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    import urllib3

    from gemauth.client.incoming import Body
    from gemauth.client.world import Sender

__all__ = ["AsyncTransport", "ConnectionLostError", "Transport", "lent"]

# What google-auth waits for a token endpoint (google-oauth.md section 10).
TIMEOUT = 120.0
CONNECT_TIMEOUT = 20.0
# RFC 9110 sections 5.5, 5.6.2 and 9.1: what else is in a method or a header would end its line.
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class ConnectionLostError(UnreachableError):
    """The connection broke off; the request may have been carried out all the same."""


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

    def send(self, request: Request, timeout: float | None = None) -> Response:
        """Return the answer, whatever its status; TLS certificates are verified.

        Raises:
            UsageError: the URL, the method or a header is none, or a secret would leave this
                machine in the clear.
            UnreachableError: no answer came; it names the host, the cause and what to do.
        """
        answer = self._answer(request, timeout)[0]
        return Response(answer.status, Headers(answer.headers.items()), answer.data)

    def open(self, request: Request, timeout: float | None = None) -> Body:
        """Return the answer, whatever its status, as soon as its header fields are there.

        It holds one connection of the pool until it is read to its end or closed.

        Raises:
            UsageError: as `send`.
            UnreachableError: as `send`; reading raises it too.
        """
        from gemauth.client.incoming import Body

        answer, named = self._answer(request, timeout, whole=False)
        return Body(answer, named)

    def _answer(
        self, request: Request, timeout: float | None, *, whole: bool = True
    ) -> tuple[urllib3.BaseHTTPResponse, Callable[[Exception], GemauthError]]:
        """Return the answer, and what names an error of its connection."""
        import urllib3
        from urllib3.exceptions import HTTPError

        _require_sendable(request)
        host, proxy = self._route(request)
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

    def _route(self, request: Request) -> tuple[str, str | None]:
        """Return the host for people to read, and the proxy's URL or None."""
        try:
            parts = urlsplit(request.url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError("The address to send to is no http or https URL with a host.")
        if parts.scheme == "http":
            if parts.hostname not in LOOPBACK and (
                request.body or "authorization" in request.headers
            ):
                raise UsageError(
                    f"Nothing secret is sent to {parts.hostname} over plain http.",
                    next_step="Use https, or http to 127.0.0.1 for an emulator.",
                )
            return parts.netloc, None
        if parts.hostname in LOOPBACK:
            return parts.netloc, None
        host = parts.netloc.lower()
        named = https_proxy(self.environ, host, host.partition(":")[0])
        return parts.netloc, _proxy_url(named) if named else None

    def _pool(self, proxy: str | None) -> urllib3.PoolManager:
        import urllib3

        with self._lock:
            if proxy not in self._pools:
                self._pools[proxy] = (
                    urllib3.PoolManager(maxsize=32) if proxy is None else _proxied(proxy)
                )
            return self._pools[proxy]


class AsyncTransport:
    """The same transport on an event loop.

    It sends on a worker thread (`asyncio.to_thread`): urllib3 is synchronous, and one request per
    thread is enough for a sign-in and for a script's calls. An event-loop transport for many
    requests in flight is aiohttp's, as an extra, later (design decision 12).
    """

    def __init__(
        self, environ: Mapping[str, str] = os.environ, *, timeout: float = TIMEOUT
    ) -> None:
        self._transport = Transport(environ, timeout=timeout)

    async def send(self, request: Request, timeout: float | None = None) -> Response:  # noqa: ASYNC109  # a socket's time-out, not the task's
        """Return the answer, whatever its status; errors as `Transport.send`."""
        import asyncio  # 30 ms that no synchronous command needs

        return await asyncio.to_thread(self._transport.send, request, timeout)

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
    if not _METHOD.fullmatch(request.method):
        raise UsageError(
            f"{request.method!r} is no HTTP method.",
            next_step="Use GET, POST, PATCH, PUT or DELETE.",
        )
    for name, value in request.headers.items():
        if not _HEADER.fullmatch(value):
            raise UsageError(
                f"The value for the header {name} holds a line break or a character that headers "
                "cannot carry.",
                next_step="Correct the argument or environment variable that it comes from.",
            )


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
    return urllib3.ProxyManager(url, proxy_headers=headers, maxsize=32)


def _unreachable(  # noqa: PLR0911  # a table of kinds
    error: Exception, host: str, proxy: str | None, seconds: float
) -> GemauthError:
    """Return what a failed request means to people: the host, the cause, the next step."""
    from urllib3 import exceptions as failures

    emulated = (urlsplit(f"//{host}").hostname or "") in LOOPBACK
    if isinstance(error, failures.ProxyError):
        where = urlsplit(proxy or "")
        return UnreachableError(
            f"The proxy {where.hostname}:{where.port or ''} did not connect to {host}.",
            next_step="Check HTTPS_PROXY and NO_PROXY.",
            evidence=_cause(error),
        )
    if isinstance(error, failures.SSLError):
        return UnreachableError(
            f"The TLS certificate or handshake of {host} was not accepted.",
            next_step="Where a company's proxy opens TLS, set SSL_CERT_FILE to its certificates.",
            evidence=_cause(error),
        )
    if isinstance(error, failures.NameResolutionError):
        return UnreachableError(
            f"The name {host} could not be resolved.",
            next_step="Check the network connection and DNS, or set HTTPS_PROXY.",
        )
    if isinstance(error, failures.TimeoutError) and not isinstance(
        error, failures.NewConnectionError
    ):
        return UnreachableError(
            f"{host} did not answer within {seconds:g} seconds.",
            next_step="Try again; check the network connection and HTTPS_PROXY.",
        )
    if isinstance(error, failures.NewConnectionError):
        return UnreachableError(
            f"Nothing accepts connections at {host}.",
            fault=Fault.MACHINE if emulated else None,
            next_step="Start the emulator (gemauth emulator start), or correct its address."
            if emulated
            else "Check the network connection and HTTPS_PROXY.",
            evidence=_cause(error),
        )
    if isinstance(error, failures.ProtocolError) and _was_cut(error):
        return ConnectionLostError(
            f"The connection to {host} broke off before the whole answer was there.",
            next_step="Try again; it may have been carried out all the same.",
            evidence=_cause(error),
        )
    return UnreachableError(
        f"The connection to {host} broke off, or what answered does not speak HTTP.",
        next_step="Try again; check the address and HTTPS_PROXY.",
        evidence=type(error).__name__,
    )


def _was_cut(error: BaseException) -> bool:
    """Return whether the other side hung up, rather than to say what is no HTTP."""
    from http.client import IncompleteRead

    from urllib3.exceptions import IncompleteRead as ShortBody

    causes = (*error.args, error.__cause__)
    return isinstance(error, ShortBody) or any(
        isinstance(cause, OSError | IncompleteRead) for cause in causes
    )


def _cause(error: BaseException) -> str:
    """Return the system's own words for a failure: the innermost OSError's, which name no URL."""
    words, seen = type(error).__name__, error
    while True:
        if isinstance(seen, OSError):
            words = getattr(seen, "verify_message", None) or seen.strerror or words
        nested = next((arg for arg in seen.args if isinstance(arg, BaseException)), seen.__cause__)
        if nested is None:
            return words
        seen = nested
