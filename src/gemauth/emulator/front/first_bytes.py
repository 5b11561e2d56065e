"""What a connection's first bytes say of it, read without taking a byte too many.

A ClientHello begins with 0x16 (RFC 8446 section 5.1), HTTP/2 with its preface (RFC 9113 section
3.4), a tunnel with `CONNECT ` (RFC 9110 section 9.3.6); everything else is HTTP/1.1's to judge.
"""

from __future__ import annotations

import asyncio
import enum
import socket

__all__ = ["PREFACE", "HeadTooLongError", "Kind", "kind_of", "peek", "read_head", "tell"]

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""The first bytes of an HTTP/2 connection."""

_CONNECT = b"CONNECT "
_END = b"\r\n\r\n"


class Kind(enum.Enum):
    """What is spoken on a connection."""

    TLS = enum.auto()
    CONNECT = enum.auto()
    HTTP2 = enum.auto()
    HTTP1 = enum.auto()


class HeadTooLongError(Exception):
    """A head has not ended within the bytes that are read of one."""


def kind_of(begin: bytes) -> Kind | None:
    """Return the kind that one byte or more begin, None where it takes more to tell."""
    if begin[0] == 0x16:
        return Kind.TLS
    for mark, kind in ((_CONNECT, Kind.CONNECT), (PREFACE, Kind.HTTP2)):
        if begin.startswith(mark):
            return kind
        if mark.startswith(begin):
            return None
    return Kind.HTTP1


async def tell(connection: socket.socket) -> tuple[Kind, bytes]:
    """Return a connection's kind, and those of its bytes that had to be taken to tell it.

    Raises:
        EOFError: it ended first.
        OSError: it broke.
    """
    taken = b""
    while True:
        seen = await peek(connection, len(PREFACE))
        kind = kind_of(taken + seen)
        if kind is not None:
            return kind, taken
        # Too few to tell: left where they are they would be announced again and again.
        taken += connection.recv(len(seen))


async def read_head(connection: socket.socket, taken: bytes, most: int) -> bytes:
    """Take a head to its empty line and no further: what follows may be another protocol's.

    Args:
        connection: where it comes from.
        taken: its first bytes.
        most: bytes that are read of it.

    Raises:
        HeadTooLongError: it has more.
        EOFError: the connection ended first.
        OSError: it broke.
    """
    head = bytearray(taken)
    while len(head) < most:
        seen = await peek(connection, most)
        before = len(head)
        head += seen
        end = head.find(_END, max(0, before - len(_END) + 1))
        if end >= 0:
            end += len(_END)
            connection.recv(end - before)
            return bytes(head[:end])
        connection.recv(len(seen))
    raise HeadTooLongError


async def peek(connection: socket.socket, most: int) -> bytes:
    """Return up to `most` bytes, one at least, and leave them in the kernel.

    Raises:
        EOFError: there will be none.
        OSError: the connection broke.
    """
    while True:
        try:
            seen = connection.recv(most, socket.MSG_PEEK)
        except BlockingIOError:
            await _readable(connection)
            continue
        if not seen:
            raise EOFError
        return seen


async def _readable(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_reader(connection, _set, ready)
    try:
        await ready
    finally:
        loop.remove_reader(connection)


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
