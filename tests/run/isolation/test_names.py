"""The name server of an isolated child."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.run.isolation import names


def query(name: str, kind: int = 1, *, number: int = 7, flags: int = 0x0100) -> bytes:
    """A stub resolver's question."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack("!HHHHHH", number, flags, 1, 0, 0, 0) + labels + struct.pack("!xHH", kind, 1)


def parsed(reply: bytes | None) -> tuple[int, int, list[str]]:
    """The number, the response code and the addresses of a reply."""
    assert reply is not None
    number, flags, _, answers = struct.unpack("!HHHH", reply[:8])
    found = [".".join(map(str, reply[-4:]))] if answers else []
    return number, flags & 15, found


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("generativelanguage.googleapis.com", "127.0.0.1"),
        ("OAUTH2.googleapis.COM", "127.0.0.1"),
        ("storage.googleapis.com", "127.0.0.1"),  # not emulated: the emulator refuses it readably
        ("www.google.com", "127.0.0.1"),
        ("metadata.google.internal", "169.254.169.254"),
        ("localhost", "127.0.0.1"),
    ],
)
def test_googles_names_lead_to_the_emulator(name: str, address: str) -> None:
    """An A question for a name of Google's is answered with loopback, or the metadata address."""
    assert parsed(names.answer(query(name))) == (7, 0, [address])


def test_google_has_no_ipv6_address() -> None:
    """An AAAA question is answered with success and nothing, so that A is used."""
    assert parsed(names.answer(query("accounts.google.com", 28))) == (7, 0, [])


@pytest.mark.parametrize(
    "name", ["example.com", "pypi.example", "notgoogle.com", "google.com.evil.example"]
)
def test_other_names_do_not_exist(name: str) -> None:
    """Nothing else has an address: NXDOMAIN."""
    assert parsed(names.answer(query(name))) == (7, 3, [])


def test_only_plain_questions_are_answered() -> None:
    """A response, an update and several questions are NOTIMP; fragments are dropped."""
    assert parsed(names.answer(query("a.google.com", flags=0x8100)))[1] == 4
    assert parsed(names.answer(query("a.google.com", flags=0x2800)))[1] == 4
    two = bytearray(query("a.google.com"))
    two[5] = 2
    assert parsed(names.answer(bytes(two)))[1] == 4
    assert names.answer(b"\0" * 11) is None
    assert names.answer(query("a.google.com")[:-3]) is None
    assert names.answer(query("a.google.com")[:12] + b"\xc0\x0c\0\1\0\1") is None


@given(st.binary(max_size=80))
def test_any_datagram_is_survived(data: bytes) -> None:
    """Whatever comes, there is a reply or none, and no exception."""
    reply = names.answer(data)
    assert reply is None or reply[:2] == data[:2]
