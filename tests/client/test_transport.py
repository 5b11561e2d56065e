from __future__ import annotations

import asyncio
import base64
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.transport import AsyncTransport, Transport
from gemauth.errors import Fault, UnreachableError, UsageError
from gemauth.http import Headers, Request

if TYPE_CHECKING:
    from collections.abc import Iterator


class Server(ThreadingHTTPServer):
    """A server on loopback that keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """Keep the request and answer it."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        if self.path == "/silent":
            threading.Event().wait(1)
        self.send_response(302 if self.path == "/moved" else 418)
        if self.path == "/moved":
            self.send_header("Location", f"{self.server.url}/elsewhere")
        self.send_header("X-Kept", "yes")
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"teapot")

    do_POST = do_GET  # noqa: N815  # http.server's names
    do_CONNECT = do_GET  # noqa: N815  # the same

    def log_message(self, *_: Any) -> None:
        """Stay silent."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A running server."""
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def transport() -> Iterator[Transport]:
    """A transport without proxies."""
    with Transport({}) as made:
        yield made


def closed_port() -> int:
    """Return a port where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def test_a_request_and_its_answer(server: Server, transport: Transport) -> None:
    """Method, headers and body go out; status, headers and body come back, whatever the status."""
    request = Request("POST", f"{server.url}/token", Headers({"X-Mine": "1"}), b"a=b")
    answer = transport.send(request)
    assert (answer.status, answer.body, answer.headers["x-kept"]) == (418, b"teapot", "yes")
    method, path, headers, body = server.seen[0]
    assert (method, path, body) == ("POST", "/token", b"a=b")
    assert headers["x-mine"] == "1"


def test_a_redirect_is_not_followed(server: Server, transport: Transport) -> None:
    """A secret is sent to the host that was named and to no other."""
    answer = transport.send(Request("POST", f"{server.url}/moved", body=b"secret"))
    assert answer.status == 302
    assert [path for _, path, _, _ in server.seen] == ["/moved"]


def test_nothing_is_sent_twice(server: Server, transport: Transport) -> None:
    """A time-out is an error, not a second request: the flow decides about attempts."""
    with pytest.raises(UnreachableError, match=r"within 0\.1 seconds") as caught:
        transport.send(Request("GET", f"{server.url}/silent"), timeout=0.1)
    assert len(server.seen) == 1
    assert caught.value.next_step is not None


def test_nothing_listens(transport: Transport) -> None:
    """On loopback that is an emulator which does not run: this machine's matter."""
    with pytest.raises(UnreachableError, match="Nothing accepts connections at 127") as caught:
        transport.send(Request("GET", f"http://127.0.0.1:{closed_port()}/"))
    assert caught.value.fault is Fault.MACHINE
    assert "emulator start" in (caught.value.next_step or "")
    assert "refused" in (caught.value.evidence or "").lower()


def test_an_answer_that_is_no_http(transport: Transport) -> None:
    """Whatever else listens there is named so."""
    with socket.create_server(("127.0.0.1", 0)) as odd:

        def speak() -> None:
            connection, _ = odd.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"220 smtp.example ESMTP\r\n")

        thread = threading.Thread(target=speak)
        thread.start()
        with pytest.raises(UnreachableError, match="broke off, or"):
            transport.send(Request("GET", f"http://127.0.0.1:{odd.getsockname()[1]}/?key=secret"))
        thread.join(5)


