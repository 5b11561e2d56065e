"""The accept loop: connections of a listening socket, one after another, whatever goes wrong."""

from __future__ import annotations

import asyncio
import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

__all__ = ["PAUSE", "accept"]

PAUSE = 0.1
"""Seconds to wait while the process has no descriptor or memory left for one more connection."""

_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


async def accept(
    listener: socket.socket,
    meet: Callable[[socket.socket], None],
    log: Callable[[str], None],
) -> None:
    """Hand every connection over, non-blocking, until cancelled.

    A connection that its client has already given up is passed over (accept(2): ECONNABORTED and
    the network's errors come with the connection that they ended). With no descriptor left the
    client waits in the listener's queue until there is one.

    Raises:
        OSError: the listener itself is unusable.
    """
    loop = asyncio.get_running_loop()
    listener.setblocking(False)  # noqa: FBT003  # its only parameter
    told = False
    while True:
        try:
            connection, _ = await loop.sock_accept(listener)
        except OSError as error:
            if error.errno in _EXHAUSTED:
                if not told:
                    log(f"no more connections for now: {error.strerror}\n")
                told = True
                await asyncio.sleep(PAUSE)
            elif error.errno in {errno.EBADF, errno.EINVAL, errno.ENOTSOCK}:
                raise
            continue
        told = False
        meet(connection)
