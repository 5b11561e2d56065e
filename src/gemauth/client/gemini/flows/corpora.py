"""Corpora of the semantic retriever (gemini-api.md section 7); who may use them: permissions.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.gemini.flows.family import full
from gemauth.client.gemini.flows.retrieval import Retrieval
from gemauth.google.gemini import methods
from gemauth.google.gemini.resources.retrieval import Corpus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gemauth.client.calls.paging import Pages
    from gemauth.flow import Flow
    from gemauth.google.gemini.resources.retrieval import MetadataFilter, RelevantChunk

__all__ = ["Corpora"]


class Corpora(Retrieval):
    """Corpora: collections of documents that are queried as one."""

    __slots__ = ()

    def list(self, *, page_size: int | None = None) -> Pages[Corpus]:
        """Yield every corpus of the caller, asking for page after page as needed."""
        return self._pages(methods.LIST_CORPORA, {"pageSize": page_size}, "corpora", Corpus)

    def get(self, name: str) -> Flow[Corpus]:
        """Return one corpus, such as `corpora/my-corpus`."""
        return self._one(methods.GET_CORPUS, {"name": _full(name)}, Corpus)

    def create(self, display_name: str = "", *, name: str = "") -> Flow[Corpus]:
        """Make a corpus; without a name (`corpora/my-corpus`) the API makes one.

        Args:
            display_name: at most 512 characters.
            name: its id has 1 to 40 of a-z, 0-9 and dashes, none at either end.
        """
        corpus = Corpus(name=_full(name) if name else "", display_name=display_name)
        return self._one(methods.CREATE_CORPUS, {"corpus": corpus.to_json()}, Corpus)

    def patch(self, name: str, *, display_name: str) -> Flow[Corpus]:
        """Change a corpus's display name."""
        fields = {
            "corpus": {"name": _full(name), "displayName": display_name},
            "updateMask": "displayName",
        }
        return self._one(methods.UPDATE_CORPUS, fields, Corpus)

    def delete(self, name: str, *, force: bool = False) -> Flow[None]:
        """Delete a corpus; one with documents in it only by `force`, and they with it."""
        fields = {"name": _full(name), "force": force or None}
        return self._nothing(methods.DELETE_CORPUS, fields)

    def query(
        self,
        name: str,
        query: str,
        *,
        filters: Sequence[MetadataFilter] = (),
        results: int | None = None,
    ) -> Flow[tuple[RelevantChunk, ...]]:
        """Return the chunks of a corpus that fit a query best, the best one first.

        Args:
            name: such as `corpora/my-corpus`.
            query: what to look for, in plain language.
            filters: on metadata of documents and chunks; all must be met.
            results: how many at most, up to 100; None is the API's default of 10.
        """
        return self._query(methods.QUERY_CORPUS, _full(name), query, filters, results)


def _full(name: str) -> str:
    return full("corpora", name)
