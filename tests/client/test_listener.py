from __future__ import annotations

import contextlib
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gemauth.client import listener as module
from gemauth.client.listener import Listener
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """A listener on a free port, impatient with silent connections."""
    monkeypatch.setattr(module, "READ_SECONDS", 0.2)
    made = Listener()
    yield made
    made.close()


class Peer(threading.Thread):
    """A connection that says something and reads all that comes back."""

    def __init__(self, port: int, says: bytes, *, hang_up: bool = False) -> None:
        super().__init__(daemon=True)
        self.port, self.says, self.hang_up = port, says, hang_up
        self.heard = b""
        self.start()

    def run(self) -> None:
        """Speak and listen."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            connection.sendall(self.says)
            while not self.hang_up:
                try:
                    part = connection.recv(4096)
                except ConnectionResetError:
                    break
                if not part:
                    break
                self.heard += part


def get(listener: Listener, target: str = "/?code=4/0A&state=s", host: str | None = None) -> bytes:
    """Return a browser's request."""
    host = host or f"127.0.0.1:{listener.port}"
    return f"GET {target} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n".encode()


def test_a_redirect(listener: Listener) -> None:
    """The full URL is received, and the page is answered with headers that keep the code in."""
    peer = Peer(listener.port, get(listener))
    assert listener.receive(5) == f"{listener.url}?code=4/0A&state=s"
    listener.reply(200, "<p>grüß dich</p>")
    peer.join(5)
    head, _, body = peer.heard.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body.decode() == "<p>grüß dich</p>"
    assert f"Content-Length: {len(body)}".encode() in head
    for header in (b"Cache-Control: no-store", b"Referrer-Policy: no-referrer", b"frame-ancestors"):
        assert header in head


def test_only_loopback_is_bound(listener: Listener) -> None:
    """The addresses are 127.0.0.1 and ::1, not every interface's (RFC 8252 section 8.3)."""
    assert listener.url == f"http://127.0.0.1:{listener.port}/"
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", listener.port), 1)


def test_localhost_is_us_too(listener: Listener) -> None:
    """A person may type localhost; the answer is the same."""
    Peer(listener.port, get(listener, host=f"localhost:{listener.port}"), hang_up=True)
    assert listener.receive(5) is not None


