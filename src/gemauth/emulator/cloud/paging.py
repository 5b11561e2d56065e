"""A page of a Cloud API's list, as REST asks for it: `pageSize`, `pageToken`, `nextPageToken`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from gemauth.emulator.cloud.rpc import Arguments, invalid_argument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gemauth.emulator.paging import Sizes

__all__ = ["page"]

T = TypeVar("T")
_NUMBER = re.compile(r"\d{1,10}", re.ASCII)  # of an int32's length: int() takes no bait


def page(
    arguments: Arguments, items: Iterable[T], position: Callable[[T], str], sizes: Sizes
) -> tuple[list[T], dict[str, Any]]:
    """Return the items of the page asked for, and `nextPageToken` where more follow.

    Raises:
        StatusError: INVALID_ARGUMENT for a size or token out of form.
    """
    query = {name: values[0] for name, values in arguments.query.items()}
    size, token = query.pop("pageSize", "0"), query.pop("pageToken", "")
    if _NUMBER.fullmatch(size) is None:
        raise invalid_argument("pageSize must be a whole number that is not negative.")
    others = [part for pair in sorted(query.items()) for part in pair]
    wanted = arguments.pager.read(
        sizes, int(size), token, arguments.email, *arguments.path.values(), *others
    )
    shown, following = arguments.pager.cut(wanted, items, position)
    return shown, {"nextPageToken": following} if following else {}
