from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.client.connections.http1 import (
    Answer,
    CutOffError,
    NotHttpError,
    TooLargeError,
    encode,
)
from gemauth.version import __version__

URL = "https://generativelanguage.googleapis.com/v1beta/models"


def read(data: bytes, method: str = "GET", *, step: int = 1) -> Answer:
    """Return the answer that bytes are, fed a few at a time."""
    answer = Answer(method)
    for start in range(0, len(data), step):
        if answer.feed(data[start : start + step]):
            assert start + step >= len(data)
            return answer
    answer.end()
    return answer


def test_a_request() -> None:
    """Its line, Host first, what is ours, what is the caller's, an empty line, the body."""
    data = encode("POST", "https://oauth2.googleapis.com/token?a=b#c", {"accept": "x"}, b"k=v")
    assert data == (
        b"POST /token?a=b HTTP/1.1\r\nHost: oauth2.googleapis.com\r\n"
        b"User-Agent: gemauth/" + __version__.encode() + b"\r\nAccept-Encoding: identity\r\n"
        b"Content-Length: 3\r\naccept: x\r\n\r\nk=v"
    )


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:8085/", "127.0.0.1:8085"),
        ("http://[::1]:8085/", "[::1]:8085"),
        ("http://localhost:80/", "localhost"),
        ("https://ada:pw@oauth2.googleapis.com:443/", "oauth2.googleapis.com"),
    ],
)
def test_host(url: str, host: str) -> None:
    """RFC 9110 section 7.2: host and port, without a user and without the scheme's own port."""
    assert f"\r\nHost: {host}\r\n".encode() in encode("GET", url, {}, b"")


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [("GET", b"", None), ("DELETE", b"", None), ("POST", b"", 0), ("DELETE", b"x", 1)],
)
def test_content_length(method: str, body: bytes, length: int | None) -> None:
    """RFC 9110 section 8.6: a method that may have a body says that there is none."""
    data = encode(method, URL, {}, body)
    assert (f"Content-Length: {length}".encode() in data) is (length is not None)


def test_what_a_line_cannot_carry() -> None:
    """A space or a letter beyond ASCII is percent-encoded; what is encoded stays as it is."""
    assert encode("GET", f"{URL}?filter=a b%20é", {}, b"").startswith(
        b"GET /v1beta/models?filter=a%20b%20%C3%A9 HTTP/1.1\r\n"
    )


def test_no_header_twice() -> None:
    """What the caller says of Host or User-Agent goes in place of our own."""
    framing = {"content-length": "9", "transfer-encoding": "chunked"}
    data = encode("GET", URL, {"host": "x", "user-agent": "y", **framing}, b"")
    assert b"chunked" not in data
    assert data.count(b"ost:") == data.lower().count(b"user-agent") == 1
    assert b"9" not in data.replace(b"1beta", b"")


@pytest.mark.parametrize("step", [1, 7, 1000])
@pytest.mark.parametrize(
    ("data", "body", "keeps"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", b"abc", True),
        (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", b"", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\na", b"a", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", b"a", False),
        (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\na", b"a", True),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: Keep-Alive\r\n\r\na", b"a", True),
        (
            (
                b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"1\r\na\r\n0\r\n\r\n"
            ),
            b"a",
            False,
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nab", b"ab", True),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end", False),
        (b"HTTP/1.1 204 None\r\n\r\n", b"", True),
        (b"HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n", b"", True),
        (b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", b"a", True),
        (
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n"
            ),
            b"abc0123456789",
            True,
        ),
    ],
)
def test_an_answer(data: bytes, body: bytes, step: int, *, keeps: bool) -> None:
    """RFC 9112 section 6.3 and 9.3, however its bytes come in."""
    answer = read(data, step=step)
    assert (answer.body, answer.keeps_open) == (body, keeps)


def test_headers() -> None:
    """Fields come in their order, a repeated one repeatedly, without the spaces around."""
    answer = read(b"HTTP/1.1 403 No\r\nVary: a\r\nVary:\t b \r\nX:\r\nContent-Length: 0\r\n\r\n")
    assert answer.status == 403
    assert answer.headers[:3] == [("Vary", "a"), ("Vary", "b"), ("X", "")]


@pytest.mark.parametrize("method", ["HEAD", "CONNECT"])
def test_no_body_by_method(method: str) -> None:
    """An answer to HEAD, and a tunnel that stands, end with their head."""
    assert Answer(method).feed(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")


@pytest.mark.parametrize(
    "data",
    [
        b"220 smtp.example ESMTP\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 101 Switch\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: y\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length : 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: y\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\nX: y\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: y\rz\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: y\0\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;\nx\r\na\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
    ],
)
def test_what_is_none(data: bytes) -> None:
    """What can be read in two ways, or in none, is refused and not guessed at."""
    with pytest.raises(NotHttpError):
        Answer("GET").feed(data)


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 11\r\n\r\n12345678901",
        b"Transfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n5\r\n12345\r\n",
        b"\r\n12345678901",
    ],
)
def test_a_body_without_an_end(rest: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a body is framed, no more of it is held than there is room for."""
    monkeypatch.setattr("gemauth.client.connections.http1._MOST_OF_A_BODY", 10)
    with pytest.raises(TooLargeError):
        Answer("GET").feed(b"HTTP/1.1 200 OK\r\n" + rest)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
    ],
)
def test_an_end_before_it(data: bytes) -> None:
    """Half an answer is none."""
    with pytest.raises(CutOffError):
        read(data)


@pytest.mark.parametrize(
    "framing",
    [b"Content-Length: 1\r\n\r\na", b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"],
)
def test_more_than_was_announced(framing: bytes) -> None:
    """A connection that is out of step is not used again, so that nobody gets another's answer."""
    answer = Answer("GET")
    assert answer.feed(b"HTTP/1.1 200 OK\r\n" + framing + b"HTTP/1.1 200 OK\r\n\r\n")
    assert (answer.body, answer.keeps_open) == (b"a", False)


@given(st.binary(max_size=300), st.integers(1, 50))
def test_chunks_however_they_are_cut(body: bytes, size: int) -> None:
    """A body comes out of the chunked coding as it went in."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    coded = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert read(head + coded, step=size).body == body


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Whatever comes is an answer, not yet one, or refused: nothing else happens."""
    answer = Answer("GET")
    try:
        answer.feed(b"HTTP/1.1 200 OK\r\n" + data)
    except NotHttpError:
        return
    assert answer.status in {0, 200}
