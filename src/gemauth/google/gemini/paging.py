"""Pages of lists: sizes, and page tokens that fit only the list that issued them (AIP-158).

Source: gemini-api.md section 1 (sizes; they are clamped, not refused; the other parameters must be
those of the call that issued the token). That a negative size and a foreign token are 400 is our
inference. The emulator's lists use it; the client passes tokens through.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gemauth.google.invalid import InvalidRequestError, Violation
from gemauth.oauth import base64url

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SIZES", "Page", "Pager", "Sizes"]

_MAC = 16  # bytes of HMAC-SHA256 kept: 128 bits


@dataclass(frozen=True, slots=True)
class Sizes:
    """A list's page size where none is asked for, and the largest."""

    default: int
    maximum: int


# By RPC name.
SIZES: Mapping[str, Sizes] = {
    "ListModels": Sizes(50, 1000),
    "ListTunedModels": Sizes(10, 1000),
    "ListPermissions": Sizes(10, 1000),
    "ListCorpora": Sizes(10, 20),
    "ListDocuments": Sizes(10, 20),
    "ListChunks": Sizes(10, 100),
}


@dataclass(frozen=True, slots=True)
class Page:
    """What one call asks for: up to `size` items that come after `cursor` ("" for the first)."""

    size: int
    cursor: str
    bound: bytes = field(repr=False)


class Pager:
    """Reads and writes page tokens under one secret key, which all replicas of a server share."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def read(self, rpc: str, page_size: int, page_token: str, *parameters: str) -> Page:
        """Return the page that a call asks for.

        Args:
            rpc: the method's name, one of SIZES.
            page_size: as sent; 0 for the default.
            page_token: as sent; empty for the first page.
            parameters: all else that the list depends on: parent, filter, who is asking.

        Raises:
            InvalidRequestError: a negative size, or a token that another list issued or nobody.
        """
        sizes = SIZES[rpc]
        if page_size < 0:
            raise _invalid("page_size", "page_size must not be negative.")
        size = min(page_size or sizes.default, sizes.maximum)
        bound = b"".join(_framed(part) for part in (rpc, *parameters))
        return Page(size, self._cursor(page_token, bound) if page_token else "", bound)

    def write(self, page: Page, cursor: str) -> str:
        """Return the token of the page after `page`; `cursor` says where that starts."""
        text = cursor.encode()
        return base64url.encode(self._mac(page.bound, text) + text)

    def _cursor(self, token: str, bound: bytes) -> str:
        try:
            raw = base64url.decode(token)
        except ValueError:
            raw = b""
        mac, text = raw[:_MAC], raw[_MAC:]
        if not hmac.compare_digest(mac, self._mac(bound, text)):
            raise _invalid("page_token", "page_token is not one that this list issued.")
        return text.decode()

    def _mac(self, bound: bytes, text: bytes) -> bytes:
        return hmac.digest(self._key, bound + _framed(text), "sha256")[:_MAC]


def _framed(part: str | bytes) -> bytes:
    """Return a part with its length before it, so that no two lists of parts look alike."""
    raw = part.encode() if isinstance(part, str) else part
    return len(raw).to_bytes(4, "big") + raw


def _invalid(field: str, reason: str) -> InvalidRequestError:
    return InvalidRequestError.of([Violation(field, reason)])
