"""Both twins, sync and async, are held to the same facts."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from gemauth.client.connections.connection import Connections
from gemauth.client.connections.connection_async import AsyncConnections, _Connection
from gemauth.client.connections.unreachable import ConnectionLostError
from gemauth.errors import UnreachableError
from gemauth.http import Headers, Request, Response
from tests.client.loopback_google import MODELS, LoopbackGoogle, certificates

if TYPE_CHECKING:
    from pathlib import Path

MODELS_URL = "https://generativelanguage.googleapis.com/v1beta/models"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Send = Callable[..., Response]


@contextmanager
def sync_sender() -> Iterator[Send]:
    """Send with the synchronous pool."""
    with Connections() as connections:
        yield lambda request, proxy=None, seconds=5.0: connections.exchange(
            request, proxy=proxy, seconds=seconds
        )


@contextmanager
def async_sender() -> Iterator[Send]:
    """Send with the asynchronous pool, on one event loop."""
    connections = AsyncConnections()
    with asyncio.Runner() as runner:
        yield lambda request, proxy=None, seconds=5.0: runner.run(
            connections.exchange(request, proxy=proxy, seconds=seconds)
        )
        runner.run(connections.close())


@pytest.fixture(params=[sync_sender, async_sender], ids=["sync", "async"])
def send(request: pytest.FixtureRequest) -> Iterator[Send]:
    """Either twin."""
    with request.param() as sender:
        yield sender


@pytest.fixture
def google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackGoogle]:
    """Google's names behind a proxy, its certificates trusted."""
    with LoopbackGoogle(tmp_path) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.ca))
        yield server