@pytest.mark.parametrize(
    ("says", "status"),
    [
        (b"HEAD /?code=4&state=s HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", b"405"),
        (b"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\n\r\n", b"405"),
        (b"OPTIONS / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", b"405"),
        (b"GET /?code=4 HTTP/1.1\r\nHost: rebound.example\r\n\r\n", b"421"),
        (b"GET /?code=4 HTTP/1.1\r\n\r\n", b"421"),
        (b"GET /?code=4 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil\r\n\r\n", b"421"),
        (b"GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", b"400"),
        (b"GET //evil.example/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", b"400"),
        (b"GET //[ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", b"400"),
        (b"GET /\xff HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n", b"400"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /?code=4 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"400"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", b"400"),
    ],
)
def test_everything_else_is_answered_and_forgotten(
    listener: Listener, says: bytes, status: bytes
) -> None:
    """Other methods and hosts, garbage, TLS, silence: none is the redirect or ends the wait."""
    stray = Peer(listener.port, says.replace(b"{port}", str(listener.port).encode()))
    assert listener.receive(0.35) is None
    stray.join(5)
    assert not stray.is_alive()
    assert stray.heard[9:12] == status
    Peer(listener.port, get(listener), hang_up=True)
    assert listener.receive(5) is not None


def test_a_silent_connection_holds_nobody_up(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections that a browser opens ahead cost nothing, and may still be used later."""
    monkeypatch.setattr(module, "READ_SECONDS", 60.0)
    with contextlib.ExitStack() as ahead:
        silent = [
            ahead.enter_context(socket.create_connection(("127.0.0.1", listener.port)))
            for _ in range(5)
        ]
        Peer(listener.port, get(listener), hang_up=True)
        assert listener.receive(5) is not None
        listener.reply(404, "not yet")
        silent[2].sendall(get(listener, "/later"))
        assert listener.receive(5) == f"{listener.url}later"
        listener.close()
        assert silent[0].recv(1) == b""


def test_silent_connections_are_few(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond MAX_SILENT the oldest is closed."""
    monkeypatch.setattr(module, "MAX_SILENT", 2)
    with contextlib.ExitStack() as ahead:
        silent = [
            ahead.enter_context(socket.create_connection(("127.0.0.1", listener.port)))
            for _ in range(3)
        ]
        assert listener.receive(0.3) is None
        assert silent[0].recv(1) == b""
        silent[1].sendall(get(listener))
        assert listener.receive(5) is not None


def test_a_request_in_pieces(listener: Listener) -> None:
    """A head may come in several packets; a dripping one has READ_SECONDS for all of them."""
    head = get(listener)
    with socket.create_connection(("127.0.0.1", listener.port)) as connection:

        def drip(pieces: list[bytes], pause: float) -> None:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)

        sender = threading.Thread(target=drip, args=([head[:9], head[9:]], 0.05))
        sender.start()
        assert listener.receive(5) is not None
        sender.join()


def test_a_peer_that_stops_half_way(listener: Listener) -> None:
    """Half a head and no more to come: answered at once, without waiting for the rest."""
    with socket.create_connection(("127.0.0.1", listener.port)) as connection:
        connection.sendall(b"GET / HT")
        connection.shutdown(socket.SHUT_WR)
        assert listener.receive(0.15) is None
        assert connection.recv(12) == b"HTTP/1.1 400"


def test_a_peer_that_resets(listener: Listener) -> None:
    """A connection that is torn down in the middle of its request is forgotten."""
    connection = socket.create_connection(("127.0.0.1", listener.port))
    connection.sendall(b"GET / HT")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    assert listener.receive(0.3) is None


def test_a_browser_that_tries_https_first(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A TLS hello waits for an answer: it is refused at its first byte, and holds nobody up."""
    monkeypatch.setattr(module, "READ_SECONDS", 60.0)
    with socket.create_connection(("127.0.0.1", listener.port)) as upgrade:
        upgrade.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500))
        Peer(listener.port, get(listener), hang_up=True)
        assert listener.receive(5) is not None


def test_a_peer_that_drips(listener: Listener) -> None:
    """READ_SECONDS are for the whole head, however often a byte of it comes."""
    with socket.create_connection(("127.0.0.1", listener.port)) as connection:
        stop = threading.Event()

        def drip() -> None:
            while not stop.wait(0.05):
                with contextlib.suppress(OSError):
                    connection.sendall(b"x")

        slow = threading.Thread(target=drip)
        slow.start()
        Peer(listener.port, get(listener), hang_up=True)
        assert listener.receive(3) is not None
        stop.set()
        slow.join()


def test_a_peer_that_is_gone_is_no_error(listener: Listener) -> None:
    """The browser may close the tab before the page comes."""
    Peer(listener.port, get(listener), hang_up=True).join(5)
    assert listener.receive(5) is not None
    listener.reply(200, "x" * 1_000_000)
    listener.reply(200, "nobody to answer")


def test_time_runs_out(listener: Listener) -> None:
    """None after the time-out."""
    started = time.monotonic()
    assert listener.receive(0.3) is None
    assert 0.25 < time.monotonic() - started < 3


def test_a_port_in_use_is_named() -> None:
    """One sentence with the port, and the way out."""
    first = Listener()
    try:
        with pytest.raises(UsageError, match=f"Port {first.port} on 127.0.0.1 is in use") as caught:
            Listener(first.port)
        assert "--port" in (caught.value.next_step or "")
    finally:
        first.close()


def test_a_port_that_is_none() -> None:
    """A number beyond 65535 is refused in the same words' form."""
    with pytest.raises(UsageError, match="Port 70000"):
        Listener(70000)


def test_a_port_is_free_again_at_once() -> None:
    """A second sign-in may use the same --port right after the first."""
    first = Listener()
    peer = Peer(first.port, get(first))
    first.receive(5)
    first.reply(200, "done")
    peer.join(5)
    first.close()
    second = Listener(first.port)
    second.close()


def test_close_wakes_the_waiting_thread() -> None:
    """Ctrl-C and a cancelled task end the wait at once."""
    listening = Listener()
    waiting = threading.Thread(target=lambda: listening.receive(30))
    waiting.start()
    time.sleep(0.1)
    listening.close()
    waiting.join(3)
    assert not waiting.is_alive()


def test_close_drops_an_unanswered_request() -> None:
    """A flow that ends without an answer leaves no connection open."""
    listening = Listener()
    peer = Peer(listening.port, get(listening))
    assert listening.receive(5) is not None
    listening.close()
    peer.join(5)
    assert not peer.is_alive()
    assert peer.heard == b""


def _has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


needs_ipv6 = pytest.mark.skipif(not _has_ipv6(), reason="this machine has no ::1")


@needs_ipv6
@pytest.mark.parametrize("host", ["localhost:{port}", "[::1]:{port}"])
def test_both_loopback_addresses_are_ours(listener: Listener, host: str) -> None:
    """A browser that resolves localhost to ::1 reaches the same sign-in."""
    with socket.create_connection(("::1", listener.port), 5) as browser:
        browser.sendall(get(listener, host=host.format(port=listener.port)))
        assert listener.receive(5) == f"{listener.url}?code=4/0A&state=s"
        listener.reply(200, "here")
        assert browser.recv(4096).startswith(b"HTTP/1.1 200")


@needs_ipv6
@pytest.mark.parametrize("reuse", [False, True])
def test_nobody_else_gets_our_port_of_ipv6(listener: Listener, *, reuse: bool) -> None:
    """Another program cannot listen at [::1] or [::] on our port, and so gets no code."""
    for address in ("::1", "::"):
        with socket.socket(socket.AF_INET6) as thief:
            thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
            thief.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            with pytest.raises(OSError, match="in use"):
                thief.bind((address, listener.port))


@needs_ipv6
def test_a_port_that_somebody_has_on_ipv6() -> None:
    """A fixed port of which another program has the other half is refused, and let go again."""
    with socket.socket(socket.AF_INET6) as other:
        other.bind(("::1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} on ::1 is in use"):
            Listener(port)
    Listener(port).close()


def test_a_machine_without_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python or the kernel knows no IPv6, 127.0.0.1 alone is listened on."""
    of_today = socket.socket

    def old(family: int = -1, kind: int = -1, *more: int, **named: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(97, "Address family not supported by protocol")
        return of_today(family, kind, *more, **named)

    monkeypatch.setattr(socket, "socket", old)
    made = Listener()
    Peer(made.port, get(made), hang_up=True)
    assert made.receive(5) is not None
    made.close()


_ALONE = """
import sys
sys.path.insert(0, {guard!r})
from pathlib import Path
import socket
from loopback_only import enter
try:
    enter()
    {first}
except OSError as error:
    print(error)
    sys.exit(77)
from gemauth.client.listener import Listener
{then}
"""
_RANGE = 'Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("40000 40003")'
_OFF = 'Path("/proc/sys/net/ipv6/conf/all/disable_ipv6").write_text("1")'
_TAKEN = """
held = []
for port in (40000, 40001, 40002):
    held.append(socket.socket(socket.AF_INET6))
    held[-1].bind(("::1", port))
    held[-1].listen()
assert Listener().port == 40003
"""


def _alone(first: str, then: str) -> None:
    """Run code in a network of its own, after a setting of that network."""
    guard = str(Path(__file__).parents[1] / "guard")
    ended = subprocess.run(
        [sys.executable, "-c", _ALONE.format(guard=guard, first=first, then=then)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if ended.returncode == 77:
        pytest.skip(f"no network namespace of one's own here: {ended.stdout.strip()}")
    assert ended.returncode == 0, ended.stderr


@needs_ipv6
@pytest.mark.processes
def test_any_port_is_one_that_is_free_on_both() -> None:
    """Of four ports three are somebody's on ::1: the fourth is taken."""
    _alone(_RANGE, _TAKEN)


@pytest.mark.processes
def test_a_kernel_whose_ipv6_is_off() -> None:
    """With ::1 switched off, 127.0.0.1 alone is listened on."""
    _alone(_OFF, "assert len(Listener()._sockets) == 1")
