"""HTTP/1.1 as uvicorn speaks it, on a connection of ours, with an end to heads.

uvicorn's own server does not run: this room accepts, and gives uvicorn's protocol what that server
would have (interception.md pitfall 14). A request in absolute form is a proxy's: the metadata
server and this machine are answered, nothing is carried to another host (RFC 9112 section 3.2.2).
"""

from __future__ import annotations

import http
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from httptools import HttpParserUpgrade
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from gemauth.google.hosts import METADATA
from gemauth.http import LOOPBACK

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from gemauth.clock import Clock

__all__ = ["HEAD_SECONDS", "KEEP_ALIVE", "LONGEST_HEAD", "Http1", "Http1Protocol"]

KEEP_ALIVE = 65
"""Seconds that an idle connection is kept: longer than the 60 that clients commonly reuse one."""
HEAD_SECONDS = 30.0
"""Seconds that a request's head may take from its first byte."""
LONGEST_HEAD = 2**20
"""Bytes of a request before its body; the parser itself would gather them without end."""

_CARRIED_HERE = LOOPBACK | METADATA


class Http1:
    """Makes the protocol of each HTTP/1.1 connection.

    Args:
        app: the emulator's.
        connections: the protocols of open connections, kept by themselves.
        clock: the time of the Date header.
    """

    def __init__(self, app: ASGIApp, connections: set[Any], clock: Clock) -> None:
        self._state = _State(connections, clock)
        self._config = Config(
            app,
            http=Http1Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE,
        )
        self._config.load()

    @property
    def tasks(self) -> set[asyncio.Task[None]]:
        """The requests that are being answered."""
        return self._state.tasks

    def protocol(self) -> Http1Protocol:
        """Return a protocol for one connection."""
        return Http1Protocol(self._config, self._state, {})


class _State(ServerState):
    """What uvicorn's connections share; the date is told when it is asked for, with no timer."""

    def __init__(self, connections: set[Any], clock: Clock) -> None:
        self._clock = clock
        self._second = -1
        self._headers: list[tuple[bytes, bytes]] = []
        super().__init__()
        self.connections = connections

    @property
    def default_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of every answer: its Date (RFC 9110 section 6.6.1)."""
        second = int(self._clock.now())
        if second != self._second:
            self._second = second
            self._headers = [(b"date", formatdate(second, usegmt=True).encode("ascii"))]
        return self._headers

    @default_headers.setter
    def default_headers(self, _: list[tuple[bytes, bytes]]) -> None:
        """Take what uvicorn's constructor sets."""


class Http1Protocol(HttpToolsProtocol):
    """One connection."""

    _refused = False
    _head: int | None = None  # bytes of the request whose headers have not all come, or None
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own type
        """Begin; a connection that asks nothing is idle from its start."""
        super().connection_made(transport)
        self._rest()

    def connection_lost(self, exc: Exception | None) -> None:
        """End; no timer outlives its connection."""
        self._unset_keepalive_if_required()
        self._end_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, unless the connection has been refused."""
        if self._refused:
            return
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > LONGEST_HEAD:
                self._refuse(431, f"The emulator reads no head of more than {LONGEST_HEAD} bytes.")
        elif self._is_idle():
            self._rest()  # what came was no request: empty lines before one (RFC 9112 section 2.2)

    def _is_idle(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None until the first request
        return cycle is None or cycle.response_complete

    def _rest(self) -> None:
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            KEEP_ALIVE, self.timeout_keep_alive_handler
        )

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._head = 0
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._too_slow)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Start a request, unless it asks to be carried to another host."""
        self._end_head()
        if self.parser.get_method() == b"CONNECT":
            # The front has taken the CONNECT that begins a connection.
            self._refuse_to_carry(self.url.decode("ascii", "replace"))
            raise HttpParserUpgrade(0)  # the parser must not go on to a tunnel's bytes
        if not self.url.startswith(b"/") and self.url != b"*":
            target = urlsplit(self.url.decode("ascii", "replace"))
            if target.scheme != "http" or target.hostname not in _CARRIED_HERE:
                self._refuse_to_carry(target.netloc.rpartition("@")[2] or "that address")
                raise HttpParserUpgrade(0)
            # The target's host counts, whatever Host says (RFC 9112 section 3.2.2).
            host = target.netloc.rpartition("@")[2].encode("ascii")
            self.headers[:] = [(b"host", host), *(h for h in self.headers if h[0] != b"host")]
        super().on_headers_complete()

    def _end_head(self) -> None:
        self._head = None
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        self._refuse(408, f"A request's head may take {HEAD_SECONDS:.0f} seconds.")

    def _refuse_to_carry(self, target: str) -> None:
        self._refuse(
            502,
            f"This is a gemauth emulator, and it carries nothing to {target[:200]}: no "
            "credential of an emulator may leave the machine.\n"
            "Give the program the emulator's own address for what it needs there; requests "
            "to other hosts go past the proxy with NO_PROXY.",
        )

    def _refuse(self, status: int, text: str) -> None:
        self._refused = True
        if self._is_idle():
            body = f"{text}\n".encode("ascii", "replace")
            phrase = http.HTTPStatus(status).phrase
            self.transport.write(
                f"HTTP/1.1 {status} {phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode("ascii")
                + body
            )
        self.transport.close()