class Script:
    """A server that says what it is told to, whatever it is asked, one connection after another."""

    def __init__(self, *scripts: list[bytes | None]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/"
        self.asked: list[bytes] = []
        self.done = threading.Event()
        self._scripts = scripts
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        for script in self._scripts:
            connection, _ = self.listener.accept()
            with connection:
                for said in script:
                    self.asked.append(connection.recv(65_536))
                    if said is None:  # silence
                        self.done.wait(5)
                    else:
                        connection.sendall(said)

    def close(self) -> None:
        """Let go."""
        self.done.set()
        self._thread.join(5)
        self.listener.close()


@contextmanager
def script(*scripts: list[bytes | None]) -> Iterator[Script]:
    """Run a script."""
    server = Script(*scripts)
    try:
        yield server
    finally:
        server.close()


def test_through_a_tunnel(google: LoopbackGoogle, send: Send) -> None:
    """CONNECT, then TLS with the server's own name, then the request; two share one connection."""
    proxy = f"http://127.0.0.1:{google.port}"
    for _ in range(2):
        answer = send(Request("GET", MODELS_URL, Headers({"Authorization": "Bearer x"})), proxy)
        assert answer.json() == MODELS
        assert answer.headers["vary"] == "X-Origin"
    assert [seen.method for seen in google.seen] == ["CONNECT", "GET", "GET"]
    assert "authorization" not in google.seen[0].headers


def test_a_name_that_the_certificate_lacks(google: LoopbackGoogle, send: Send) -> None:
    """A certificate for other names is refused before anything is sent."""
    request = Request("POST", "https://accounts.google.com/", body=b"secret")
    with pytest.raises(UnreachableError, match="TLS certificate") as caught:
        send(request, f"http://127.0.0.1:{google.port}")
    assert "accounts.google.com" in (caught.value.evidence or "")
    assert [seen.method for seen in google.seen] == ["CONNECT"]


def test_an_authority_that_nobody_knows(
    google: LoopbackGoogle, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the folder nor the defaults know it: it is said so, after both were asked."""
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(UnreachableError, match="TLS certificate") as caught:
        send(Request("GET", MODELS_URL), f"http://127.0.0.1:{google.port}")
    assert "issuer" in (caught.value.evidence or "")


def test_certificates_by_requests_variable(
    google: LoopbackGoogle, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What google-auth trusts is trusted."""
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(google.ca))
    assert send(Request("GET", MODELS_URL), f"http://127.0.0.1:{google.port}").ok


def test_certificates_that_are_not_there(
    google: LoopbackGoogle, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable is named, not the server blamed alone."""
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with pytest.raises(UnreachableError) as caught:
        send(Request("GET", MODELS_URL), f"http://127.0.0.1:{google.port}")
    assert "REQUESTS_CA_BUNDLE" in (caught.value.evidence or "")


def test_a_folder_that_does_not_know_it(
    google: LoopbackGoogle, send: Send, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a folder of hashed names does not verify a server, the bundle beside it is read too."""
    folder = tmp_path / "certs"
    folder.mkdir()
    (folder / "0a0b0c0d.0").write_bytes(b"")
    paths = ssl.get_default_verify_paths()._replace(capath=str(folder))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    monkeypatch.delenv("SSL_CERT_FILE")
    real = ssl.create_default_context

    def contexts(*, capath: str | None = None) -> ssl.SSLContext:
        return real(capath=capath) if capath else real(cafile=str(google.ca))

    monkeypatch.setattr(ssl, "create_default_context", contexts)
    proxy = f"http://127.0.0.1:{google.port}"
    for _ in range(2):
        assert send(Request("GET", MODELS_URL), proxy).status == 200
    assert [seen.method for seen in google.seen] == ["CONNECT", "CONNECT", "GET", "GET"]


def test_a_connection_is_used_again(send: Send) -> None:
    """Requests follow each other on one connection while the server keeps it."""
    with script([ANSWER, ANSWER]) as server:
        for _ in range(2):
            assert send(Request("GET", server.url)).body == b"ok"
        assert len(server.asked) == 2


def test_a_connection_that_was_closed_meanwhile(send: Send) -> None:
    """One that the server has closed since is not used again: nothing is lost on it."""
    with script([ANSWER], [ANSWER]) as server:
        assert send(Request("POST", server.url, body=b"1")).body == b"ok"
        threading.Event().wait(0.05)  # the end is on its way
        assert send(Request("POST", server.url, body=b"2")).body == b"ok"


def test_connection_close(send: Send) -> None:
    """One that the server says it will close is not used again."""
    closing = ANSWER.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with script([closing, b""], [ANSWER]) as server:
        assert send(Request("GET", server.url)).body == b"ok"
        assert send(Request("GET", server.url)).body == b"ok"


def test_silence(send: Send) -> None:
    """What does not answer in time is left, and nothing is sent twice."""
    with script([None]) as server:
        with pytest.raises(UnreachableError, match=r"within 0\.1 seconds"):
            send(Request("POST", server.url, body=b"x"), seconds=0.1)
        assert len(server.asked) == 1


def test_silence_after_an_answer(send: Send) -> None:
    """Each request has its own time, whether the one before on the connection had more or less."""
    with script([ANSWER, ANSWER, None]) as server:
        for seconds in (0.2, 5.0):
            assert send(Request("GET", server.url), seconds=seconds).body == b"ok"
        threading.Event().wait(0.25)  # the first one's time is over
        with pytest.raises(UnreachableError, match=r"within 0\.3 seconds"):
            send(Request("GET", server.url), seconds=0.3)


def test_a_connection_that_does_not_come_about(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is less time for it than for an answer, and the error names that time."""
    for module in ("connection", "connection_async"):
        monkeypatch.setattr(f"gemauth.client.connections.{module}.CONNECT_TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(UnreachableError, match=r"within 0\.1 seconds"):
            send(Request("GET", url), seconds=30)


def test_slow_is_not_silent(send: Send) -> None:
    """The time counts between two bytes, not for the whole answer."""
    slowly: list[bytes | None] = [ANSWER[:20]]
    with script(slowly) as server:
        pieces = (ANSWER[20:30], ANSWER[30:])

        def run() -> None:
            connection, _ = server.listener.accept()
            with connection:
                connection.recv(65_536)
                for piece in (ANSWER[:20], *pieces):
                    connection.sendall(piece)
                    threading.Event().wait(0.15)

        with socket.create_connection(server.listener.getsockname()) as first:
            first.sendall(b"x")
            first.recv(100)
        thread = threading.Thread(target=run)
        thread.start()
        assert send(Request("GET", server.url), seconds=0.3).body == b"ok"
        thread.join()


@pytest.mark.parametrize("said", [b"", ANSWER[:-1]])
def test_an_answer_that_breaks_off(said: bytes, send: Send) -> None:
    """A server that hangs up is told from one that speaks no HTTP: the request may have counted."""
    with script([said]) as server, pytest.raises(ConnectionLostError, match="broke off before"):
        send(Request("POST", server.url, body=b"x"))


def test_another_language(send: Send) -> None:
    """What is no HTTP is said to be none."""
    with script([b"220 smtp.example ESMTP\r\n"]) as server:
        with pytest.raises(UnreachableError, match="does not speak HTTP") as caught:
            send(Request("GET", server.url))
        assert not isinstance(caught.value, ConnectionLostError)


def test_more_than_is_held(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said to be too much, and is not taken for another language."""
    monkeypatch.setattr("gemauth.client.connections.http1._MOST_OF_A_BODY", 1)
    with script([ANSWER]) as server, pytest.raises(UnreachableError, match="more than 256 MiB"):
        send(Request("GET", server.url))


def test_a_proxy_that_refuses(send: Send) -> None:
    """The proxy's status is kept; its user's password went to it alone and is in no error."""
    with script([b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"]) as server:
        proxy = server.url.replace("//", "//ada:s3cret@")
        with pytest.raises(UnreachableError, match="The proxy") as caught:
            send(Request("GET", MODELS_URL), proxy)
        assert caught.value.evidence == "HTTP 407"
        assert "s3cret" not in f"{caught.value}{caught.value.__context__!r}"
        assert b"\r\nProxy-Authorization: Basic YWRhOnMzY3JldA==\r\n" in server.asked[0]


def test_several_at_once(google: LoopbackGoogle) -> None:
    """Requests in flight have a connection each, which later ones share."""
    proxy = f"http://127.0.0.1:{google.port}"

    async def many() -> None:
        connections = AsyncConnections()
        for _ in range(3):
            answers = await asyncio.gather(
                *(
                    connections.exchange(Request("GET", MODELS_URL), proxy=proxy, seconds=5)
                    for _ in range(4)
                )
            )
            assert all(answer.json() == MODELS for answer in answers)
        await connections.close()

    asyncio.run(many())
    assert [seen.method for seen in google.seen].count("CONNECT") == 4


def test_two_event_loops() -> None:
    """One pool may serve one event loop after another."""
    connections = AsyncConnections()

    async def once(url: str) -> bytes:
        answer = await connections.exchange(Request("GET", url), proxy=None, seconds=5)
        await connections.close()
        return answer.body

    with script([ANSWER], [ANSWER]) as server:
        assert [asyncio.run(once(server.url)) for _ in range(2)] == [b"ok"] * 2


def test_a_task_that_is_cancelled() -> None:
    """Its connection is closed with it: an answer that comes late reaches nobody else."""
    connections = AsyncConnections()

    async def twice(url: str) -> bytes:
        first = asyncio.create_task(
            connections.exchange(Request("GET", url), proxy=None, seconds=5)
        )
        await asyncio.sleep(0.05)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        answer = await connections.exchange(Request("GET", url), proxy=None, seconds=5)
        await connections.close()
        return answer.body

    with script([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", b""], [ANSWER]) as server:
        assert asyncio.run(twice(server.url)) == b"ok"


def test_a_forked_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child does not talk on its parent's connections."""
    import os

    with script([ANSWER], [ANSWER]) as server, Connections() as connections:
        connections.exchange(Request("GET", server.url), proxy=None, seconds=5)
        real = os.getpid()
        monkeypatch.setattr(os, "getpid", lambda: real + 1)
        answer = connections.exchange(Request("GET", server.url), proxy=None, seconds=5)
        assert answer.body == b"ok"


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_pool_that_nobody_closed(*, asynchronous: bool) -> None:
    """It closes what it has when it is let go: no descriptor is left for the collector to find."""

    async def once(url: str) -> None:
        connections = AsyncConnections()
        await connections.exchange(Request("GET", url), proxy=None, seconds=5)
        del connections
        gc.collect()
        await asyncio.sleep(0)

    with script([ANSWER, b""]) as server:
        if asynchronous:
            asyncio.run(once(server.url))
        else:
            Connections().exchange(Request("GET", server.url), proxy=None, seconds=5)
            gc.collect()


def test_several_event_loops_without_close() -> None:
    """Of loops that ended, nothing is held: neither their connections nor the loops themselves."""
    connections = AsyncConnections()

    async def once(url: str) -> bytes:
        answer = await connections.exchange(Request("GET", url), proxy=None, seconds=5)
        for pools in connections._idle.values():  # what asyncio would warn of, closed in order
            for some in pools.values():
                for connection in some:
                    connection.close()
                    await connection.closed()
        return answer.body

    with script([ANSWER], [ANSWER], [ANSWER], [ANSWER]) as server:
        for _ in range(4):
            assert asyncio.run(once(server.url)) == b"ok"
    assert len(connections._idle) == 1


def test_a_connection_that_rested_long(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not used again: a network in between may have forgotten it without a word."""
    for module in ("connection", "connection_async"):
        monkeypatch.setattr(f"gemauth.client.connections.{module}.LONGEST_IDLE", 0.0)
    with script([ANSWER], [ANSWER]) as server:
        for _ in range(2):
            assert send(Request("POST", server.url, body=b"x")).body == b"ok"


def test_whose_secrets_are_in_an_address(send: Send) -> None:
    """An error names the host, and no user or password that stood before it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(UnreachableError, match=f"at 127.0.0.1:{port}") as caught:
        send(Request("GET", f"http://ada:s3cret@127.0.0.1:{port}/"))
    assert "s3cret" not in str(caught.value)


@contextmanager
def one_connection(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run a server for one connection; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            connection, _ = listener.accept()
            with connection:
                serve(connection)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        thread.join(5)


@pytest.mark.parametrize("ends_in_order", [True, False])
def test_a_body_that_tls_does_not_end(
    send: Send, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, ends_in_order: bool
) -> None:
    """RFC 9112 section 9.8: a body without a length is whole only where TLS has ended, too."""
    context = certificates(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(65_536)
            secured.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf")
            if ends_in_order:
                with suppress(OSError):  # whether it is answered is the client's affair
                    secured.unwrap()

    with one_connection(serve) as address:
        request = Request("GET", f"https://{address}/")
        if ends_in_order:
            assert send(request).body == b"half"
        else:
            with pytest.raises(ConnectionLostError):
                send(request)


def test_a_long_request_that_is_refused(send: Send) -> None:
    """Who does not read it to its end is heard all the same, and not asked again there."""
    refused = b"HTTP/1.1 413 Large\r\nContent-Length: 2\r\n\r\nno"

    def serve(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(refused)

    with one_connection(serve) as address:
        answer = send(Request("POST", f"http://{address}/", body=b"x" * 20_000_000))
        assert (answer.status, answer.body) == (413, b"no")


def test_a_long_request_on_a_slow_line(send: Send) -> None:
    """While bytes go out, nobody is silent: the time does not count for the whole of the body."""
    body = b"x" * 12_000_000
    rests = 0

    def serve(connection: socket.socket) -> None:
        nonlocal rests
        left = len(body)
        while left > 0:
            left -= len(connection.recv(min(left, 2_000_000)))
            if rests < 6:
                threading.Event().wait(0.1)
                rests += 1
        connection.sendall(ANSWER)
        connection.recv(1)

    with one_connection(serve) as address:
        assert send(Request("POST", f"http://{address}/", body=body), seconds=0.4).body == b"ok"
    assert rests == 6


@pytest.mark.parametrize(
    "framed",
    [b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", b"Content-Length: 1\r\n\r\na"],
)
def test_what_comes_after_an_answer_before_its_reader_wakes(framed: bytes) -> None:
    """It belongs to nobody, spoils no body that is not copied yet, and ends the connection."""

    class Wire(asyncio.Transport):
        def __init__(self, connection: _Connection) -> None:
            super().__init__()
            self.connection = connection

        def write(self, _: object) -> None:
            for data in (b"HTTP/1.1 200 OK\r\n" + framed, b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 99):
                self.connection.get_buffer(-1)[: len(data)] = data
                self.connection.buffer_updated(len(data))

        def get_write_buffer_size(self) -> int:
            return 0

    async def asked() -> tuple[bytes, bool]:
        connection = _Connection()
        connection.connection_made(Wire(connection))
        answer = await connection.exchange(b"", "GET", 5)
        return answer.body, connection.at_rest

    assert asyncio.run(asked()) == (b"a", False)


def test_event_loops_in_several_threads() -> None:
    """One pool may serve them at the same time."""
    connections = AsyncConnections()
    failures: list[BaseException] = []

    async def once(url: str) -> None:
        await connections.exchange(Request("GET", url), proxy=None, seconds=5)
        await connections.close()

    def many(url: str) -> None:
        try:
            for _ in range(20):
                asyncio.run(once(url))
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    scripts: list[list[bytes | None]] = [[ANSWER, b""] for _ in range(80)]
    with script(*scripts) as server:
        threads = [threading.Thread(target=many, args=[server.url]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []


def test_closed_while_a_request_is_on_its_way() -> None:
    """Its connection is the pool's again when it is over, and closed with it the next time."""
    connections = AsyncConnections()

    async def go(url: str) -> None:
        asking = connections.exchange(Request("GET", url), proxy=None, seconds=5)
        task = asyncio.create_task(asking)
        await asyncio.sleep(0.01)
        await connections.close()
        await task
        (kept,) = connections._idle[asyncio.get_running_loop()].values()
        assert len(kept) == 1
        await connections.close()
        assert not kept[0].open

    def serve(connection: socket.socket) -> None:
        connection.recv(65_536)
        threading.Event().wait(0.1)
        connection.sendall(ANSWER)
        connection.recv(1)

    with one_connection(serve) as address:
        asyncio.run(go(f"http://{address}/"))
