"""A request's HTTP/2 header block as an ASGI scope (RFC 9113 section 8.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable

__all__ = ["UnservedRequestError", "scope_of"]

_TARGET = re.compile(rb"(/[\x21-\x7e]*|\*)")


class UnservedRequestError(Exception):
    """A request that no app sees; `status` and `text` answer it."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def scope_of(
    block: Iterable[tuple[bytes, bytes]], scheme: str, transport: asyncio.Transport
) -> dict[str, Any]:
    """Return the scope of a request.

    Args:
        block: its fields as h2 has let them through: valid, cookies in one field.
        scheme: what the connection is, whatever the client says of it.
        transport: whose addresses the app is told.

    Raises:
        UnservedRequestError: a CONNECT, or a path that is none.
    """
    pseudo: dict[bytes, bytes] = {}
    headers: list[tuple[bytes, bytes]] = []
    for name, value in block:
        if name.startswith(b":"):
            pseudo[name] = value
        else:
            headers.append((name, value))
    if pseudo[b":method"] == b"CONNECT":
        raise UnservedRequestError(501, "This is a gemauth emulator: no tunnels over HTTP/2.\n")
    target = pseudo[b":path"]
    if not _TARGET.fullmatch(target):
        raise UnservedRequestError(400, "The path of this request is none.\n")
    if b":authority" in pseudo:  # h2 has seen to it that a Host beside it says the same
        headers = [field for field in headers if field[0] != b"host"]
        headers.insert(0, (b"host", pseudo[b":authority"]))
    path, _, query = target.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "2",
        "server": _address(transport.get_extra_info("sockname")),
        "client": _address(transport.get_extra_info("peername")),
        "scheme": scheme,
        "method": pseudo[b":method"].decode("latin-1"),
        "root_path": "",
        "path": unquote(path.decode("ascii")),
        "raw_path": path,
        "query_string": query,
        "headers": headers,
        "extensions": {"http.response.trailers": {}},
    }


def _address(name: object) -> tuple[str, int] | None:
    """Return what a socket's name says; one on Unix has no port."""
    return (str(name[0]), int(name[1])) if isinstance(name, tuple) else None
