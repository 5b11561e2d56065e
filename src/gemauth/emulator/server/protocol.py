"""HTTP/1.1 as uvicorn speaks it, with an end to heads, and the emulator is nobody's proxy.

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


LONGEST_HEAD = 2**20
"""Bytes of a request before its body; the parser itself would gather them without end."""


class Protocol(HttpToolsProtocol):
    """One connection."""

    _refused = False
    _head: int | None = None  # bytes of the request whose headers have not all come, or None

    def data_received(self, data: bytes) -> None:
        """Parse what came, unless the connection has been refused."""
        if self._refused:
            return
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > LONGEST_HEAD:
                self._refuse(431, f"The emulator reads no head of more than {LONGEST_HEAD} bytes.")

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._head = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Start a request, unless it asks to be carried to another host."""
        self._head = None
        if self.parser.get_method() == b"CONNECT":
            self._refuse_to_carry(self.url.decode("ascii", "replace"))
            raise HttpParserUpgrade(0)  # the parser must not go on to a tunnel's bytes
        if not self.url.startswith(b"/") and self.url != b"*":
            target = urlsplit(self.url.decode("ascii", "replace"))
            if target.scheme != "http" or target.hostname not in LOOPBACK:
                self._refuse_to_carry(target.netloc.rpartition("@")[2] or "that address")
                raise HttpParserUpgrade(0)
        super().on_headers_complete()

    def _refuse_to_carry(self, target: str) -> None:
        self._refuse(
            502,
            f"This is a gemauth emulator, and it carries nothing to {target[:200]}: no "
            "credential of an emulator may leave the machine.\n"
            "Give the program the emulator's own address for what it needs there; requests "
            "to other hosts go past the proxy with NO_PROXY.",
        )

    def _refuse(self, status: int, text: str) -> None:
        self._refused = True
        cycle: RequestResponseCycle | None = self.cycle  # None until the first request
        if cycle is None or cycle.response_complete:
            body = f"{text}\n".encode("ascii", "replace")
            phrase = http.HTTPStatus(status).phrase
            self.transport.write(
                f"HTTP/1.1 {status} {phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode("ascii")
                + body
            )
        self.transport.close()
