"""Chunks of a document, one by one and in batches (gemini-api.md section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.client.gemini.flows.retrieval import Retrieval
from gemauth.errors import UsageError
from gemauth.google.gemini import methods
from gemauth.google.gemini.resources.reader import several
from gemauth.google.gemini.resources.retrieval import Chunk, CustomMetadata

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gemauth.client.calls.paging import Pages
    from gemauth.flow import Flow
    from gemauth.google.gemini.method import Method
    from gemauth.google.gemini.resources.retrieval import Metadata

__all__ = ["Chunks"]


class Chunks(Retrieval):
    """Chunks: the parts of a document that a query finds.

    The batches take lists of any length: they go out a hundred at a time. Where one fails, the
    rest is not sent, and the BatchError has what is done and what is left.
    """

    __slots__ = ()

    def list(self, parent: str, *, page_size: int | None = None) -> Pages[Chunk]:
        """Yield every chunk of `corpora/my-corpus/documents/my-document`."""
        fields = {"parent": parent, "pageSize": page_size}
        return self._pages(methods.LIST_CHUNKS, fields, "chunks", Chunk)

    def get(self, name: str) -> Flow[Chunk]:
        """Return one chunk, such as `corpora/c/documents/d/chunks/my-chunk`."""
        return self._one(methods.GET_CHUNK, {"name": name}, Chunk)

    def create(
        self, parent: str, text: str, *, metadata: Metadata | None = None, name: str = ""
    ) -> Flow[Chunk]:
        """Add a chunk to a document; without a name the API makes one.

        Args:
            parent: the document, such as `corpora/my-corpus/documents/my-document`.
            text: at most 2043 tokens.
            metadata: at most 20 entries: texts, lists of texts, numbers.
            name: the whole one; its id has 1 to 40 of a-z, 0-9 and dashes, none at either end.
        """
        chunk = Chunk.of(text, metadata, name=name)
        return self._one(methods.CREATE_CHUNK, {"parent": parent, "chunk": chunk.to_json()}, Chunk)

    def patch(
        self, name: str, *, text: str | None = None, metadata: Metadata | None = None
    ) -> Flow[Chunk]:
        """Change a chunk's text, its metadata (all of them: `{}` empties), or both."""
        changes: dict[str, Any] = {}
        if text is not None:
            changes["data"] = {"stringValue": text}
        if metadata is not None:
            changes["customMetadata"] = [each.to_json() for each in CustomMetadata.of(metadata)]
        if not changes:
            raise UsageError("There is nothing to change: give a text or metadata.")
        fields = {"chunk": {"name": name, **changes}, "updateMask": ",".join(changes)}
        return self._one(methods.UPDATE_CHUNK, fields, Chunk)

    def delete(self, name: str) -> Flow[None]:
        """Delete one chunk."""
        return self._nothing(methods.DELETE_CHUNK, {"name": name})

    def batch_create(self, parent: str, chunks: Sequence[Chunk]) -> Flow[tuple[Chunk, ...]]:
        """Add many chunks to a document (`Chunk.of(text, metadata)`), and return them as made.

        Raises:
            BatchError: a batch failed; `.done` are made, `.left` are not.
        """

        def send(batch: Sequence[Chunk]) -> Flow[Sequence[Chunk]]:
            requests = [{"parent": parent, "chunk": chunk.to_json()} for chunk in batch]
            return self._chunks(methods.BATCH_CREATE_CHUNKS, parent, requests)

        return self._batches(chunks, send)

    def batch_update(self, parent: str, chunks: Sequence[Chunk]) -> Flow[tuple[Chunk, ...]]:
        """Change many chunks of a document: of each the text and the metadata that it has here.

        Metadata are replaced as a whole; a chunk without any here keeps its own.

        Raises:
            BatchError: a batch failed; `.done` are changed, `.left` are not.
            UsageError: a chunk has no name, or nothing to change; nothing was sent.
        """

        def send(batch: Sequence[Chunk]) -> Flow[Sequence[Chunk]]:
            requests = [_update(chunk) for chunk in batch]
            return self._chunks(methods.BATCH_UPDATE_CHUNKS, parent, requests)

        for chunk in chunks:
            _update(chunk)  # all are right before the first is sent
        return self._batches(chunks, send)

    def batch_delete(self, parent: str, names: Sequence[str]) -> Flow[tuple[str, ...]]:
        """Delete many chunks of a document, and return their names.

        Raises:
            BatchError: a batch failed; `.done` are deleted, `.left` are not.
        """

        def send(batch: Sequence[str]) -> Flow[Sequence[str]]:
            fields = {"parent": parent, "requests": [{"name": name} for name in batch]}
            yield from self._json(methods.BATCH_DELETE_CHUNKS, fields)
            return batch

        return self._batches(names, send)

    def _chunks(
        self, method: Method, parent: str, requests: Sequence[dict[str, Any]]
    ) -> Flow[Sequence[Chunk]]:
        body = yield from self._json(method, {"parent": parent, "requests": requests})
        return several(Chunk, body, "chunks")


def _update(chunk: Chunk) -> dict[str, Any]:
    """Return one request of a batch; its mask names what the chunk has.

    Raises:
        UsageError: it has nothing to change, or no name.
    """
    written = chunk.to_json()
    mask = [name for name in ("data", "customMetadata") if name in written]
    if not mask or not chunk.name:
        raise UsageError("Each chunk to change needs its name, and a text or metadata.")
    changed = {name: written[name] for name in ("name", *mask)}
    return {"chunk": changed, "updateMask": ",".join(mask)}
