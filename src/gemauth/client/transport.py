"""HTTP on the network: one request out, one answer back (`Transport.send`)."""

from __future__ import annotations

import os
from collections.abc import Mapping

from gemauth.http import Request, Response

__all__ = ["AsyncTransport", "Transport"]


class Transport:
    """Sends requests over a pool of connections; safe to share between threads."""

    def __init__(self, environ: Mapping[str, str] = os.environ, *, timeout: float = 60.0) -> None:
        self.environ = environ
        self.timeout = timeout

    def send(self, request: Request, timeout: float | None = None) -> Response:
        """Return the answer, whatever its status."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the pool's connections."""


class AsyncTransport:
    """The same on an event loop."""

    def __init__(self, environ: Mapping[str, str] = os.environ, *, timeout: float = 60.0) -> None:
        self.environ = environ
        self.timeout = timeout

    async def send(self, request: Request, timeout: float | None = None) -> Response:  # noqa: ASYNC109
        """Return the answer, whatever its status."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close the pool's connections."""
