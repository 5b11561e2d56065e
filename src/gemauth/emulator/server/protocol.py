"""HTTP/1.1 as uvicorn speaks it, except that the emulator is nobody's proxy.

`HTTPS_PROXY` pointed at the emulator is the cheapest leak guard: official clients have hard-coded
Google hosts, and each CONNECT to one is refused here, so no credential leaves the machine
(google-oauth.md section 9.3). An absolute-form request for another host is a proxy's too.
"""

from __future__ import annotations

import http
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from httptools import HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gemauth.http import LOOPBACK

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

__all__ = ["Protocol"]


class Protocol(HttpToolsProtocol):
    """One connection."""

    _refused = False

    def data_received(self, data: bytes) -> None:
        """Parse what came, unless the connection has been refused."""
        if not self._refused:
            super().data_received(data)

    def on_headers_complete(self) -> None:
        """Start a request, unless it asks to be carried to another host."""
        if self.parser.get_method() == b"CONNECT":
            self._refuse(self.url.decode("ascii", "replace"))
            raise HttpParserUpgrade(0)  # the parser must not go on to a tunnel's bytes
        if not self.url.startswith(b"/") and self.url != b"*":
            target = urlsplit(self.url.decode("ascii", "replace"))
            if target.scheme != "http" or target.hostname not in LOOPBACK:
                self._refuse(target.netloc.rpartition("@")[2] or "that address")
                raise HttpParserUpgrade(0)
        super().on_headers_complete()

    def _refuse(self, target: str) -> None:
        self._refused = True
        cycle: RequestResponseCycle | None = self.cycle  # None until the first request
        if cycle is None or cycle.response_complete:
            body = (
                f"This is a gemauth emulator, and it carries nothing to {target[:200]}: no "
                "credential of an emulator may leave the machine.\n"
                "Give the program the emulator's own address for what it needs there; requests "
                "to other hosts go past the proxy with NO_PROXY.\n"
            ).encode("ascii", "replace")
            phrase = http.HTTPStatus.BAD_GATEWAY.phrase
            self.transport.write(
                f"HTTP/1.1 502 {phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode("ascii")
                + body
            )
        self.transport.close()
