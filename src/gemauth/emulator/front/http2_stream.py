"""One request on an HTTP/2 connection, as an ASGI app sees it: `receive`, `send`, and its end.

Source: RFC 9113 sections 5.2 (flow control) and 8.1 (messages), ASGI's HTTP message format 2.3 with
the trailers extension. Made by `http2.py` for each request; its app runs in a task of its own.
"""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message

__all__ = ["Connection", "Stream"]

Header = tuple[bytes, bytes]

_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class Connection(Protocol):
    """What a stream asks of its connection; frames leave in the order of the calls."""

    def room(self, number: int) -> int:
        """Return how many bytes of data may be sent now: 0 where the peer must read first."""

    def send_headers(self, number: int, headers: list[Header], *, end: bool = False) -> None:
        """Send a HEADERS frame: an answer's head, or its trailers."""

    def send_data(self, number: int, data: bytes, *, end: bool, now: bool) -> None:
        """Send a DATA frame, at once or together with what else this turn of the loop sends."""

    def consumed(self, number: int, size: int) -> None:
        """Give the peer's window back what the app has read (bytes, padding included)."""

    def answered(self, stream: Stream) -> None:
        """Note that a stream's last frame is on its way."""

    def reset(self, stream: Stream) -> None:
        """End a stream whose app has failed in the middle of its answer."""

    def log(self, text: str) -> None:
        """Tell a defect."""

    def now(self) -> float:
        """Return the time of an answer's Date header, in seconds since the epoch."""


class Stream:
    """One request and its answer.

    Args:
        connection: what carries it.
        number: the stream's identifier.
        scope: the app's.
    """

    def __init__(self, connection: Connection, number: int, scope: dict[str, Any]) -> None:
        self.number = number
        self.request_complete = False
        self._connection = connection
        self._scope = scope
        self._expects_continue = (b"expect", b"100-continue") in scope["headers"]
        self._unread: list[bytes] = []
        self._owed = 0  # flow-controlled bytes of what is unread
        self._told_end = False
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._gone = False
        self._status = 0
        self._head: list[Header] | None = None  # held until the first frame of the body is known
        self._trailers: list[Header] | None = None  # a list where the app has announced them
        self._answered = False

    # ------------------------------------------------------------ told by the connection

    def feed(self, data: bytes, size: int) -> None:
        """Take a DATA frame of the request; `size` is what it took from the window."""
        if data:
            self._unread.append(data)
        self._owed += size
        self._arrived.set()

    def end_request(self) -> None:
        """Note the request's end."""
        self.request_complete = True
        self._arrived.set()

    def has_room(self) -> None:
        """Let a waiting `send` look again."""
        self._room.set()

    def drop(self) -> None:
        """The client has gone, with its connection or without it."""
        self._gone = True
        self._unread.clear()
        self._give_back()
        self._arrived.set()
        self._room.set()

    # ------------------------------------------------------------ the app's side

    async def run(self, app: ASGIApp) -> None:
        """Have the request answered, one way or the other."""
        try:
            await app(self._scope, self.receive, self.send)
        except Exception as error:  # noqa: BLE001  # the edge: a defect ends one stream, not the connection
            self._connection.log(f"defect behind HTTP/2: {type(error).__name__}\n")
        finally:
            if not self._answered and not self._gone:
                self._fail()

    def _fail(self) -> None:
        if self._head is None and self._status:
            self._connection.reset(self)
            return
        self._head = [(b":status", b"500"), (b"content-length", b"0")]
        self._send_head(end=True)
        self._finish()

    async def receive(self) -> Message:
        """Return the next part of the request's body; after the last, wait for the client to go."""
        if self._expects_continue:
            self._expects_continue = False
            if not self._unread and not self.request_complete and not self._status:
                self._connection.send_headers(self.number, [(b":status", b"100")])
        while True:
            if self._gone or self._answered:
                return {"type": "http.disconnect"}
            if self._unread or (self.request_complete and not self._told_end):
                body = b"".join(self._unread)
                self._unread.clear()
                self._told_end = self.request_complete
                self._give_back()
                return {
                    "type": "http.request",
                    "body": body,
                    "more_body": not self.request_complete,
                }
            self._arrived.clear()
            await self._arrived.wait()

    def _give_back(self) -> None:
        if self._owed:
            self._connection.consumed(self.number, self._owed)
            self._owed = 0

    async def send(self, message: Message) -> None:
        """Send a part of the answer; returns when the peer has room for it.

        Raises:
            RuntimeError: the parts come in an order that ASGI does not have.
        """
        if self._gone:
            await asyncio.sleep(0)  # the task is being cancelled: let it happen
            return
        kind = message["type"]
        if kind == "http.response.start" and not self._status:
            self._start(message)
        elif kind == "http.response.body" and self._status and not self._answered:
            await self._send_body(message.get("body", b""), more=message.get("more_body", False))
        elif kind == "http.response.trailers" and self._status and not self._answered:
            self._send_trailers(message)
        else:
            raise RuntimeError(f"{kind} has no place here")

    def _start(self, message: Message) -> None:
        self._status = message["status"]
        self._head = [
            (b":status", b"%d" % self._status),
            (b"date", _date(int(self._connection.now()))),
            *message["headers"],
        ]
        if message.get("trailers", False):
            self._trailers = []
        # The head goes out with the first part of the body, or at the end of this turn.
        asyncio.get_running_loop().call_soon(self._send_head)

    def _send_head(self, *, end: bool = False) -> None:
        if self._head is not None and not self._gone:
            head, self._head = self._head, None
            self._connection.send_headers(self.number, head, end=end)

    async def _send_body(self, body: bytes, *, more: bool) -> None:
        if self._scope["method"] == "HEAD" or self._status in _BODILESS:
            body = b""
        last = not more and self._trailers is None
        if last and not body and self._head is not None:
            self._send_head(end=True)
        elif body or last:
            self._send_head()
            await self._send_data(body, end=last, now=more)
        if last and not self._gone:
            self._finish()

    async def _send_data(self, data: bytes, *, end: bool, now: bool) -> None:
        """Send data in frames as the windows and the transport have room for it."""
        sent = 0
        while not self._gone:
            room = self._connection.room(self.number)
            left = len(data) - sent
            if left <= max(room, 0):  # no window is so small that an empty frame does not fit
                self._connection.send_data(self.number, data[sent:], end=end, now=now)
                return
            if room > 0:
                part = data[sent : sent + room]
                self._connection.send_data(self.number, part, end=False, now=True)
                sent += room
                await asyncio.sleep(0)  # other streams have their turn
            else:
                self._room.clear()
                await self._room.wait()

    def _send_trailers(self, message: Message) -> None:
        trailers = [*(self._trailers or ()), *message["headers"]]
        if message.get("more_trailers", False):
            self._trailers = trailers
            return
        self._send_head()
        self._connection.send_headers(self.number, trailers, end=True)
        self._finish()

    def _finish(self) -> None:
        self._answered = True
        self._unread.clear()
        self._give_back()
        self._arrived.set()
        self._connection.answered(self)


@lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode("ascii")
