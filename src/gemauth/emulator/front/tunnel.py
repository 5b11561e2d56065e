"""A tunnel: a connection to its target, and bytes carried both ways as they are."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import re
import socket
from typing import TYPE_CHECKING

from gemauth.emulator.front.connect import Refusal
from gemauth.emulator.front.first_bytes import HeadTooLongError, read_head
from gemauth.emulator.front.upstream import UpstreamUnusableError, upstream_of
from gemauth.http import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.front.connect import Target
    from gemauth.emulator.front.upstream import Upstream

__all__ = ["CONNECT_SECONDS", "HALF_OPEN_SECONDS", "NoTunnelError", "carry", "reach"]

CONNECT_SECONDS = 20.0
"""Seconds that reaching a target may take."""
HALF_OPEN_SECONDS = 600.0
"""Seconds of silence after which a tunnel ends of which one side has ended."""

_CHUNK = 65536
_STATUS = re.compile(rb"HTTP/1\.\d (\d{3})")
_LONGEST_ANSWER = 65536  # bytes of another proxy's head
# The metadata server has credentials of a real machine: under no name is it reached from here.
_METADATA = frozenset(map(ipaddress.ip_address, ("169.254.169.254", "fd20:ce::254")))


class NoTunnelError(Exception):
    """The target is not to be reached, or cannot be; its argument is the `Refusal`."""

    def __init__(self, status: int, phrase: str, text: str) -> None:
        super().__init__(text)
        self.refusal = Refusal(status, phrase, text)


async def reach(target: Target, environ: Mapping[str, str], own_port: int) -> socket.socket:
    """Return a connection to a target, through the emulator's own proxy if it has one.

    Args:
        target: where to.
        environ: where HTTPS_PROXY and NO_PROXY are; this machine and its network go without.
        own_port: the emulator's: a proxy that is the emulator itself leads nowhere.

    Raises:
        NoTunnelError: it cannot be reached.
    """
    try:
        upstream = None if target.is_local else upstream_of(environ, target)
    except UpstreamUnusableError:
        raise NoTunnelError(
            502,
            "HTTPS_PROXY is unusable",
            "The emulator's own HTTPS_PROXY is not http://HOST:PORT, so nothing is tunnelled.",
        ) from None
    if upstream is not None and upstream.port == own_port and upstream.host in LOOPBACK:
        upstream = None
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            if upstream is None:
                return await _connected(target.host, target.port)
            return await _through(upstream, target)
    except TimeoutError:
        raise _unreachable(target, "no answer") from None
    except socket.gaierror as error:
        raise _unreachable(target, error.strerror or "unknown name") from None
    except OSError as error:
        cause = os.strerror(error.errno) if error.errno else type(error).__name__
        raise _unreachable(target, cause) from None


async def carry(client: socket.socket, target: socket.socket) -> None:
    """Carry bytes between two connections until both have ended, or one broke.

    A half-closed connection is one too, but not for ever: a side that has gone without a word, and
    one that only sends no more, look the same.
    """
    for end in (client, target):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    there, back = _Direction(client, target), _Direction(target, client)
    ways = [asyncio.create_task(way.carry()) for way in (there, back)]
    try:
        ended, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        broken = any(way.exception() for way in ended)
        before = -1
        while left and not broken and there.carried + back.carried != before:
            before = there.carried + back.carried
            _, left = await asyncio.wait(left, timeout=HALF_OPEN_SECONDS)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
    for way in ways:
        failure = None if way.cancelled() else way.exception()
        if failure is not None and not isinstance(failure, OSError):  # no network's: a defect
            raise failure


class _Direction:
    """One direction of a tunnel, and how many bytes it has carried."""

    def __init__(self, source: socket.socket, sink: socket.socket) -> None:
        self._source = source
        self._sink = sink
        self.carried = 0

    async def carry(self) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(self._source, _CHUNK):
            await loop.sock_sendall(self._sink, data)
            self.carried += len(data)
        with contextlib.suppress(OSError):  # the other side is gone already
            self._sink.shutdown(socket.SHUT_WR)


async def _through(upstream: Upstream, target: Target) -> socket.socket:
    proxied = await _connected(upstream.host, upstream.port)
    try:
        await asyncio.get_running_loop().sock_sendall(proxied, upstream.request(target))
        answer = await read_head(proxied, b"", _LONGEST_ANSWER)
    except (EOFError, HeadTooLongError):
        answer = b""
    except BaseException:
        proxied.close()
        raise
    found = _STATUS.match(answer)
    if found is None or not found[1].startswith(b"2"):
        proxied.close()
        status = found[1].decode("ascii") if found else "no HTTP"
        raise _unreachable(target, f"the proxy in HTTPS_PROXY answered {status}")
    return proxied


async def _connected(host: str, port: int) -> socket.socket:
    """Connect to the first of a host's addresses that answers."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failure: OSError = OSError("no address")
    for family, kind, protocol, _, address in found:
        if _is_metadata(str(address[0])):
            raise NoTunnelError(
                502, "the metadata server is not reached", f"{host} is a metadata server's name."
            )
        connection = socket.socket(family, kind, protocol)
        connection.setblocking(False)  # noqa: FBT003  # its only parameter
        try:
            await loop.sock_connect(connection, address)
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise failure


def _is_metadata(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found in _METADATA


def _unreachable(target: Target, cause: str) -> NoTunnelError:
    return NoTunnelError(
        502,
        f"{target} cannot be reached",
        f"The gemauth emulator, as a proxy, cannot reach {target}: {cause}.",
    )
