"""Resources from the bytes of an answer: one, or a page of a list.

Where a resource's fields are all plain, msgspec makes it straight from the bytes: 50 models in 35
microseconds of CPU, where parsing JSON and making objects of it take 190. It is strict, and what it
does not take has its say with `from_json`, which is lenient where ProtoJSON is (a null, a number as
text), knows what msgspec does not (base64, 64-bit numbers, members of tomorrow), and names what
makes no sense.

Read by `client/gemini/flows`.
"""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

from msgspec import DecodeError, defstruct
from msgspec.json import Decoder
from msgspec.structs import fields

from gemauth.google.gemini import lists
from gemauth.google.gemini.resources.resource import Enumeration, Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.http import Response

__all__ = ["page", "resource", "several"]

R = TypeVar("R", bound=Resource)


def resource(kind: type[R], answer: Response) -> R:
    """Return the resource that an answer holds; an empty body is an unset one.

    Raises:
        UnreachableError: it holds none, or one that makes no sense.
    """
    found: R | None = _quickly(_decoder(kind), answer)
    return kind.from_json(answer.object()) if found is None else found


def page(kind: type[R], answer: Response, items: str) -> tuple[tuple[R, ...], str]:
    """Return the resources on a page, and the token of the next one, empty on the last.

    Args:
        kind: the resource's class.
        answer: what a list method answered.
        items: where they are in it, such as `models`.

    Raises:
        UnreachableError: what is there makes no sense.
    """
    found = _quickly(_page_decoder(kind, items), answer)
    if found is not None:
        return found.items, found.next_page_token
    read, following = lists.page(answer, items)
    return tuple(map(kind.from_json, read)), following


def several(kind: type[R], body: Mapping[str, Any], name: str) -> tuple[R, ...]:
    """Return the resources of a list in an answer; none where there is no list.

    Raises:
        UnreachableError: what is there makes no sense.
    """
    return tuple(map(kind.from_json, lists.members(body, name)))


def _quickly(decoder: Decoder[Any] | None, answer: Response) -> Any:  # noqa: ANN401  # what it decodes
    """Return what msgspec makes of an answer, None where it has no way or does not take it."""
    try:
        return None if decoder is None else decoder.decode(answer.body)
    except (DecodeError, RecursionError):
        return None


@cache  # as many as there are classes
def _decoder(kind: type[Resource]) -> Decoder[Any] | None:
    return Decoder(kind) if _plain(kind) else None


@cache
def _page_decoder(kind: type[Resource], items: str) -> Decoder[Any] | None:
    if not _plain(kind):
        return None
    page = defstruct(
        "Page",
        [("items", tuple[kind, ...], ()), ("next_page_token", str, "")],  # type: ignore[valid-type]  # msgspec's way
        rename={"items": items, "next_page_token": "nextPageToken"},
        gc=False,
    )
    return Decoder(page)


def _plain(kind: Any) -> bool:  # noqa: ANN401  # a type
    """Whether JSON means the same to msgspec as to us, all the way down."""
    if get_origin(kind) is tuple:
        return _plain(get_args(kind)[0])
    if get_origin(kind) is UnionType:
        return all(map(_plain, get_args(kind)))
    if kind in {str, int, float, bool, NoneType}:
        return True
    if not isinstance(kind, type):
        return False
    if issubclass(kind, Resource):
        return all(_plain(one.type) for one in fields(kind))
    return issubclass(kind, Enumeration)
