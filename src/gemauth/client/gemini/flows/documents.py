"""Documents of a corpus (gemini-api.md section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.client.gemini.flows.family import full
from gemauth.client.gemini.flows.retrieval import Retrieval
from gemauth.errors import UsageError
from gemauth.google.gemini import methods
from gemauth.google.gemini.resources.retrieval import CustomMetadata, Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gemauth.client.calls.paging import Pages
    from gemauth.flow import Flow
    from gemauth.google.gemini.resources.retrieval import Metadata, MetadataFilter, RelevantChunk

__all__ = ["Documents"]


class Documents(Retrieval):
    """Documents: collections of chunks, with metadata of their own."""

    __slots__ = ()

    def list(self, parent: str, *, page_size: int | None = None) -> Pages[Document]:
        """Yield every document of `corpora/my-corpus`."""
        fields = {"parent": full("corpora", parent), "pageSize": page_size}
        return self._pages(methods.LIST_DOCUMENTS, fields, "documents", Document)

    def get(self, name: str) -> Flow[Document]:
        """Return one document, such as `corpora/my-corpus/documents/my-document`."""
        return self._one(methods.GET_DOCUMENT, {"name": name}, Document)

    def create(
        self,
        parent: str,
        display_name: str = "",
        *,
        metadata: Metadata | None = None,
        name: str = "",
    ) -> Flow[Document]:
        """Make a document in a corpus; without a name the API makes one.

        Args:
            parent: the corpus, such as `corpora/my-corpus`.
            display_name: at most 512 characters.
            metadata: at most 20 entries: texts, lists of texts, numbers.
            name: the whole one; its id has 1 to 40 of a-z, 0-9 and dashes, none at either end.
        """
        document = Document(
            name=name,
            display_name=display_name,
            custom_metadata=CustomMetadata.of(metadata or {}),
        )
        fields = {"parent": full("corpora", parent), "document": document.to_json()}
        return self._one(methods.CREATE_DOCUMENT, fields, Document)

    def patch(
        self, name: str, *, display_name: str | None = None, metadata: Metadata | None = None
    ) -> Flow[Document]:
        """Change a document's display name, its metadata (all of them: `{}` empties), or both."""
        changes: dict[str, Any] = {}
        if display_name is not None:
            changes["displayName"] = display_name
        if metadata is not None:
            changes["customMetadata"] = [each.to_json() for each in CustomMetadata.of(metadata)]
        if not changes:
            raise UsageError("There is nothing to change: give a display name or metadata.")
        fields = {"document": {"name": name, **changes}, "updateMask": ",".join(changes)}
        return self._one(methods.UPDATE_DOCUMENT, fields, Document)

    def delete(self, name: str, *, force: bool = False) -> Flow[None]:
        """Delete a document; one with chunks in it only by `force`, and they with it."""
        return self._nothing(methods.DELETE_DOCUMENT, {"name": name, "force": force or None})

    def query(
        self,
        name: str,
        query: str,
        *,
        filters: Sequence[MetadataFilter] = (),
        results: int | None = None,
    ) -> Flow[tuple[RelevantChunk, ...]]:
        """Return the chunks of one document that fit a query best, the best one first.

        Args:
            name: such as `corpora/my-corpus/documents/my-document`.
            query: what to look for, in plain language.
            filters: on metadata of chunks; all must be met.
            results: how many at most, up to 100; None is the API's default of 10.
        """
        return self._query(methods.QUERY_DOCUMENT, name, query, filters, results)
