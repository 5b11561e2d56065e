"""File search stores and their documents (gemini-api.md section 9).

Source: proto/gemini/file_search_stores.proto, which is of our making: Google publishes no .proto of
them. The classes are open (open_resource.py).
"""

from __future__ import annotations

from gemauth.google.gemini.resources.open_resource import ZERO, Int64, OpenResource
from gemauth.google.gemini.resources.retrieval import CustomMetadata  # noqa: TC001  # a field's type

__all__ = ["FileSearchDocument", "FileSearchStore"]


class FileSearchStore(OpenResource, frozen=True, kw_only=True):
    """A store; `name` is `fileSearchStores/{id}`, sizes are in bytes."""

    name: str = ""
    display_name: str = ""
    create_time: str | None = None
    update_time: str | None = None
    active_documents_count: Int64 = ZERO
    pending_documents_count: Int64 = ZERO
    failed_documents_count: Int64 = ZERO
    size_bytes: Int64 = ZERO
    embedding_model: str = ""


class FileSearchDocument(OpenResource, frozen=True, kw_only=True):
    """A document in a store; `name` is `fileSearchStores/{id}/documents/{id}`.

    `state` is `STATE_PENDING`, `STATE_ACTIVE` or `STATE_FAILED`.
    """

    name: str = ""
    display_name: str = ""
    state: str = ""
    size_bytes: Int64 = ZERO
    mime_type: str = ""
    create_time: str | None = None
    update_time: str | None = None
    custom_metadata: tuple[CustomMetadata, ...] = ()
