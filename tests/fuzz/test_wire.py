"""Bytes on the socket that are no HTTP, or HTTP that nobody should send."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.nasty import some

if TYPE_CHECKING:
    from tests.fuzz.conftest import Target

pytestmark = pytest.mark.fuzz

LINES = st.sampled_from(
    [
        b"GET / HTTP/1.1",
        b"GET /v1beta/models HTTP/1.1",
        b"POST /token HTTP/1.1",
        b"POST /token HTTP/1.0",
        b"GET http://127.0.0.1/ HTTP/1.1",
        b"GET http://oauth2.googleapis.com/token HTTP/1.1",
        b"GET http://[ HTTP/1.1",
        b"GET https://localhost/ HTTP/1.1",
        b"GET //evil.example/ HTTP/1.1",
        b"GET /%zz HTTP/1.1",
        b"GET /\xff HTTP/1.1",
        b"GET /?\xff HTTP/1.1",
        b"GET * HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"CONNECT oauth2.googleapis.com:443 HTTP/1.1",
        b"CONNECT \xff HTTP/1.1",
        b"PRI * HTTP/2.0",
        b"GET / HTTP/9.9",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"",
    ]
)
HEADERS = st.lists(
    st.sampled_from(
        [
            b"Host: {host}",
            b"Host: {host}",
            b"Host: evil.example",
            b"Host: 127.0.0.1:99999",
            b"Host: 127.0.0.1@evil.example",
            b"Host:",
            b"Content-Length: 5",
            b"Content-Length: -1",
            b"Content-Length: 99999999999999999999999",
            b"Content-Length: 9000000",
            b"Transfer-Encoding: chunked",
            b"Transfer-Encoding: gzip, chunked",
            b"Transfer-Encoding: xchunked",
            b"Content-Type: application/x-www-form-urlencoded",
            b"Content-Type: \xff\x00",
            b"Expect: 100-continue",
            b"Upgrade: websocket",
            b"Upgrade: h2c",
            b"Connection: Upgrade, HTTP2-Settings",
            b"Connection: keep-alive",
            b"Authorization: Bearer \xff",
            b"Cookie: \xff=\xff; =; ;;",
            b"Folded: a\r\n b",
            b"No colon",
            b": no name",
        ]
    ),
    max_size=6,
)
BODIES = st.sampled_from(
    [
        b"",
        b"hello",
        b"5\r\nhello\r\n0\r\n\r\n",
        b"FFFFFFFFFFFFFFFFF\r\n",
        b"-5\r\nhello\r\n",
        b"5;ext=\xff\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
        b"hello" * 10_000,
        b"GET / HTTP/1.1\r\n\r\n",
    ]
) | st.binary(max_size=50)


@some
@given(line=LINES, headers=HEADERS, body=BODIES, twice=st.booleans())
def test_requests_out_of_form(
    target: Target, line: bytes, headers: list[bytes], body: bytes, *, twice: bool
) -> None:
    """The answer is in the protocol or the connection ends; nothing is carried anywhere."""
    host = target.host.encode()
    lines = [line, *(header.replace(b"{host}", host) for header in headers)]
    data = b"\r\n".join((*lines, b"", b"")) + body
    answer = target.raw(data * (1 + twice), half_close=True)
    carried = line.startswith((b"CONNECT", b"GET http"))
    assert answer.status in range(500) or (carried and answer.status == 502), answer
    target.judge(data)


@some
@given(data=st.binary(max_size=200), seed=st.integers(0, 2**32))
def test_noise(target: Target, data: bytes, seed: int) -> None:
    """Noise, and a good request with some of its bytes changed."""
    target.raw(data, half_close=True)
    chance = random.Random(seed)
    good = bytearray(
        f"POST /token HTTP/1.1\r\nHost: {target.host}\r\nContent-Length: 15\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\ngrant_type=code".encode()
    )
    for _ in range(chance.randrange(1, 5)):
        good[chance.randrange(len(good))] = chance.randrange(256)
    assert target.raw(bytes(good), half_close=True).status in range(500)
    target.judge(good)
