from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.emulator.front.first_bytes import (
    PREFACE,
    HeadTooLongError,
    Kind,
    kind_of,
    read_head,
    tell,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

HEAD = b"CONNECT host:443 HTTP/1.1\r\nHost: host\r\n\r\n"


@pytest.mark.parametrize(
    ("begin", "kind"),
    [
        (b"\x16", Kind.TLS),
        (b"\x16\x03\x01", Kind.TLS),
        (b"C", None),
        (b"CONNECT", None),
        (b"CONNECT ", Kind.CONNECT),
        (HEAD, Kind.CONNECT),
        (b"COPY / HTTP/1.1", Kind.HTTP1),
        (b"P", None),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r", None),
        (PREFACE, Kind.HTTP2),
        (PREFACE + b"\0", Kind.HTTP2),
        (b"PRI * HTTP/2.0\r\n\r\nXX", Kind.HTTP1),
        (b"PO", Kind.HTTP1),
        (b"GET", Kind.HTTP1),
        (b"\r\n", Kind.HTTP1),
        (b"\0", Kind.HTTP1),
        (b"connect ", Kind.HTTP1),
    ],
)
def test_kinds(begin: bytes, kind: Kind | None) -> None:
    """The first byte tells TLS, up to eight CONNECT, 24 HTTP/2; HTTP/1.1 judges the rest"""
    assert kind_of(begin) is kind


@given(st.sampled_from([HEAD, PREFACE, b"POST / HTTP/1.1\r\n\r\n", b"\x16\x03"]), st.binary())
def test_more_bytes_change_no_mind(begin: bytes, more: bytes) -> None:
    """Once a kind is told, what follows does not change it; until then it is not told"""
    whole = begin + more
    told = [kind_of(whole[: n + 1]) for n in range(len(whole))]
    known = [kind for kind in told if kind is not None]
    assert len(set(known)) == 1
    assert told[: len(told) - len(known)] == [None] * (len(told) - len(known))


def on_a_pair(work: Callable[[socket.socket], Awaitable[Any]], sent: list[bytes]) -> Any:
    """Run work on one end while parts are sent to the other; return its result and what is left.

    The sender closes its side at the end.
    """

    async def main() -> Any:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)  # noqa: FBT003
            task = asyncio.ensure_future(work(ours))
            for part in sent:
                theirs.sendall(part)
                for _ in range(5):
                    await asyncio.sleep(0)
            theirs.shutdown(socket.SHUT_WR)
            result = await asyncio.wait_for(task, 10)
            return result, ours.recv(1 << 20)

    return asyncio.run(main())


def bytewise(data: bytes) -> list[bytes]:
    """Return single bytes."""
    return [data[n : n + 1] for n in range(len(data))]


@pytest.mark.parametrize("split", [lambda data: [data], bytewise])
@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x16\x03\x01rest", Kind.TLS),
        (HEAD + b"rest", Kind.CONNECT),
        (PREFACE + b"rest", Kind.HTTP2),
        (b"POST / HTTP/1.1\r\n\r\n", Kind.HTTP1),
        (b"PRIx", Kind.HTTP1),
    ],
)
def test_nothing_is_lost(split: Callable[[bytes], list[bytes]], data: bytes, kind: Kind) -> None:
    """What was taken and what is still in the kernel are all that was sent, in whatever parts"""
    (told, taken), left = on_a_pair(tell, split(data))
    assert told is kind
    assert taken + left == data


@pytest.mark.parametrize("sent", [b"", b"C", b"PRI * HTTP"])
def test_a_connection_that_ends_first_has_no_kind(sent: bytes) -> None:
    """The end before it can be told is an EOFError"""
    with pytest.raises(EOFError):
        on_a_pair(tell, [sent])


@pytest.mark.parametrize("split", [lambda data: [data], bytewise])
def test_a_head_is_taken_to_its_end(split: Callable[[bytes], list[bytes]]) -> None:
    """Not one byte after the empty line is taken, even of another empty line"""

    async def work(connection: socket.socket) -> bytes:
        _, taken = await tell(connection)
        return await read_head(connection, taken, 1000)

    head, left = on_a_pair(work, split(HEAD + b"\r\n\r\nrest"))
    assert head == HEAD
    assert left == b"\r\n\r\nrest"


@pytest.mark.parametrize("split", [lambda data: [data], bytewise])
def test_a_head_without_end_is_not_read_on(split: Callable[[bytes], list[bytes]]) -> None:
    """Past its limit a head is an error, whatever would follow"""
    with pytest.raises(HeadTooLongError):
        on_a_pair(lambda c: read_head(c, b"", 50), split(b"CONNECT " + b"a" * 100 + b"\r\n\r\n"))


def test_a_head_that_ends_early_is_told() -> None:
    """The connection's end within a head is an EOFError"""
    with pytest.raises(EOFError):
        on_a_pair(lambda c: read_head(c, b"", 1000), [HEAD[:-1]])


def test_a_partial_head_does_not_spin() -> None:
    """While a head is incomplete the loop sleeps: its bytes are taken, not looked at again"""

    async def main() -> int:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)  # noqa: FBT003
            theirs.sendall(HEAD[:20])
            looks = 0

            class Counting:
                def recv(self, *arguments: int) -> bytes:
                    nonlocal looks
                    looks += 1
                    return ours.recv(*arguments)

                def fileno(self) -> int:
                    return ours.fileno()

            connection: Any = Counting()
            task = asyncio.create_task(read_head(connection, b"", 1000))
            await asyncio.sleep(0.05)
            assert not task.done()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return looks

    assert asyncio.run(main()) <= 4
