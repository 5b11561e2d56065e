"""What Google has taken out of the Gemini API's public surface, said where a call meets it.

gemini-api.md sections 9 and 11: the discovery document of September 2026 no longer lists the
methods named here. Whether they still answer is not certain: one client's maintainer reported in
November 2026 that they did [U]. So they are called, and a 404 of the front is explained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.google.gemini import methods
from gemauth.google.status import Code, StatusError

if TYPE_CHECKING:
    from gemauth.errors import GemauthError
    from gemauth.google.gemini.method import Method

__all__ = ["missing"]

_REMOVED = {
    method.name
    for method in (
        methods.UPDATE_CORPUS,
        methods.QUERY_CORPUS,
        methods.CREATE_DOCUMENT,
        methods.GET_DOCUMENT,
        methods.LIST_DOCUMENTS,
        methods.UPDATE_DOCUMENT,
        methods.DELETE_DOCUMENT,
        methods.QUERY_DOCUMENT,
        methods.CREATE_CHUNK,
        methods.GET_CHUNK,
        methods.LIST_CHUNKS,
        methods.UPDATE_CHUNK,
        methods.DELETE_CHUNK,
        methods.BATCH_CREATE_CHUNKS,
        methods.BATCH_UPDATE_CHUNKS,
        methods.BATCH_DELETE_CHUNKS,
    )
}


def missing(error: GemauthError, method: Method, *, emulated: bool) -> str | None:
    """Return the next step where the method itself is what is missing, else None.

    Args:
        error: a 404 or a refusal; one that is about a resource says nothing of the method.
        method: what was called.
        emulated: whether an emulator was asked.
    """
    if isinstance(error, StatusError):
        if error.status.code is Code.UNIMPLEMENTED and emulated:
            return (
                f"The emulator does not do {method.name} yet (docs/coverage.md). Google is asked "
                "without --emulator and GEMAUTH_EMULATOR."
            )
        return None
    if method.name in _REMOVED:  # no envelope: the front knows no such path
        return (
            f"Google has removed {method.name} from the API's public discovery document, as seen "
            "in September 2026; whether it still answers anybody is not certain. Files are "
            "searched with file search stores now."
        )
    return None
