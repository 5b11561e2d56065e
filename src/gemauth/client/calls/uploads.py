"""Google's resumable upload as a flow: start, pieces, and going on where it was broken off.

Source: gemini-api.md section 9, as google-genai and google-generativeai do it [T]. `query`, which
asks how much has arrived, and the granularity of pieces are what Google documents of this protocol
for two other APIs (developers.google.com/photos/library/guides/resumable-uploads and
…/streetview/publish/resumable-uploads); that they hold at Gemini's is our inference.

    start     POST /upload/{version}/…  with credentials and the metadata → X-Goog-Upload-URL
    upload    POST there, 8 MiB at an offset; `upload, finalize` with the last piece
    query     POST there → X-Goog-Upload-Size-Received

The upload's URL is the capability: the pieces carry no credentials, as google-genai's do not, and
it must lead to the Google that was asked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gemauth.client.calls.call import send
from gemauth.client.calls.refusal import refusal
from gemauth.client.calls.retry import READ, persist
from gemauth.errors import DataError, Fault, GemauthError, UnreachableError
from gemauth.flow import Disk, Send, Wait
from gemauth.http import JSON, Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from urllib.parse import SplitResult

    from gemauth.client.calls.upload_source import UploadSource
    from gemauth.client.credentials import Credentials
    from gemauth.flow import Flow

    # Is told how many bytes have arrived, and of how many (None where nobody knows).
    Progress = Callable[[int, int | None], None]

__all__ = ["PIECE", "AnswerLostError", "Upload"]

PIECE = 8 * 1024 * 1024  # bytes
_TRIES = 5  # without a byte arriving
_FIRST, _LONGEST = 1.0, 16.0  # seconds
_COMMAND, _STATUS = "X-Goog-Upload-Command", "X-Goog-Upload-Status"


class AnswerLostError(UnreachableError):
    """Everything was uploaded, but the answer that says what it became was lost."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload.

    Attributes:
        credentials: who uploads, and to which Google.
        target: the path below `/upload/`, such as `v1beta/files`.
        metadata: what is said of it, in JSON.
        source: the bytes.
        mime_type: their media type.
        progress: is told of every piece that has arrived.
        timeout: seconds of silence; None is the transport's own.
    """

    credentials: Credentials
    target: str
    metadata: Mapping[str, Any]
    source: UploadSource
    mime_type: str
    progress: Progress | None = None
    timeout: float | None = None

    def run(self) -> Flow[dict[str, Any]]:
        """Return the flow of the whole upload; its result is the API's JSON for what it became.

        Raises:
            StatusError: the API refused.
            UnreachableError: the connection was lost five times without a byte arriving between.
            AnswerLostError: it is all there, and nobody knows under which name.
            DataError: the file became shorter meanwhile, or cannot be read again.
        """
        url, granularity = yield from self._start()
        piece_size = max(PIECE // granularity, 1) * granularity
        at, lost = 0, 0
        while True:
            size = self.source.size  # no more is sent than was announced: the file may grow
            count = piece_size if size is None else min(piece_size, size - at)
            piece: bytes = yield Disk(lambda at=at, count=count: self.source.read(at, count))  # type: ignore[misc]  # mypy knows no lambda's default
            last = self._is_last(at, piece, count)
            outcome = yield from self._piece(url, at, piece, last=last)
            if isinstance(outcome, Response):
                status = outcome.headers.get(_STATUS)
                if outcome.ok and status == "final":
                    self._tell(at + len(piece))
                    return outcome.json()
                if outcome.ok and status == "active" and not last:
                    at, lost = at + len(piece), 0
                    self._tell(at)
                    continue
            arrived, lost = yield from self._arrived(url, outcome, lost)
            if not 0 <= arrived <= at + len(piece):
                raise self._odd(f"says that {arrived} bytes arrived")
            lost = 0 if arrived > at else lost
            at = arrived

    def _start(self) -> Flow[tuple[str, int]]:
        """Return where the pieces go, and what their sizes are multiples of."""
        headers = {
            "Accept": JSON,
            "Content-Type": JSON,
            "X-Goog-Upload-Protocol": "resumable",
            _COMMAND: "start",
            "X-Goog-Upload-Header-Content-Type": self.mime_type,
        }
        if self.source.size is not None:
            headers["X-Goog-Upload-Header-Content-Length"] = str(self.source.size)
        root = self.credentials.endpoints.gemini
        body = json.dumps(self.metadata).encode()
        request = Request("POST", f"{root}/upload/{self.target}", Headers(headers), body)
        # an upload that was begun and forgotten harms nobody, so beginning may be repeated
        answer = yield from persist(
            READ.within(self.timeout), lambda s: send(self.credentials, request, timeout=s)
        )
        if not answer.ok:
            raise self._refused(answer)
        url = answer.headers.get("X-Goog-Upload-URL", "")
        if not url:
            raise self._odd("names no address for the upload")
        if not _same_origin(url, root):
            raise self._odd("wants the upload sent to another host")
        granularity = answer.headers.get("X-Goog-Upload-Chunk-Granularity", "1")
        return url, max(int(granularity), 1) if granularity.isdecimal() else 1

    def _piece(
        self, url: str, at: int, piece: bytes, *, last: bool
    ) -> Flow[Response | UnreachableError]:
        command = "upload, finalize" if last else "upload"
        headers = {
            _COMMAND: command,
            "X-Goog-Upload-Offset": str(at),
            "Content-Length": str(len(piece)),
        }
        return (yield from self._sent(url, headers, piece))

    def _sent(
        self, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Flow[Response | UnreachableError]:
        try:
            answer: Response = yield Send(
                Request("POST", url, Headers(headers), body), self.timeout
            )
        except UnreachableError as error:
            return error
        return answer

    def _arrived(
        self, url: str, outcome: Response | UnreachableError, lost: int
    ) -> Flow[tuple[int, int]]:
        """Return how much has arrived, and how often nothing more had; wait and ask until told."""
        while True:
            lost += 1
            if lost > _TRIES or (isinstance(outcome, Response) and _is_final(outcome)):
                raise self._failure(outcome)
            yield Wait(0.0, min(_FIRST * 2 ** (lost - 1), _LONGEST))
            outcome = yield from self._sent(url, {_COMMAND: "query", "Content-Length": "0"})
            if not isinstance(outcome, Response) or not outcome.ok:
                continue
            status = outcome.headers.get(_STATUS)
            if status == "final":
                raise AnswerLostError(
                    "The file was uploaded, but the answer with its name was lost.",
                    next_step="List the files to find it; with a name of your own (name=…) it is "
                    "found by itself.",
                )
            received = outcome.headers.get("X-Goog-Upload-Size-Received", "")
            if status == "active" and received.isdecimal():
                return int(received), lost
            raise self._odd("does not say how much of the upload arrived")

    def _is_last(self, at: int, piece: bytes, wanted: int) -> bool:
        if self.source.size is None:
            return len(piece) < wanted
        if at + len(piece) < self.source.size and len(piece) < wanted:
            raise DataError(
                f"The file ended after {at + len(piece)} bytes instead of {self.source.size}.",
                next_step="Upload it when nothing writes to it any more.",
            )
        return at + len(piece) >= self.source.size

    def _tell(self, arrived: int) -> None:
        if self.progress is not None:
            self.progress(arrived, self.source.size)

    def _failure(self, outcome: Response | UnreachableError) -> GemauthError:
        if isinstance(outcome, UnreachableError):
            return outcome
        if outcome.ok:
            return self._odd("did not take the last piece for the end")
        return self._refused(outcome)

    def _refused(self, answer: Response) -> GemauthError:
        own = self.credentials
        return refusal(answer, emulated=own.endpoints.is_emulator, where=own.where)

    def _odd(self, what: str) -> UnreachableError:
        return UnreachableError(
            f"The API {what}.",
            fault=Fault.SERVER,
            next_step="Try again; check the address, and that no proxy answers in its place.",
        )


def _is_final(answer: Response) -> bool:
    """Whether asking again cannot help: a refusal, or the end of the upload."""
    passes = answer.ok or answer.status >= 500 or answer.status in {408, 429}
    return not passes or answer.headers.get(_STATUS) == "cancelled"


def _same_origin(url: str, root: str) -> bool:
    try:
        one, other = urlsplit(url), urlsplit(root)
        return (
            one.scheme == other.scheme
            and one.hostname == other.hostname
            and _port(one) == _port(other)
            and one.username is None
        )
    except ValueError:
        return False


def _port(parts: SplitResult) -> int | None:
    return parts.port or {"https": 443, "http": 80}.get(parts.scheme)
