"""Lists that come in pages: one part, and who asks for the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from gemauth.google.gemini.resources.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow

__all__ = ["Page", "Pages"]

R = TypeVar("R", bound=Resource)


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """A part of a list, and the token of the next one, empty on the last."""

    items: tuple[R, ...]
    next_token: str


if TYPE_CHECKING:
    # Asks for one page by its token; empty for the first.
    Pages = Callable[[str], Flow[Page[R]]]
