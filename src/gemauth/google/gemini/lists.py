"""Lists in the API's JSON: the members of one, and the pages that they come in (AIP-158).

Read by `resources/reader.py`, which makes resources of them, and by `client/gemini/flows` as they
are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.errors import Fault, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gemauth.http import Response

__all__ = ["members", "page", "senseless"]


def page(answer: Response, items: str) -> tuple[Sequence[Any], str]:
    """Return what is on a page, and the token of the next one, empty on the last.

    Args:
        answer: what a list method answered.
        items: where they are in it, such as `models`.

    Raises:
        UnreachableError: there is something else.
    """
    body = answer.object()
    return members(body, items), str(body.get("nextPageToken") or "")


def members(body: Mapping[str, Any], name: str) -> Sequence[Any]:
    """Return the members of a list in an answer; none where there is no list.

    Raises:
        UnreachableError: there is something else.
    """
    found = body.get(name) or ()
    if not isinstance(found, list | tuple):
        raise senseless(f"a list whose {name} make no sense")
    return found


def senseless(what: str) -> UnreachableError:
    """Return the error for what the API never answers, such as `the same page of a list again`."""
    return UnreachableError(
        f"The server answered {what}.",
        fault=Fault.SERVER,
        next_step="Check that the address is the Gemini API's.",
    )
