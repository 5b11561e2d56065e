from __future__ import annotations

import gzip

import pytest

from gemauth.emulator.gemini.content_encoding import MOST, unpack
from gemauth.google.invalid import InvalidRequestError

BODY = b'{"description": "d"}'


@pytest.mark.parametrize("coding", ["", "identity", "Identity"])
def test_what_was_not_packed_stays(coding: str) -> None:
    """No encoding leaves the body as it is."""
    assert unpack(BODY, coding) == BODY


@pytest.mark.parametrize("coding", ["gzip", " GZip ", "x-gzip"])
def test_gzip(coding: str) -> None:
    """A gzip body is unpacked; an empty one is empty."""
    assert unpack(gzip.compress(BODY, mtime=0), coding) == BODY
    assert unpack(b"", coding) == b""


def test_a_bomb_is_not_unpacked() -> None:
    """As much as any call may send is unpacked, and not a byte more."""
    assert len(unpack(gzip.compress(bytes(MOST), mtime=0), "gzip")) == MOST
    bomb = gzip.compress(bytes(20 * MOST), mtime=0)
    assert len(bomb) < MOST / 10
    with pytest.raises(InvalidRequestError, match=f"exceeds the limit: {MOST} bytes"):
        unpack(bomb, "gzip")


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        gzip.compress(BODY, mtime=0)[:-3],
        gzip.compress(BODY, mtime=0) + b"x",
        gzip.compress(BODY, mtime=0) * 2,
    ],
)
def test_what_is_no_gzip(body: bytes) -> None:
    """Not packed, cut off, or with something behind it: refused."""
    with pytest.raises(InvalidRequestError, match="not in gzip format"):
        unpack(body, "gzip")


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "deflate"])
def test_other_encodings(coding: str) -> None:
    """What cannot be read is not taken for JSON."""
    with pytest.raises(InvalidRequestError, match="Unsupported Content-Encoding"):
        unpack(BODY, coding)
