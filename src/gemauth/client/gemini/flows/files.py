"""Files: upload, look, wait, download, delete (gemini-api.md section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.client.calls.call import request_of
from gemauth.client.calls.downloads import Download, to_memory, to_path
from gemauth.client.calls.upload_source import UploadSource
from gemauth.client.calls.uploads import AnswerLostError, Upload
from gemauth.client.gemini.flows.family import Family, full
from gemauth.client.gemini.flows.waiting import FileFailedError, poll
from gemauth.errors import UsageError
from gemauth.flow import Disk
from gemauth.google.gemini import methods
from gemauth.google.gemini.resources.files import File

if TYPE_CHECKING:
    from gemauth.client.calls.paging import Pages
    from gemauth.client.calls.upload_source import Uploadable
    from gemauth.client.calls.uploads import Progress
    from gemauth.flow import Flow

__all__ = ["Files", "media_type_of"]


class Files(Family):
    """Files of the project, to be used in prompts: `FileData(file_uri=file.uri)`."""

    __slots__ = ()

    def list(self, *, page_size: int | None = None) -> Pages[File]:
        """Yield every file of the project."""
        return self._pages(methods.LIST_FILES, {"pageSize": page_size}, "files", File)

    def get(self, name: str) -> Flow[File]:
        """Return one file, such as `files/abc`: what is known of it, not what is in it."""
        return self._one(methods.GET_FILE, {"name": full("files", name)}, File)

    def upload(
        self,
        file: Uploadable,
        *,
        mime_type: str | None = None,
        display_name: str | None = None,
        name: str | None = None,
        progress: Progress | None = None,
        timeout: float | None = None,
    ) -> Flow[File]:
        """Upload a file, 8 MiB at a time; an interrupted upload goes on where it was broken off.

        Videos and sounds are processed first: `wait` for them before they are used.

        Args:
            file: a path, bytes, or an object opened in binary mode.
            mime_type: told by a path's ending where there is one.
            display_name: at most 512 characters. A path's own name is not sent.
            name: `files/my-id` or `my-id`; at most 40 of a-z, 0-9 and dashes. The API makes one.
            progress: is called with the bytes that have arrived, and those there are (or None).
            timeout: seconds of silence that are endured.
        """
        if name is not None:
            name = full("files", name)
        said = {"name": name, "displayName": display_name}
        return self._uploaded(file, mime_type, said, progress, timeout)

    def wait(self, name: str, *, timeout: float = 600.0) -> Flow[File]:
        """Return a file when it is `ACTIVE`, and can be used.

        Args:
            name: such as `files/abc`.
            timeout: seconds to wait at most; it is looked at less and less often, every 20 in the
                end.

        Raises FileFailedError where it never will be, NotDoneError where the time is over.
        """
        return self._active(full("files", name), timeout)

    def download(self, name: str, *, timeout: float | None = None) -> Flow[bytes]:
        """Return what is in a generated file; the API hands out no uploaded ones."""
        return self._downloaded(name, timeout)

    def download_to(
        self,
        name: str,
        path: str,
        *,
        progress: Progress | None = None,
        timeout: float | None = None,
    ) -> Flow[int]:
        """Write a generated file to a path, and return how many bytes it has.

        It stands there whole or not at all: it grows beside it, under another name.
        """
        return self._downloaded_to(name, path, progress, timeout)

    def delete(self, name: str) -> Flow[None]:
        """Delete a file; it would go after 48 hours by itself."""
        return self._nothing(methods.DELETE_FILE, {"name": full("files", name)})

    def _uploaded(
        self,
        file: Uploadable,
        mime_type: str | None,
        said: dict[str, str | None],
        progress: Progress | None,
        timeout: float | None,
    ) -> Flow[File]:
        source: UploadSource = yield Disk(lambda: UploadSource(file))
        try:
            kind = media_type_of(source, mime_type)
            metadata = {n: v for n, v in {**said, "mimeType": kind}.items() if v is not None}
            upload = Upload(
                self.credentials,
                f"{self.version}/files",
                {"file": metadata},
                source,
                kind,
                progress,
                self._within(timeout),
            )
            try:
                body: dict[str, Any] = yield from self._explained(methods.CREATE_FILE, upload.run())
            except AnswerLostError:
                if said["name"] is None:
                    raise
                return (yield from self.get(said["name"]))
        finally:
            source.close()
        return File.from_json(body.get("file") or {})

    def _active(self, name: str, patience: float) -> Flow[File]:
        file = yield from poll(
            lambda: self.get(name), lambda seen: seen.state != "PROCESSING", name, patience
        )
        if file.state == "FAILED":
            raise FileFailedError(file)
        return file

    def _download(self, name: str, timeout: float | None) -> Download:
        fields = {"name": full("files", name)}
        query = (("alt", "media"),)
        request = request_of(self.credentials, methods.DOWNLOAD_FILE, fields, self.version, query)
        return Download(
            self.credentials, request.with_headers({"Accept": "*/*"}), self._within(timeout)
        )

    def _downloaded(self, name: str, timeout: float | None) -> Flow[bytes]:
        flow = to_memory(self._download(name, timeout))
        return (yield from self._explained(methods.DOWNLOAD_FILE, flow))

    def _downloaded_to(
        self, name: str, path: str, progress: Progress | None, timeout: float | None
    ) -> Flow[int]:
        flow = to_path(self._download(name, timeout), path, progress)
        return (yield from self._explained(methods.DOWNLOAD_FILE, flow))


def media_type_of(source: UploadSource, given: str | None) -> str:
    """Return the media type of what is uploaded: the given one, or what the path's ending says.

    Raises:
        UsageError: neither.
    """
    if given is not None:
        return given
    if source.path is not None:
        from mimetypes import guess_type

        guessed, _ = guess_type(source.path.name)
        if guessed is not None:
            return guessed
    raise UsageError(
        "The media type of what is to be uploaded is not known.",
        next_step="Give it: mime_type='application/pdf'.",
    )
