"""File search stores and their documents (gemini-api.md section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.client.calls.upload_source import UploadSource
from gemauth.client.calls.uploads import Upload
from gemauth.client.gemini.flows.family import Family, full
from gemauth.client.gemini.flows.files import media_type_of
from gemauth.flow import Disk
from gemauth.google.gemini import methods
from gemauth.google.gemini.resources.file_search import FileSearchDocument, FileSearchStore
from gemauth.google.gemini.resources.files import Operation
from gemauth.google.gemini.resources.retrieval import CustomMetadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.calls.paging import Pages
    from gemauth.client.calls.upload_source import Uploadable
    from gemauth.client.calls.uploads import Progress
    from gemauth.flow import Flow
    from gemauth.google.gemini.resources.retrieval import Metadata

__all__ = ["FileSearchStores"]


class FileSearchStores(Family):
    """Stores of documents that a generation searches.

    With `tools=[{"fileSearch": {"fileSearchStoreNames": [store.name]}}]`. They belong to the
    project: nobody can be given a permission on one.
    """

    __slots__ = ()

    def list(self, *, page_size: int | None = None) -> Pages[FileSearchStore]:
        """Yield every store of the project."""
        fields = {"pageSize": page_size}
        method = methods.LIST_FILE_SEARCH_STORES
        return self._pages(method, fields, "fileSearchStores", FileSearchStore)

    def get(self, name: str) -> Flow[FileSearchStore]:
        """Return one store, such as `fileSearchStores/my-store-abc`."""
        return self._one(methods.GET_FILE_SEARCH_STORE, {"name": _full(name)}, FileSearchStore)

    def create(self, display_name: str = "", *, embedding_model: str = "") -> Flow[FileSearchStore]:
        """Make a store; the API makes its name of the display name (at most 512 characters)."""
        model = full("models", embedding_model) if embedding_model else ""
        store = FileSearchStore(display_name=display_name, embedding_model=model)
        asked = {"fileSearchStore": store.to_json()}
        return self._one(methods.CREATE_FILE_SEARCH_STORE, asked, FileSearchStore)

    def delete(self, name: str, *, force: bool = False) -> Flow[None]:
        """Delete a store; one with documents in it only by `force`, and they with it."""
        fields = {"name": _full(name), "force": force or None}
        return self._nothing(methods.DELETE_FILE_SEARCH_STORE, fields)

    def import_file(
        self,
        name: str,
        file: str,
        *,
        metadata: Metadata | None = None,
        chunking: Mapping[str, Any] | None = None,
    ) -> Flow[Operation]:
        """Take an uploaded file into a store; `operations.wait` waits for its end.

        Args:
            name: the store.
            file: such as `files/abc`.
            metadata: at most 20 entries: texts, lists of texts, numbers.
            chunking: the API's `chunkingConfig`, such as
                `{"whiteSpaceConfig": {"maxTokensPerChunk": 200, "maxOverlapTokens": 20}}`.
        """
        asked = {
            "fileSearchStoreName": _full(name),
            "fileName": full("files", file),
            **_said(metadata, chunking),
        }
        return self._one(methods.IMPORT_FILE, asked, Operation)

    def upload(
        self,
        name: str,
        file: Uploadable,
        *,
        mime_type: str | None = None,
        display_name: str | None = None,
        metadata: Metadata | None = None,
        chunking: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
        timeout: float | None = None,
    ) -> Flow[Operation]:
        """Upload a file into a store at once; `operations.wait` waits for its end.

        Args:
            name: the store.
            file: a path, bytes, or an object opened in binary mode.
            mime_type: told by a path's ending where there is one.
            display_name: what citations call it. A path's own name is not sent.
            metadata: at most 20 entries: texts, lists of texts, numbers.
            chunking: the API's `chunkingConfig`.
            progress: is called with the bytes that have arrived, and those there are (or None).
            timeout: seconds of silence that are endured.
        """
        said = {"displayName": display_name, **_said(metadata, chunking)}
        return self._uploaded(_full(name), file, mime_type, said, progress, timeout)

    def list_documents(
        self, name: str, *, page_size: int | None = None
    ) -> Pages[FileSearchDocument]:
        """Yield every document of a store."""
        fields = {"parent": _full(name), "pageSize": page_size}
        method = methods.LIST_FILE_SEARCH_DOCUMENTS
        return self._pages(method, fields, "documents", FileSearchDocument)

    def get_document(self, name: str) -> Flow[FileSearchDocument]:
        """Return one document, such as `fileSearchStores/my-store-abc/documents/my-document`."""
        return self._one(methods.GET_FILE_SEARCH_DOCUMENT, {"name": name}, FileSearchDocument)

    def delete_document(self, name: str, *, force: bool = False) -> Flow[None]:
        """Delete a document; one with chunks in it only by `force`."""
        fields = {"name": name, "force": force or None}
        return self._nothing(methods.DELETE_FILE_SEARCH_DOCUMENT, fields)

    def _uploaded(
        self,
        name: str,
        file: Uploadable,
        mime_type: str | None,
        said: dict[str, Any],
        progress: Progress | None,
        timeout: float | None,
    ) -> Flow[Operation]:
        source: UploadSource = yield Disk(lambda: UploadSource(file))
        try:
            kind = media_type_of(source, mime_type)
            metadata = {n: v for n, v in {**said, "mimeType": kind}.items() if v is not None}
            upload = Upload(
                self.credentials,
                f"{self.version}/{_path(name)}:uploadToFileSearchStore",
                metadata,
                source,
                kind,
                progress,
                self._within(timeout),
            )
            flow = self._explained(methods.UPLOAD_TO_FILE_SEARCH_STORE, upload.run())
            return Operation.from_json((yield from flow))
        finally:
            source.close()


def _full(name: str) -> str:
    return full("fileSearchStores", name)


def _path(name: str) -> str:
    """Return a store's path; raises UsageError where the name is none."""
    from gemauth.google.gemini.routes import fill

    return fill(methods.GET_FILE_SEARCH_STORE, name)[1]


def _said(metadata: Metadata | None, chunking: Mapping[str, Any] | None) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if metadata:
        said["customMetadata"] = [entry.to_json() for entry in CustomMetadata.of(metadata)]
    if chunking:
        said["chunkingConfig"] = dict(chunking)
    return said
