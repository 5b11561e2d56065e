"""Our connections on an event loop that is not asyncio's own: uvloop."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest

from gemauth.client.connections.connection_async import AsyncConnections
from gemauth.http import Request
from tests.client.loopback_google import MODELS, LoopbackGoogle

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not for Windows"),
]


def test_uvloop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the clear and with TLS through a tunnel: connections are made, used again and closed."""
    import uvloop

    async def asked(port: int) -> None:
        connections = AsyncConnections()
        here = f"http://127.0.0.1:{port}"
        ways = [
            (f"{here}/v1beta/models", None),
            ("https://generativelanguage.googleapis.com/v1beta/models", here),
        ]
        for url, proxy in ways * 2:
            answers = await asyncio.gather(
                *(connections.exchange(Request("GET", url), proxy=proxy, seconds=5) for _ in "123")
            )
            assert [answer.json() for answer in answers] == [MODELS] * 3
        await connections.close()

    with LoopbackGoogle(tmp_path) as google:
        monkeypatch.setenv("SSL_CERT_FILE", str(google.ca))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(asked(google.port))
        methods = [seen.method for seen in google.seen]
    assert (methods.count("CONNECT"), methods.count("GET")) == (3, 12)