def test_a_name_that_does_not_resolve(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS is named as the cause; the query is not in the error."""

    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(UnreachableError, match=r"name oauth2\.googleapis\.com could not") as caught:
        transport.send(Request("GET", "https://oauth2.googleapis.com/x?token=secret"))
    assert "secret" not in f"{caught.value}{caught.value.evidence}{caught.value!r}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_tls_that_fails(server: Server, transport: Transport) -> None:
    """A server without TLS at an https address is a TLS failure, with SSL_CERT_FILE named."""
    with pytest.raises(UnreachableError, match="TLS") as caught:
        transport.send(Request("GET", server.url.replace("http", "https", 1)))
    assert "SSL_CERT_FILE" in (caught.value.next_step or "")
    assert caught.value.evidence


class TestProxy:
    GOOGLE = Request("GET", "https://oauth2.googleapis.com/token?x=secret")

    @pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY"])
    def test_https_goes_through_the_proxy(self, name: str, server: Server) -> None:
        """The proxy is asked to connect; its refusal names it and the host behind it."""
        with Transport({name: server.url}) as transport, pytest.raises(UnreachableError) as caught:
            transport.send(self.GOOGLE)
        assert server.seen[0][:2] == ("CONNECT", "oauth2.googleapis.com:443")
        assert str(server.server_port) in caught.value.message
        assert "secret" not in f"{caught.value}{caught.value.evidence}"

    def test_its_password_goes_to_it_alone(self, server: Server) -> None:
        """Credentials in the proxy's URL are sent to the proxy and are in no error."""
        url = server.url.replace("//", "//ada:s3cret%40home@")
        with (
            Transport({"HTTPS_PROXY": url}) as transport,
            pytest.raises(UnreachableError) as caught,
        ):
            transport.send(self.GOOGLE)
        sent = {name.lower(): value for name, value in server.seen[0][2].items()}
        raw = sent["proxy-authorization"].removeprefix("Basic ")
        assert base64.b64decode(raw) == b"ada:s3cret@home"
        assert "s3cret" not in f"{caught.value}{caught.value.evidence}"

    def test_a_proxy_that_is_down(self) -> None:
        """The proxy's own address is named, not Google's as unreachable."""
        proxy = f"127.0.0.1:{closed_port()}"
        with (
            Transport({"HTTPS_PROXY": proxy}) as transport,
            pytest.raises(UnreachableError, match=f"The proxy {proxy} did"),
        ):
            transport.send(self.GOOGLE)

    def test_an_emulator_never(self, server: Server) -> None:
        """Loopback goes direct, whatever the variables say."""
        nowhere = f"http://127.0.0.1:{closed_port()}"
        environ = {"HTTPS_PROXY": nowhere, "HTTP_PROXY": nowhere, "ALL_PROXY": nowhere}
        with Transport(environ) as transport:
            assert transport.send(Request("GET", server.url)).status == 418

    @pytest.mark.parametrize(
        ("no_proxy", "direct"),
        [
            ("*", True),
            ("googleapis.com", True),
            (".googleapis.com", True),
            ("example.com, oauth2.googleapis.com:443", False),
            ("example.com, oauth2.googleapis.com", True),
            ("apis.com", False),
            ("", False),
        ],
    )
    def test_no_proxy(
        self,
        no_proxy: str,
        server: Server,
        monkeypatch: pytest.MonkeyPatch,
        *,
        direct: bool,
    ) -> None:
        """NO_PROXY names hosts, domains or everything."""

        def unknown(host: str, *more: Any) -> Any:
            if host not in {"127.0.0.1", b"127.0.0.1"}:
                raise socket.gaierror(socket.EAI_NONAME, "unknown")
            return original(host, *more)

        original = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        environ = {"HTTPS_PROXY": server.url, "NO_PROXY": no_proxy}
        with Transport(environ) as transport, pytest.raises(UnreachableError):
            transport.send(self.GOOGLE)
        assert (not server.seen) is direct

    @pytest.mark.parametrize(
        "proxy", ["socks5://x", "http://[x", "http://x:99999", "x y", "http://"]
    )
    def test_a_broken_variable(self, proxy: str) -> None:
        """What is no URL is named as the variable's fault."""
        with Transport({"HTTPS_PROXY": proxy}) as transport, pytest.raises(UsageError):
            transport.send(self.GOOGLE)


@pytest.mark.parametrize(
    "request_",
    [
        Request("POST", "http://oauth2.googleapis.com/token", body=b"secret"),
        Request("GET", "http://10.0.0.1/", Headers({"Authorization": "Bearer x"})),
    ],
)
def test_no_secret_in_the_clear(request_: Request, transport: Transport) -> None:
    """A body or a bearer token leaves this machine over TLS only."""
    with pytest.raises(UsageError, match="plain http"):
        transport.send(request_)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x/",
        "http://[::1",
        "file:///etc/passwd",
        "/v1/models",
        "http:///x",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "https://a b.example/",
        "https://straße.example/",
    ],
)
def test_an_address_that_is_none(url: str, transport: Transport) -> None:
    """Only http and https, with a port that there is and a host that is read in one way."""
    with pytest.raises(UsageError, match="no http"):
        transport.send(Request("GET", url))


def test_threads_share_it(server: Server, transport: Transport) -> None:
    """One transport serves several threads at once."""
    failures: list[Exception] = []

    def ask() -> None:
        try:
            for _ in range(5):
                assert transport.send(Request("GET", server.url)).body == b"teapot"
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(server.seen) == 40


def test_on_an_event_loop(server: Server) -> None:
    """The asynchronous transport leaves the loop free while it waits."""

    async def both() -> list[int]:
        transport = AsyncTransport({})
        requests = [transport.send(Request("GET", f"{server.url}/silent")) for _ in range(4)]
        answers = await asyncio.wait_for(asyncio.gather(*requests), 3)
        await transport.close()
        return [answer.status for answer in answers]

    assert asyncio.run(both()) == [418] * 4


@pytest.mark.parametrize("method", ["", "GET / HTTP/1.1\r\nX: y", "GET ", "GÉT"])
def test_a_method_is_one_word(method: str, server: Server, transport: Transport) -> None:
    """What is no token (RFC 9110 section 9.1) is refused before it could end the request line."""
    with pytest.raises(UsageError, match="no HTTP method"):
        transport.send(Request(method, f"{server.url}/"))
    assert not server.seen


@pytest.mark.parametrize("value", ["p\r\nX: y", "p\nX: y", "p\0", "プロジェクト", "ya29.secret\n"])
def test_a_header_is_one_line(value: str, server: Server, transport: Transport) -> None:
    """A value cannot smuggle in a header of its own; the refusal names the header alone."""
    with pytest.raises(UsageError, match="x-goog-user-project") as caught:
        transport.send(Request("GET", server.url, Headers({"x-goog-user-project": value})))
    assert value not in str(caught.value)
    assert not server.seen


@pytest.mark.parametrize("name", ["x\r\ny", "x:", "x y", ""])
def test_a_header_has_a_name(name: str, server: Server, transport: Transport) -> None:
    """Nor can a name."""
    with pytest.raises(UsageError, match="no name of a header"):
        transport.send(Request("GET", server.url, Headers({name: "z"})))
    assert not server.seen


@pytest.mark.parametrize("url", ["https://[2001:db8::1]/", "https://ada:pw@a.example:8443/"])
def test_past_the_proxy(url: str) -> None:
    """NO_PROXY names hosts, whatever stands around them in an address."""
    environ = {"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "2001:db8::1,a.example"}
    with Transport(environ) as transport:
        assert transport.way(Request("GET", url)) is None
