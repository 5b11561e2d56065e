"""One port for everything: from a connection's first byte to the protocol that speaks on it.

TLS ends here for whoever calls the port itself by https, and behind CONNECT for an emulated host;
ALPN then chooses HTTP/1.1 or HTTP/2. The certificate is made and HTTP/2 is imported when the first
connection wants them.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakSet

from gemauth.emulator.front.accept import accept
from gemauth.emulator.front.connect import ESTABLISHED, MALFORMED, Refusal, Target, Way, way_to
from gemauth.emulator.front.first_bytes import HeadTooLongError, Kind, read_head, tell
from gemauth.emulator.front.http1 import HEAD_SECONDS, KEEP_ALIVE, Http1
from gemauth.emulator.front.tunnel import NoTunnelError, carry, reach

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence

    from starlette.types import ASGIApp

    from gemauth.clock import Clock
    from gemauth.emulator.authority import Authority

__all__ = ["GRACE", "Front"]

GRACE = 3.0
"""Seconds that requests in flight have to finish at a stop."""
HANDSHAKE_SECONDS = 30.0
"""Seconds that a TLS handshake may take: far more than on an idle machine."""
SHUTDOWN_SECONDS = 2.0
"""Seconds that a client has to answer the end of TLS (RFC 8446 section 6.1); few do."""
LINGER_SECONDS = 2.0
"""Seconds that a refused client has to read why."""
LONGEST_CONNECT = 16384
"""Bytes of a CONNECT request."""

# The alerts by which clients refuse a certificate (RFC 8446 section 6.2), as OpenSSL names them:
# OpenSSL's own and Python's; Java's, Node's and Chromium's; Go's.
_DISTRUST = ("ALERT_UNKNOWN_CA", "ALERT_CERTIFICATE_UNKNOWN", "ALERT_BAD_CERTIFICATE")


class Front:
    """The emulator's port.

    Args:
        app: what answers requests.
        authority: whose certificate TLS ends with.
        clock: the time of answers' Date header.
        tunnel_other_hosts: whether tunnels to hosts that are not Google's are opened.
        environ: where the emulator's own HTTPS_PROXY and NO_PROXY are, for tunnels.
        log: where defects and TLS that clients do not trust are told, in whole lines.
        told: called with host, port and status of each CONNECT that does not end here.
    """

    def __init__(
        self,
        app: ASGIApp,
        authority: Authority,
        clock: Clock,
        *,
        tunnel_other_hosts: bool = False,
        environ: Mapping[str, str] | None = None,
        log: Callable[[str], None] = lambda _: None,
        told: Callable[[str, int, int], None] = lambda *_: None,
    ) -> None:
        self._app = app
        self._authority = authority
        self._tunnel_other_hosts = tunnel_other_hosts
        self._environ = environ or {}
        self._log = log
        self._told = told
        self._connections: set[Any] = set()
        self._clock = clock
        self._http1 = Http1(app, self._connections, clock)
        self._meetings: set[asyncio.Task[None]] = set()
        self._transports: WeakSet[asyncio.Transport] = WeakSet()
        self._has_tls = False
        self._tls_lock = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._distrusted: set[str] = set()
        self._stopping = asyncio.Event()
        self._stops = 0

    async def serve(
        self, listeners: Sequence[socket.socket], ready: Callable[[], None] = lambda: None
    ) -> None:
        """Answer on listening sockets until `stop`, then close them and all connections.

        Args:
            listeners: the sockets.
            ready: called once, when connections are accepted.
        """
        self._loop = asyncio.get_running_loop()
        accepting = [
            asyncio.create_task(accept(listener, self._begin, self._log)) for listener in listeners
        ]
        if self._stops:
            self._stopping.set()
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            ready()
            await asyncio.wait([stopping, *accepting], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._loop = None
            ended = [stopping, *accepting]
            for task in ended:
                task.cancel()
            results = await asyncio.gather(*ended, return_exceptions=True)
            for listener in listeners:
                listener.close()
            await self._end()
        for result in results:
            if isinstance(result, Exception):
                raise result

    def stop(self) -> None:
        """Have `serve` finish what it is answering, and return; twice: at once.

        May be called from any thread and from a signal handler, before or after, too.
        """
        self._stops += 1
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # closed in this moment
                loop.call_soon_threadsafe(self._stopping.set)

    def _begin(self, connection: socket.socket) -> None:
        task = asyncio.get_running_loop().create_task(self._meet(connection))
        self._meetings.add(task)
        task.add_done_callback(self._meetings.discard)

    async def _meet(self, connection: socket.socket) -> None:
        """Take a connection to its protocol, or to its end."""
        with _Held(connection) as held:
            try:
                async with asyncio.timeout(KEEP_ALIVE):
                    kind, taken = await tell(connection)
                match kind:
                    case Kind.TLS:
                        await self._end_tls(held, "")
                    case Kind.CONNECT:
                        await self._connect(held, taken)
                    case _:
                        await self._speak(held, taken, http2=kind is Kind.HTTP2)
            except (OSError, EOFError, TimeoutError):
                pass  # gone, or it never said what it wants
            except Exception as error:  # noqa: BLE001  # the edge: a defect ends one connection
                self._log(f"defect in a connection: {type(error).__name__}\n")

    async def _connect(self, held: _Held, taken: bytes) -> None:
        connection = held.connection
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = await read_head(connection, taken, LONGEST_CONNECT)
        except HeadTooLongError:
            await _refuse(connection, MALFORMED)
            return
        target = Target.of(head)
        if target is None:
            await _refuse(connection, MALFORMED)
            return
        match way_to(target, tunnel_other_hosts=self._tunnel_other_hosts):
            case Refusal() as refusal:
                self._told(target.host, target.port, refusal.status)
                await _refuse(connection, refusal)
            case Way.TLS:
                await self._context()  # before it is promised
                await _send(connection, ESTABLISHED)
                await self._end_tls(held, str(target))
            case Way.PLAIN:
                await _send(connection, ESTABLISHED)
                await self._speak(held, b"", http2=False)
            case Way.TUNNEL:
                await self._tunnel(connection, target)

    async def _tunnel(self, connection: socket.socket, target: Target) -> None:
        own_port = connection.getsockname()[1]
        try:
            reached = await reach(target, self._environ, own_port)
        except NoTunnelError as error:
            self._told(target.host, target.port, error.refusal.status)
            await _refuse(connection, error.refusal)
            return
        with reached:
            self._told(target.host, target.port, 200)
            await _send(connection, ESTABLISHED)
            await carry(connection, reached)

    async def _speak(self, held: _Held, taken: bytes, *, http2: bool) -> None:
        """Give a connection to HTTP, with what has been read of it."""
        await asyncio.get_running_loop().connect_accepted_socket(
            lambda: _Switch(self, taken, http2=http2), held.handed_over()
        )

    async def _end_tls(self, held: _Held, target: str) -> None:
        """End TLS, and give what is within to the HTTP that ALPN chose."""
        context = await self._context()
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: _Switch(self, b"", http2=False),
                held.handed_over(),
                ssl=context,
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=SHUTDOWN_SECONDS,
            )
        except OSError as error:
            # A client that is killed in its handshake is no news (interception.md pitfall 9); one
            # that does not trust us is, once for each host that it called.
            reason = getattr(error, "reason", None) or ""
            if reason.endswith(_DISTRUST) and target not in self._distrusted:
                self._distrusted.add(target)
                self._log(
                    f"TLS {target or 'on this port'}: the client does not trust this emulator's "
                    "certificate; see gemauth emulator ca\n"
                )

    async def _context(self) -> ssl.SSLContext:
        """Return the authority's context: made off the loop once, then its own, renewed in time."""
        if not self._has_tls:
            async with self._tls_lock:
                if not self._has_tls:
                    await asyncio.to_thread(self._authority.server_context)
                    self._has_tls = True
        return self._authority.server_context()

    def protocol(self, transport: asyncio.Transport, *, http2: bool) -> Any:  # noqa: ANN401  # either protocol
        """Return the protocol for a new transport."""
        self._transports.add(transport)
        if not http2:
            return self._http1.protocol()
        from gemauth.emulator.front.http2 import Http2Protocol  # slow import, wanted by few

        scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        return Http2Protocol(
            self._app,
            connections=self._connections,
            scheme=scheme,
            log=self._log,
            clock=self._clock,
        )

    async def _end(self) -> None:
        """Close every connection, once what it asked is answered or the grace is over."""
        for meeting in list(self._meetings):
            meeting.cancel()
        for connection in list(self._connections):
            connection.shutdown()
        await self._until_closed(GRACE)
        for task in list(self._http1.tasks):
            task.cancel()
        for transport in list(self._transports):
            # CPython before 3.11.4 has forgotten what to abort where `close` was called twice.
            with contextlib.suppress(AttributeError):
                transport.abort()
        await self._until_closed(1.0)

    async def _until_closed(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while self._connections or self._http1.tasks or self._meetings:
            if loop.time() > deadline or self._stops > 1:
                break
            await asyncio.sleep(0.01)
        await asyncio.sleep(0)  # transports close their sockets in the loop's next turn


class _Switch(asyncio.Protocol):
    """Stands on a transport until it is made, then gives it to the protocol that speaks there.

    All in one turn of the loop: nothing can arrive in between (interception.md pitfall 2).
    """

    def __init__(self, front: Front, taken: bytes, *, http2: bool) -> None:
        self._front = front
        self._taken = taken
        self._http2 = http2

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # streams only
        tls = transport.get_extra_info("ssl_object")
        chosen = tls is not None and tls.selected_alpn_protocol() == "h2"
        protocol = self._front.protocol(transport, http2=self._http2 or chosen)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        if self._taken:
            protocol.data_received(self._taken)


class _Held:
    """A connection that is closed at the end, unless a transport has taken it over."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._ours = True

    def handed_over(self) -> socket.socket:
        """Return it to its new owner."""
        self._ours = False
        return self.connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._ours:
            self.connection.close()


async def _send(connection: socket.socket, data: bytes) -> None:
    async with asyncio.timeout(HEAD_SECONDS):
        await asyncio.get_running_loop().sock_sendall(connection, data)


async def _refuse(connection: socket.socket, refusal: Refusal) -> None:
    """Tell why; then read on, since closing with bytes unread would take the answer back.

    TCP answers a close with unread bytes by a reset, which discards what was sent (RFC 9112
    section 9.6).
    """
    await _send(connection, refusal.to_bytes())
    connection.shutdown(socket.SHUT_WR)
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(LINGER_SECONDS):
        while await loop.sock_recv(connection, 65536):
            pass
