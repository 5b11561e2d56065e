"""Lists that come in pages: one part, and who asks for the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow

__all__ = ["Page", "Pages"]

T = TypeVar("T")


class Page(NamedTuple, Generic[T]):
    """A part of a list, and the token of the next one, empty on the last."""

    items: tuple[T, ...]
    next_token: str


if TYPE_CHECKING:
    # Asks for one page by its token; empty for the first.
    Pages = Callable[[str], Flow[Page[T]]]
