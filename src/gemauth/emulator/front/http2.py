"""HTTP/2 on an asyncio transport, plain (prior knowledge) or TLS: h2 below, an ASGI app above.

Source: RFC 9113. gRPC needs it, with trailers, and so do node's http2 and whoever else speaks
nothing older. The protocol is h2's; here are the streams' tasks, flow control both ways, and
limits on what one peer may cost: concurrent streams, headers, unread answers, control frames that
want an answer, streams reset as soon as they are opened (CVE-2023-44487), idle connections.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from h2.config import H2Configuration
from h2.connection import ConnectionState, H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    PingReceived,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings
from hyperframe.frame import GoAwayFrame

from gemauth.emulator.front.allowance import Allowance
from gemauth.emulator.front.http1 import KEEP_ALIVE
from gemauth.emulator.front.http2_request import UnservedRequestError, scope_of
from gemauth.emulator.front.http2_stream import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp

    from gemauth.clock import Clock
    from gemauth.emulator.front.http2_stream import Header

__all__ = ["Http2Protocol"]

MOST_STREAMS = 256
"""Requests at a time on one connection."""
LARGEST_HEAD = 2**16
"""Bytes of a request's headers, as RFC 9113 section 6.5.2 counts them."""
STREAM_WINDOW = 2**18
CONNECTION_WINDOW = 2**24
"""Bytes of bodies that a peer may send before the app has read any: of one, of all together."""
MOST_UNREAD = 2**20
"""Bytes of answers that may wait for a peer that does not read. Bodies stop long before."""
LINGER = 5.0
"""Seconds that the last bytes of a closed connection have to leave."""

_FIRST_STREAMS = 2**12
_DEFAULT_WINDOW = 2**16 - 1


