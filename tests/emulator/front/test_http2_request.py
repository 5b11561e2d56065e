from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gemauth.emulator.front.http2_request import UnservedRequestError, scope_of

GET = [(b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"a"), (b":path", b"/x?y")]


class Named(asyncio.Transport):
    """A transport that knows its addresses."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return an address of TCP over IPv6 and one of a Unix socket."""
        return {"sockname": ("::1", 443, 0, 0), "peername": ""}.get(name, default)


def test_scope() -> None:
    """Pseudo-headers become the scope; its scheme is the connection's, whatever the client says"""
    scope = scope_of([*GET, (b"x", b"1")], "http", Named())
    assert (scope["method"], scope["scheme"]) == ("GET", "http")
    assert (scope["path"], scope["query_string"]) == ("/x", b"y")
    assert scope["headers"] == [(b"host", b"a"), (b"x", b"1")]
    assert (scope["server"], scope["client"]) == (("::1", 443), None)


def test_host_without_authority() -> None:
    """A client that translates HTTP/1.1 may send Host alone (RFC 9113 section 8.3.1)"""
    block = [field for field in GET if field[0] != b":authority"]
    assert scope_of([*block, (b"host", b"b")], "http", Named())["headers"] == [(b"host", b"b")]


def test_host_beside_authority() -> None:
    """The app sees one Host"""
    assert scope_of([*GET, (b"host", b"a")], "http", Named())["headers"] == [(b"host", b"a")]


@pytest.mark.parametrize("path", [b"", b"x", b"http://a/", b"/a b", b"/\xc3\xa4", b"/\x7f", b"**"])
def test_paths_that_are_none(path: bytes) -> None:
    """A path begins with a slash and is printable ASCII: 400"""
    with pytest.raises(UnservedRequestError) as refused:
        scope_of([*GET[:3], (b":path", path)], "http", Named())
    assert refused.value.status == 400


def test_connect() -> None:
    """501"""
    with pytest.raises(UnservedRequestError) as refused:
        scope_of([(b":method", b"CONNECT"), (b":authority", b"a:443")], "http", Named())
    assert refused.value.status == 501
