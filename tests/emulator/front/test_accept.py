from __future__ import annotations

import asyncio
import errno
import socket
from typing import Any

import pytest

from gemauth.emulator.front import accept as module
from gemauth.emulator.front.accept import accept

MORE = object()


def run(monkeypatch: pytest.MonkeyPatch, script: list[Any]) -> tuple[list[Any], list[str]]:
    """Accept what a script says, errors included; return what was handed over, and the log."""
    monkeypatch.setattr(module, "PAUSE", 0)
    handed: list[Any] = []
    log: list[str] = []

    async def sock_accept(_: socket.socket) -> tuple[Any, None]:
        step = script.pop(0) if script else await asyncio.Event().wait()
        if isinstance(step, int):
            raise OSError(step, errno.errorcode[step])
        return step, None

    async def main() -> None:
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "sock_accept", sock_accept)
        with socket.socket() as listener:
            task = asyncio.create_task(accept(listener, handed.append, log.append))
            for _ in range(50):
                await asyncio.sleep(0)
            if task.done():
                task.result()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
    return handed, log


@pytest.mark.parametrize("error", [errno.ECONNABORTED, errno.EPROTO, errno.ENETDOWN])
def test_a_connection_that_is_gone_again_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    """accept(2) reports a connection's own end as its error; the next one is accepted"""
    assert run(monkeypatch, [error, error, MORE]) == ([MORE], [])


@pytest.mark.parametrize("error", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_an_exhausted_process_waits(monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    """Without a descriptor left it tells once, and accepts again when there is one"""
    handed, log = run(monkeypatch, [error, error, error, MORE, MORE])
    assert handed == [MORE, MORE]
    assert len(log) == 1
    assert log[0].startswith("no more connections for now")


def test_an_unusable_listener_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener that was closed under us is no reason to try for ever"""
    with pytest.raises(OSError, match="EBADF"):
        run(monkeypatch, [errno.EBADF, MORE])


def test_a_connection_does_not_block() -> None:
    """Connections are handed over non-blocking, as the event loop needs them"""

    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            handed: asyncio.Queue[socket.socket] = asyncio.Queue()
            task = asyncio.create_task(accept(listener, handed.put_nowait, lambda _: None))
            with socket.create_connection(listener.getsockname()), await handed.get() as one:
                assert not one.getblocking()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
