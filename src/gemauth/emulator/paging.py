"""Pages of lists: their sizes, and page tokens that fit only the list that issued them (AIP-158).

Source: gemini-api.md section 1 (sizes are clamped, not refused; the other parameters must be those
of the call that issued the token). That a negative size and a foreign token are 400 is our
inference. Every room that lists reads and writes its tokens here; clients pass them through.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from gemauth.google.invalid import InvalidRequestError, Violation
from gemauth.oauth import base64url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Page", "Pager", "Sizes", "by_age"]

T = TypeVar("T")
_MAC = 16  # bytes of HMAC-SHA256 kept: 128 bits


@dataclass(frozen=True, slots=True)
class Sizes:
    """A list's page size where none is asked for, and the largest."""

    default: int
    maximum: int


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

    def read(self, sizes: Sizes, page_size: int, page_token: str, *parameters: str) -> Page:
        """Return the page that a call asks for.

        Args:
            sizes: the list's.
            page_size: as sent; 0 for the default.
            page_token: as sent; empty for the first page.
            parameters: all that the list depends on: the method, parent, filter, who is asking.

        Raises:
            InvalidRequestError: a negative size, or a token that another list issued or nobody.
        """
        if page_size < 0:
            raise _invalid("page_size", "page_size must not be negative.")
        size = min(page_size or sizes.default, sizes.maximum)
        bound = b"".join(_framed(part) for part in parameters)
        return Page(size, self._cursor(page_token, bound) if page_token else "", bound)

    def cut(
        self, page: Page, items: Iterable[T], position: Callable[[T], str]
    ) -> tuple[list[T], str]:
        """Return a page's items, and the token of the next page, empty on the last.

        Args:
            page: as `read` returned it.
            items: the whole list.
            position: an item's place as text; the list is in its order, so that an item which
                is deleted between two pages moves no other.
        """
        left = sorted((item for item in items if position(item) > page.cursor), key=position)
        shown = left[: page.size]
        more = len(left) > len(shown)
        return shown, self.write(page, position(shown[-1])) if more else ""

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


def by_age(created_at: float, name: str) -> str:
    """Return the position of something in a list that has the oldest first."""
    return f"{created_at:020.6f} {name}"


def _framed(part: str | bytes) -> bytes:
    """Return a part with its length before it, so that no two lists of parts look alike."""
    raw = part.encode() if isinstance(part, str) else part
    return len(raw).to_bytes(4, "big") + raw


def _invalid(field: str, reason: str) -> InvalidRequestError:
    return InvalidRequestError.of([Violation(field, reason)])
