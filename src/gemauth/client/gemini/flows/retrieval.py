"""What corpora, documents and chunks share: queries, and lists that go out in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from gemauth.client.gemini.flows.family import Family
from gemauth.errors import Fault, GemauthError, UnreachableError
from gemauth.google.gemini.resources.reader import several
from gemauth.google.gemini.resources.retrieval import RelevantChunk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gemauth.flow import Flow
    from gemauth.google.gemini.method import Method
    from gemauth.google.gemini.resources.retrieval import MetadataFilter

__all__ = ["BATCH", "BatchError", "Retrieval"]

T = TypeVar("T")
U = TypeVar("U")
BATCH = 100  # requests in one batch (gemini-api.md section 7)


class BatchError(GemauthError):
    """A list went out in batches, and one of them failed; its cause is `__cause__`.

    Where the cause is an UnreachableError, the first batch of `left` may have been carried out
    all the same: no answer says so.

    Args:
        cause: why the batch failed; its exit code is this error's too.
        done: what the API answered for what it carried out (names, where it answers nothing).
        left: what it was not asked for, the failed batch first; to be given to the method again.
    """

    def __init__(self, cause: GemauthError, done: Sequence[Any], left: Sequence[Any]) -> None:
        unclear = (
            f" (of the {min(BATCH, len(left))} that failed no answer says whether they are)"
            if isinstance(cause, UnreachableError) and cause.fault is not Fault.CALLER
            else ""
        )
        super().__init__(
            f"{len(done)} of {len(done) + len(left)} are done{unclear}: {cause.message}",
            next_step=cause.next_step,
            fault=cause.fault,
            evidence=cause.evidence,
        )
        self.done = tuple(done)
        self.left = tuple(left)
        # the class's own for every other error; here the cause knows
        self.exit_code = cause.exit_code  # type: ignore[misc]


class Retrieval(Family):
    """The semantic retriever's operations."""

    __slots__ = ()

    def _query(
        self,
        method: Method,
        name: str,
        query: str,
        filters: Sequence[MetadataFilter],
        results: int | None,
    ) -> Flow[tuple[RelevantChunk, ...]]:
        fields = {
            "name": name,
            "query": query,
            "metadataFilters": [each.to_json() for each in filters] or None,
            "resultsCount": results,
        }
        body = yield from self._json(method, fields)
        return several(RelevantChunk, body, "relevantChunks")

    def _batches(
        self, items: Sequence[T], send: Callable[[Sequence[T]], Flow[Sequence[U]]]
    ) -> Flow[tuple[U, ...]]:
        """Send a list in batches of what the API takes at once, one after another."""
        done: list[U] = []
        for start in range(0, len(items), BATCH):
            try:
                done += yield from send(items[start : start + BATCH])
            except GemauthError as error:
                raise BatchError(error, done, items[start:]) from error
        return tuple(done)
