"""The name server of an isolated child: Google's names lead to the emulator, others do not exist.

RFC 1035 section 4, as much as stub resolvers ask: one question, A or AAAA. Pure: bytes to bytes.
"""

from __future__ import annotations

import struct

from gemauth.google import hosts

__all__ = ["METADATA_ADDRESS", "answer"]

METADATA_ADDRESS = "169.254.169.254"

_RESPONSE = 0x8180  # QR, RD, RA
_NO_SUCH_NAME = 3
_NOT_IMPLEMENTED = 4
_A = 1
_INTERNET = 1
_TTL = 60


def answer(query: bytes) -> bytes | None:
    """Return the reply to a query, or None where the datagram is none."""
    if len(query) < 12:
        return None
    number, flags, questions = struct.unpack("!HHH", query[:6])
    if flags & 0xF800 or questions != 1:  # a response, another opcode, or several questions
        return struct.pack("!HHHHHH", number, 0x8000 | _NOT_IMPLEMENTED, 0, 0, 0, 0)
    name, end = _name(query)
    if name is None or len(query) < end + 4:
        return None
    kind, family = struct.unpack("!HH", query[end : end + 4])
    question = query[12 : end + 4]
    if name != "localhost" and not hosts.is_googles(name):
        header = struct.pack("!HHHHHH", number, _RESPONSE | _NO_SUCH_NAME, 1, 0, 0, 0)
        return header + question
    if (kind, family) != (_A, _INTERNET):  # no IPv6 address, no mail server: the name exists
        return struct.pack("!HHHHHH", number, _RESPONSE, 1, 0, 0, 0) + question
    address = METADATA_ADDRESS if name in hosts.METADATA else "127.0.0.1"
    # 0xC00C points to the name in the question.
    record = struct.pack("!HHHIH", 0xC00C, _A, _INTERNET, _TTL, 4) + bytes(
        map(int, address.split("."))
    )
    return struct.pack("!HHHHHH", number, _RESPONSE, 1, 1, 0, 0) + question + record


def _name(query: bytes) -> tuple[str | None, int]:
    """Return the question's name in lower case and where it ends; None for a malformed one."""
    labels = []
    at = 12
    while at < len(query) and query[at]:
        length = query[at]
        if length > 63:  # a compressed name has no place in a question
            return None, at
        labels.append(query[at + 1 : at + 1 + length])
        at += 1 + length
    if at >= len(query):
        return None, at
    return b".".join(labels).decode("latin-1").lower(), at + 1