class Http2Protocol(asyncio.Protocol):
    """One connection.

    Args:
        app: answers each request.
        connections: holds this protocol as long as it is open.
        scheme: `http` or `https`, as the apps are told.
        log: where defects are told.
        clock: the time of answers' Date header.
        keep_alive: seconds that the connection may be idle.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        connections: set[Any],
        scheme: str,
        log: Callable[[str], None],
        clock: Clock,
        keep_alive: float = KEEP_ALIVE,
    ) -> None:
        self._app = app
        self._connections = connections
        self._scheme = scheme
        self.log = log
        self.now = clock.now
        self._keep_alive = keep_alive
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        # h2 closes the whole connection over one stream too many, which a client that has not
        # read our settings yet cannot know: until it acknowledges them they are refused one by one.
        self._h2.local_settings = Settings(
            client=False,
            initial_values={
                SettingCodes.MAX_CONCURRENT_STREAMS: _FIRST_STREAMS,
                SettingCodes.MAX_HEADER_LIST_SIZE: LARGEST_HEAD,
                SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW,
            },
        )
        self._streams: dict[int, Stream] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._resets = Allowance(burst=1000, per_second=200)
        self._questions = Allowance(burst=10_000, per_second=2000)
        self._paused = False
        self._flushing = False
        self._draining = False
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport
        self._loop: asyncio.AbstractEventLoop

    # ------------------------------------------------------------ asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send our settings, and wait for requests."""
        assert isinstance(transport, asyncio.Transport)
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._connections.add(self)
        self._h2.initiate_connection()
        self._h2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: MOST_STREAMS})
        self._h2.increment_flow_control_window(CONNECTION_WINDOW - _DEFAULT_WINDOW)
        self._flush()
        self._rest()

    def data_received(self, data: bytes) -> None:
        """Take what came; a peer that breaks the protocol is told so and left."""
        if self._transport.is_closing():
            return
        self._flush()  # h2 forgets what it has not handed out when a GOAWAY comes
        try:
            events = self._h2.receive_data(data)
        except ProtocolError:
            self._leave()
            return
        for event in events:
            take = self._TAKERS.get(type(event))
            if take is not None:
                take(self, event)
            if self._transport.is_closing():
                return
        self._flush()

    def eof_received(self) -> None:
        """Close: a client that sends no more reads no more either."""

    def pause_writing(self) -> None:
        """Send no bodies until the peer has read."""
        self._paused = True

    def resume_writing(self) -> None:
        """Go on sending bodies."""
        self._paused = False
        self._wake()

    def connection_lost(self, _: Exception | None) -> None:
        """End all that belongs to the connection."""
        self._connections.discard(self)
        self._stop_timer()
        for stream in self._streams.values():
            stream.drop()
        self._streams.clear()
        for task in self._tasks.values():
            task.cancel()

    def shutdown(self) -> None:
        """Take no more requests, finish those that are here, then close."""
        if self._draining or self._transport.is_closing():
            return
        self._draining = True
        # h2 sends nothing after its own GOAWAY, not even the answers that are due (section 6.8).
        last = self._h2.highest_inbound_stream_id
        self._flush()
        self._transport.write(GoAwayFrame(last_stream_id=last).serialize())
        self._rest()

    # ------------------------------------------------------------ what the peer sent

    def _take_request(self, event: RequestReceived) -> None:
        number = event.stream_id
        if (
            self._draining
            or len(self._streams) >= MOST_STREAMS
            or len(self._tasks) >= 2 * MOST_STREAMS  # cancelled ones take a moment to end
        ):
            with suppress(ProtocolError):  # by the client, in the same breath
                self._h2.reset_stream(number, ErrorCodes.REFUSED_STREAM)
            return
        try:
            scope = scope_of(event.headers, self._scheme, self._transport)
        except UnservedRequestError as error:
            self._refuse(number, error)
            return
        stream = Stream(self, number, scope)
        self._streams[number] = stream
        task = self._loop.create_task(stream.run(self._app))
        self._tasks[number] = task
        task.add_done_callback(lambda _: self._done(number))
        self._stop_timer()

    def _refuse(self, number: int, error: UnservedRequestError) -> None:
        """Answer a request that no app sees."""
        head = [(b":status", b"%d" % error.status), (b"content-type", b"text/plain")]
        text = error.text.encode("ascii")
        with suppress(ProtocolError):  # h2 has read on, maybe to the request's end or its reset
            self._h2.send_headers(number, head)
            self._h2.send_data(number, text[: max(0, self.room(number))], end_stream=True)
            self._h2.reset_stream(number, ErrorCodes.NO_ERROR)

    def _take_data(self, event: DataReceived) -> None:
        stream = self._streams.get(event.stream_id)
        if stream is None:
            self.consumed(event.stream_id, event.flow_controlled_length)
        else:
            stream.feed(event.data, event.flow_controlled_length)

    def _take_end(self, event: StreamEnded) -> None:
        if stream := self._streams.get(event.stream_id):
            stream.end_request()

    def _take_reset(self, event: StreamReset) -> None:
        if event.remote_reset and not self._resets.spend(self._loop.time()):
            self._leave(ErrorCodes.ENHANCE_YOUR_CALM)
            return
        if stream := self._streams.pop(event.stream_id, None):
            stream.drop()
            self._tasks[event.stream_id].cancel()

    def _take_question(self, event: Event) -> None:
        """Count a frame that h2 has answered: PING or SETTINGS."""
        if not self._questions.spend(self._loop.time()):
            self._leave(ErrorCodes.ENHANCE_YOUR_CALM)
        elif isinstance(event, RemoteSettingsChanged):
            self._wake()  # windows may have grown

    def _take_window(self, event: WindowUpdated) -> None:
        if not event.stream_id:
            self._wake()
        elif stream := self._streams.get(event.stream_id):
            stream.has_room()

    def _take_goodbye(self, event: ConnectionTerminated) -> None:
        """Finish what is asked: a GOAWAY does not end the streams (section 6.8)."""
        self._draining = True
        if event.error_code == ErrorCodes.NO_ERROR and self._streams:
            # h2 takes a GOAWAY for the end: node's http2 sends one and reads on.
            self._h2.state_machine.state = ConnectionState.SERVER_OPEN
        else:
            self._close()

    # ------------------------------------------------------------ what streams ask for

    def room(self, number: int) -> int:
        """Return how many bytes of data a stream may send now."""
        if self._paused:
            return 0
        return min(self._h2.local_flow_control_window(number), self._h2.max_outbound_frame_size)

    def send_headers(self, number: int, headers: list[Header], *, end: bool = False) -> None:
        """Send an answer's head or trailers; h2 drops what belongs to HTTP/1.1 connections."""
        self._h2.send_headers(number, headers, end_stream=end)
        self._flush_soon()

    def send_data(self, number: int, data: bytes, *, end: bool, now: bool) -> None:
        """Send data that there is room for."""
        self._h2.send_data(number, data, end_stream=end)
        if now:
            self._flush()
        else:
            self._flush_soon()

    def consumed(self, number: int, size: int) -> None:
        """Let the peer send as much again."""
        if size and not self._transport.is_closing():
            self._h2.acknowledge_received_data(size, number)
            self._flush_soon()

    def answered(self, stream: Stream) -> None:
        """Forget an answered stream; what is left of its request is not wanted (section 8.1)."""
        if not stream.request_complete:
            self._h2.reset_stream(stream.number, ErrorCodes.NO_ERROR)
        self._streams.pop(stream.number, None)
        self._flush_soon()

    def reset(self, stream: Stream) -> None:
        """End a stream in the middle of its answer."""
        self._h2.reset_stream(stream.number, ErrorCodes.INTERNAL_ERROR)
        self._streams.pop(stream.number, None)
        self._flush_soon()

    # ------------------------------------------------------------ ends

    def _done(self, number: int) -> None:
        del self._tasks[number]
        if not self._tasks and not self._transport.is_closing():
            self._rest()

    def _rest(self) -> None:
        """Begin to wait for the next request, or close if none is to come."""
        if self._tasks:
            return
        if self._draining:
            self._close()
            return
        self._stop_timer()
        self._timer = self._loop.call_later(self._keep_alive, self._leave, ErrorCodes.NO_ERROR)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _leave(self, code: ErrorCodes | None = None) -> None:
        """Say GOAWAY (with None, h2 has said it) and close."""
        if code is not None:
            self._h2.close_connection(code)
        self._close()

    def _close(self) -> None:
        self._flush()
        self._stop_timer()
        for number, stream in self._streams.items():
            stream.drop()
            self._tasks[number].cancel()
        self._streams.clear()
        if not self._transport.is_closing():
            self._transport.close()
            self._timer = self._loop.call_later(LINGER, self._transport.abort)

    def _wake(self) -> None:
        for stream in self._streams.values():
            stream.has_room()

    def _flush_soon(self) -> None:
        """Send at the end of this turn of the loop: one write for a whole small answer."""
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        data = self._h2.data_to_send()
        if data and not self._transport.is_closing():
            self._transport.write(data)
            if self._transport.get_write_buffer_size() > MOST_UNREAD:
                self._transport.abort()  # it asks and asks, and reads no answer

    _TAKERS: ClassVar[Mapping[type[Event], Callable[[Http2Protocol, Any], None]]] = {
        RequestReceived: _take_request,
        DataReceived: _take_data,
        StreamEnded: _take_end,
        StreamReset: _take_reset,
        PingReceived: _take_question,
        RemoteSettingsChanged: _take_question,
        WindowUpdated: _take_window,
        ConnectionTerminated: _take_goodbye,
    }
