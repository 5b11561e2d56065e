from __future__ import annotations

import gzip
import itertools
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.emulator.gemini.grpc.framing import ENCODINGS, LARGEST, Deframer, frame
from gemauth.google.status import StatusError


@given(
    messages=st.lists(
        st.binary(max_size=300) | st.binary(max_size=9).map(lambda part: part * 40), max_size=6
    ),
    cuts=st.lists(st.integers(0, 2000), max_size=8),
    encoding=st.sampled_from(ENCODINGS),
)
def test_round_trip(messages: list[bytes], cuts: list[int], encoding: str) -> None:
    """Whatever messages are framed come out again, however their bytes were cut on the way"""
    data = b"".join(frame(message, encoding) for message in messages)
    deframer = Deframer(encoding)
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    found = []
    for begin, end in itertools.pairwise(places):
        found += deframer.feed(data[begin:end])
    deframer.finish()
    assert found == messages


@given(data=st.binary(max_size=60), encoding=st.sampled_from(ENCODINGS))
def test_any_bytes_are_messages_or_a_status(data: bytes, encoding: str) -> None:
    """Whatever comes, nothing but a StatusError is raised"""
    deframer = Deframer(encoding)
    try:
        deframer.feed(data)
        deframer.finish()
    except StatusError as error:
        assert error.status.code.name in {"INTERNAL", "RESOURCE_EXHAUSTED"}  # noqa: PT017  # either outcome is right


def test_the_wire() -> None:
    """A flag, four bytes of length in network order, the message"""
    assert frame(b"abc") == b"\0\0\0\0\3abc"
    assert frame(b"") == b"\0\0\0\0\0"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_compression(encoding: str) -> None:
    """What gets smaller is compressed; what does not is sent as it is"""
    assert frame(b"abc", encoding)[0] == 0
    packed = frame(b"a" * 1000, encoding)
    assert packed[0] == 1
    assert len(packed) < 100
    unpack = gzip.decompress if encoding == "gzip" else zlib.decompress
    assert unpack(packed[5:]) == b"a" * 1000


def _take(data: bytes, encoding: str) -> None:
    deframer = Deframer(encoding)
    deframer.feed(data)
    deframer.finish()


@pytest.mark.parametrize(
    ("data", "encoding", "code"),
    [
        (b"\0" + (LARGEST + 1).to_bytes(4, "big"), "identity", "RESOURCE_EXHAUSTED"),
        (frame(bytes(LARGEST + 1), "gzip"), "gzip", "RESOURCE_EXHAUSTED"),
        (b"\1\0\0\0\1x", "identity", "INTERNAL"),
        (b"\2\0\0\0\1x", "gzip", "INTERNAL"),
        (b"\1\0\0\0\4abcd", "gzip", "INTERNAL"),
        (b"\1\0\0\0\x0a" + gzip.compress(b"", mtime=0)[:10], "gzip", "INTERNAL"),
        (b"\1\0\0\0\x28" + gzip.compress(b"", mtime=0) * 2, "gzip", "INTERNAL"),
        (b"\0\0\0\0\2x", "identity", "INTERNAL"),
    ],
    ids=["too long", "bomb", "no encoding", "flag", "no gzip", "half", "twice", "cut off"],
)
def test_refusals(data: bytes, encoding: str, code: str) -> None:
    """A message too large is RESOURCE_EXHAUSTED before it is read or unpacked; others INTERNAL"""
    with pytest.raises(StatusError) as refused:
        _take(data, encoding)
    assert refused.value.status.code.name == code


def test_an_unknown_encoding() -> None:
    """An encoding that is not read here is UNIMPLEMENTED (gRPC's compression.md)"""
    with pytest.raises(StatusError) as refused:
        Deframer("br")
    assert refused.value.status.code.name == "UNIMPLEMENTED"
