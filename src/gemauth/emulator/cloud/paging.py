"""Pages of a list: `pageSize`, an opaque `pageToken`, `nextPageToken` (AIP-158)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any, TypeVar

from gemauth.emulator.cloud.rpc import Arguments, invalid_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["page"]

T = TypeVar("T")
_NUMBER = re.compile(r"\d{1,10}", re.ASCII)  # of an int32's length: int() takes no bait


def page(
    arguments: Arguments, items: Sequence[T], *, default: int, most: int
) -> tuple[Sequence[T], dict[str, Any]]:
    """Return the items of the page asked for, and `nextPageToken` where more follow.

    Raises:
        StatusError: INVALID_ARGUMENT for a size or token out of form.
    """
    size_text = arguments.query.get("pageSize", ["0"])[0]
    if _NUMBER.fullmatch(size_text) is None:
        raise invalid_argument("pageSize must be a whole number that is not negative.")
    size = min(int(size_text) or default, most)
    start = _start(arguments.query.get("pageToken", [""])[0])
    more = start + size < len(items)
    token = base64.urlsafe_b64encode(f"after:{start + size}".encode("ascii")).decode("ascii")
    return items[start : start + size], {"nextPageToken": token} if more else {}


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        text = base64.b64decode(token, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    prefix, _, number = text.partition(":")
    if prefix != "after" or _NUMBER.fullmatch(number) is None:
        raise invalid_argument("The page token is not one that this list has given.")
    return int(number)
