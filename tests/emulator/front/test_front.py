from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import ssl
import threading
import time
from asyncio import sslproto
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.emulator.authority import Authority
from gemauth.emulator.front import front as module
from gemauth.emulator.front.first_bytes import PREFACE
from gemauth.errors import DataError
from gemauth.testing.emulator import EmulatorProcess
from tests.emulator.front.h2_peer import Peer
from tests.emulator.front.port import (
    PATIENCE,
    Port,
    answered,
    ask,
    authority,
    client_hello,
    everything,
    trust,
    until,
    until_blank_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

OAUTH = "oauth2.googleapis.com:443"


@pytest.fixture(scope="module")
def shared() -> Iterator[Port]:
    """A front of which nothing is changed."""
    with Port() as port:
        yield port


async def _h2(port: Port, *, tls: bool) -> dict[str, Any]:
    context = None
    if tls:
        context = ssl.create_default_context(cadata=authority().certificate_pem)
        context.set_alpn_protocols(["h2"])
    reader, writer = await asyncio.open_connection("localhost", port.number, ssl=context)
    peer = Peer(reader, writer, {})
    try:
        told: dict[str, Any] = json.loads((await peer.get("/x")).body)
        return told
    finally:
        await peer.close()


def test_every_way_leads_to_the_one_app(shared: Port) -> None:
    """The app is told what was spoken, and by whom: scheme, version, the client's own address"""
    seen = []
    for connect in (shared.connect, shared.tls, shared.tunnel):
        with connect() as connection:
            told = ask(connection, "/x")
            assert told["client"] == list(connection.getsockname())
            seen.append((told["scheme"], told["http_version"]))
    for tls in (False, True):
        told = asyncio.run(_h2(shared, tls=tls))
        assert told["client"][0] == "127.0.0.1"
        seen.append((told["scheme"], told["http_version"]))
    assert seen == [
        ("http", "1.1"),
        ("https", "1.1"),
        ("https", "1.1"),
        ("http", "2"),
        ("https", "2"),
    ]


def test_http_1_is_preferred_where_a_client_has_both(shared: Port) -> None:
    """ALPN gives HTTP/2 only to who speaks nothing else, as gRPC"""
    context = ssl.create_default_context(cadata=authority().certificate_pem)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with context.wrap_socket(shared.connect(), server_hostname="localhost") as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"
        assert ask(connection)["http_version"] == "1.1"


def test_connections_are_kept_alive(shared: Port) -> None:
    """Many requests use one connection, of each kind"""
    for connect in (shared.connect, shared.tls, shared.tunnel):
        with connect() as connection:
            assert [ask(connection, f"/{n}")["path"] for n in range(3)] == ["/0", "/1", "/2"]


@pytest.mark.parametrize("target", ["metadata.google.internal:80", "169.254.169.254:80"])
def test_the_metadata_server_is_plain_http_in_its_tunnel(shared: Port, target: str) -> None:
    """Behind CONNECT to port 80 no TLS is expected, and bytes after the head are not lost"""
    with shared.connect() as connection:
        head = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode()
        connection.sendall(head + b"GET /computeMetadata/v1/ HTTP/1.1\r\nHost: x\r\n\r\n")
        assert until_blank_line(connection).startswith(b"HTTP/1.1 200 ")
        told = answered(connection)
    assert (told["scheme"], told["path"]) == ("http", "/computeMetadata/v1/")


def test_an_emulated_host_takes_nothing_but_tls(shared: Port) -> None:
    """Plain http in a tunnel to port 443 gets no answer"""
    with shared.connect() as connection:
        connection.sendall(f"CONNECT {OAUTH} HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n".encode())
        assert until_blank_line(connection).startswith(b"HTTP/1.1 200 ")
        assert b"HTTP" not in everything(connection)


@pytest.mark.parametrize(
    ("target", "status"), [("storage.googleapis.com:443", 502), ("evil.example:443", 403)]
)
def test_a_refusal_is_read_whole(shared: Port, target: str, status: int) -> None:
    """The text arrives though the client has sent more than the emulator will read"""
    before = len(shared.told)
    with shared.connect() as connection:
        head = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode()
        connection.sendall(head + bytes(2**20))
        connection.shutdown(socket.SHUT_WR)
        answer = everything(connection)
    assert answer.startswith(f"HTTP/1.1 {status} {target} ".encode())
    assert int(re.search(rb"content-length: (\d+)", answer)[1]) == len(  # type: ignore[index]
        answer.partition(b"\r\n\r\n")[2]
    )
    host, _, number = target.partition(":")
    assert shared.told[before:] == [(host, int(number), status)]


@pytest.mark.parametrize(
    "head",
    [
        b"CONNECT nothing HTTP/1.1\r\n\r\n",
        b"CONNECT \r\n\r\n",
        b"CONNECT a:443 HTTP/1.1\r\nX: " + b"a" * module.LONGEST_CONNECT,
        b"CONNECT " + b"a" * 2 * module.LONGEST_CONNECT,
    ],
)
def test_a_connect_out_of_form_is_400(shared: Port, head: bytes) -> None:
    """Malformed and endless heads end with 400"""
    with shared.connect() as connection:
        connection.sendall(head)
        connection.shutdown(socket.SHUT_WR)
        assert everything(connection).startswith(b"HTTP/1.1 400 Bad Request")


@pytest.mark.parametrize("begin", [b"", b"P", b"CONN", b"CONNECT a:443 HTTP/1.1\r\n", b"\x16\x03"])
def test_who_says_nothing_more_is_left(begin: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """First bytes, a head and a handshake have an end in time"""
    for name in ("KEEP_ALIVE", "HEAD_SECONDS", "HANDSHAKE_SECONDS"):
        monkeypatch.setattr(module, name, 0.1)
    with Port() as port, port.connect() as connection:
        connection.sendall(begin)
        assert everything(connection) == b""
        connection.close()
        port.idle()
        assert port.log == []


@pytest.mark.parametrize("begin", [b"", b"C", b"PRI * HTTP/2.0\r\n", b"CONNECT a:443", b"\x16"])
def test_who_leaves_early_is_forgotten(shared: Port, begin: bytes) -> None:
    """A connection that ends before it has said what it wants leaves nothing"""
    with shared.connect() as connection:
        connection.sendall(begin)
        connection.shutdown(socket.SHUT_WR)
        assert everything(connection) == b""
    shared.idle()


def bytewise(connection: socket.socket, data: bytes) -> None:
    """Send bytes in a packet each, the first two so late that each is seen alone."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for number in range(len(data)):
        connection.sendall(data[number : number + 1])
        if number < 2:
            time.sleep(0.05)


def test_one_byte_at_a_time(shared: Port) -> None:
    """However a head is cut up, every kind is understood"""
    with shared.connect() as connection:
        bytewise(connection, b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab")
        assert answered(connection)["length"] == 2
    with shared.connect() as connection:
        bytewise(connection, PREFACE)
        assert connection.recv(9)[3] == 4  # a SETTINGS frame
    with shared.connect() as connection:
        bytewise(connection, f"CONNECT {OAUTH} HTTP/1.1\r\nHost: {OAUTH}\r\n\r\n".encode())
        until_blank_line(connection)
        bytewise(connection, client_hello())
        assert connection.recv(1) == b"\x16"
    with shared.connect() as connection:
        bytewise(connection, client_hello("localhost"))
        assert connection.recv(1) == b"\x16"


def test_a_handshake_may_follow_the_head_at_once(shared: Port) -> None:
    """TLS that does not wait for the 200 loses nothing"""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    host = OAUTH.partition(":")[0]
    client = trust().wrap_bio(incoming, outgoing, server_hostname=host)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    with shared.connect() as connection:
        connection.sendall(f"CONNECT {OAUTH} HTTP/1.1\r\n\r\n".encode() + outgoing.read())
        assert until_blank_line(connection).startswith(b"HTTP/1.1 200 ")
        begun, answer = False, b""
        while b'"scheme": "https"' not in answer:
            incoming.write(connection.recv(65536))
            with contextlib.suppress(ssl.SSLWantReadError):
                client.do_handshake()
                if not begun:
                    client.write(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                    begun = True
                while True:
                    answer += client.read()
            connection.sendall(outgoing.read())


class _Slow:
    """An authority that counts who asks, answers when it may, and fails as often as it is told."""

    def __init__(self, failures: int = 0) -> None:
        self.asked = 0
        self.may_answer = threading.Event()
        self._failures = failures

    def server_context(self) -> ssl.SSLContext:
        self.asked += 1
        assert self.may_answer.wait(PATIENCE)
        if self._failures:
            self._failures -= 1
            raise DataError("the key is unreadable")
        return authority().server_context()


def test_the_certificate_is_made_once_and_off_the_loop() -> None:
    """Many first connections by TLS wait for one certificate, and others are answered meanwhile"""
    slow = _Slow()
    with Port(authority=slow) as port:
        with port.connect() as connection:
            ask(connection)
        assert slow.asked == 0
        threads = [threading.Thread(target=lambda: port.tls().close()) for _ in range(10)]
        for thread in threads:
            thread.start()
        until(lambda: len(port.front._meetings) == 10)
        with port.connect() as connection:
            ask(connection)
        assert slow.asked == 1
        slow.may_answer.set()
        for thread in threads:
            thread.join()


def test_a_renewed_certificate_is_served_to_the_next_connection() -> None:
    """The authority renews it while the emulator runs: each connection asks for the one in force"""
    contexts = [authority().server_context(), Authority().server_context()]

    class Renewed:
        def server_context(self) -> ssl.SSLContext:
            return contexts[0]

    with Port(authority=Renewed()) as port:
        port.tls().close()
        contexts.reverse()
        with pytest.raises(ssl.SSLCertVerificationError):
            port.tls()  # trusts the first authority only


def test_a_certificate_that_cannot_be_made_is_told() -> None:
    """No tunnel is promised then; the log names the failure, and the next connection tries anew"""
    slow = _Slow(failures=1)
    slow.may_answer.set()
    with Port(authority=slow) as port:
        with port.connect() as connection:
            connection.sendall(f"CONNECT {OAUTH} HTTP/1.1\r\n\r\n".encode())
            assert everything(connection) == b""
        assert port.log == ["defect in a connection: DataError\n"]
        with port.tunnel() as connection:
            assert ask(connection)["scheme"] == "https"


def test_a_client_that_does_not_trust_us_is_told_once_for_each_host() -> None:
    """The commonest mistake has a line in the log; a client that merely vanishes has none"""
    with Port() as port:
        for target in (OAUTH, OAUTH, "sts.googleapis.com:443"):
            connection = port.connect()
            connection.sendall(f"CONNECT {target} HTTP/1.1\r\n\r\n".encode())
            until_blank_line(connection)
            with pytest.raises(ssl.SSLCertVerificationError), connection:
                ssl.create_default_context().wrap_socket(
                    connection, server_hostname=target.partition(":")[0]
                )
        with port.connect() as connection:
            connection.sendall(client_hello())
        port.idle()
        assert [line.split(":")[0] for line in port.log] == [
            "TLS oauth2.googleapis.com",
            "TLS sts.googleapis.com",
        ]
        assert "gemauth emulator ca" in port.log[0]


def test_a_stop_before_the_start_counts() -> None:
    """An emulator that was stopped before its thread came to run does not stay"""
    port = Port()
    port.front.stop()
    with port:
        port._thread.join(PATIENCE)
        assert not port._thread.is_alive()


def test_a_stop_after_the_end_is_harmless() -> None:
    """Nor does one that comes late fail"""
    with Port() as port:
        pass
    port.front.stop()


def test_a_listener_that_fails_ends_the_emulator() -> None:
    """It does not go on deaf: what went wrong is raised"""
    port = Port()
    port._listener.close()
    with pytest.raises(OSError, match=r"file descriptor|socket"), port:
        port._thread.join(PATIENCE)


def test_who_announces_may_fail() -> None:
    """An error of the announcement ends the emulator, and its socket is closed"""

    async def main() -> None:
        port = Port()
        with pytest.raises(RuntimeError, match="announce"):
            await port.front.serve([port._listener], lambda: _fail("announce"))
        assert port._listener.fileno() == -1

    asyncio.run(main())


def _fail(text: str) -> None:
    raise RuntimeError(text)


def test_a_second_stop_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C twice ends at once what a request would hold up"""
    monkeypatch.setattr(module, "GRACE", 60.0)
    with Port() as port, port.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n")
        until(lambda: port.app.open)
        port.front.stop()
        until(lambda: port._listener.fileno() == -1)
        assert port._thread.is_alive()
        port.front.stop()
        port._thread.join(5)
        assert not port._thread.is_alive()


def test_what_cannot_be_aborted_keeps_no_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """CPython before 3.11.4 raises AttributeError for a TLS transport that was closed twice"""
    abort = sslproto._SSLProtocolTransport.abort

    def fail(transport: sslproto._SSLProtocolTransport) -> None:
        abort(transport)
        raise AttributeError

    monkeypatch.setattr(module, "GRACE", 0.1)
    monkeypatch.setattr(sslproto._SSLProtocolTransport, "abort", fail)
    with Port() as port, port.tls() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n")
        until(lambda: port.app.open)
        port.stop()
        assert everything(connection) == b""


def test_without_tls_nothing_of_it_is_loaded() -> None:
    """An emulator that is called by plain http imports neither cryptography nor h2; one call by
    TLS brings the first.
    """
    with EmulatorProcess() as emulator:
        emulator.control.status()
        maps = Path(f"/proc/{emulator.process.pid}/maps")
        assert "cryptography" not in maps.read_text()
        number = int(emulator.address.rpartition(":")[2])
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(socket.create_connection(("127.0.0.1", number), PATIENCE)):
            assert "cryptography" in maps.read_text()
