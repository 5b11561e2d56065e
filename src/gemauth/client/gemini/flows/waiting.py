"""Waiting for something at Google's to be done: look, wait longer, look again, for so long."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from gemauth.errors import Fault, GemauthError, RefusedError
from gemauth.flow import Now, Wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow
    from gemauth.google.gemini.resources.files import File

__all__ = ["FileFailedError", "NotDoneError", "poll"]

T = TypeVar("T")
# google-api-core polls operations so (future/polling.py, DEFAULT_POLLING): 1 s, times 1.5, 20 s.
FIRST, FACTOR, LONGEST = 1.0, 1.5, 20.0


class NotDoneError(GemauthError):
    """What was waited for is not done in time; it goes on at the server."""

    default_fault = Fault.SERVER


class FileFailedError(RefusedError):
    """The API could not process a file; `file.error` says why."""

    default_fault = Fault.SERVER

    def __init__(self, file: File) -> None:
        why = f": {file.error.message}" if file.error and file.error.message else ""
        super().__init__(
            f"{file.name} could not be processed{why}.",
            next_step="Delete it and upload it again, or another form of it.",
        )
        self.file = file


def poll(
    look: Callable[[], Flow[T]], done: Callable[[T], bool], what: str, patience: float
) -> Flow[T]:
    """Return the flow that looks until it is done; its result is what was seen last.

    Args:
        look: makes the flow that looks once.
        done: whether what was seen is the end.
        what: its name, for the error.
        patience: seconds to wait at most.

    Raises:
        NotDoneError: the time is over.
    """
    began: float = yield Now()
    waited, pause = 0.0, FIRST
    while True:
        seen = yield from look()
        if done(seen):
            return seen
        now: float = yield Now()
        left = patience - max(now - began, waited)
        if left <= 0:
            raise NotDoneError(
                f"{what} is not done after {patience:g} seconds.",
                next_step="It goes on all the same: look again later, or wait longer (timeout=…).",
            )
        seconds = min(pause, left)
        yield Wait(seconds)
        waited += seconds
        pause = min(pause * FACTOR, LONGEST)
