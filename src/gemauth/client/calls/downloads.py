"""Downloads as flows: a body that is read in parts, into memory or to a path.

Opened as a stream is (streams.py): authorized, once more after a 401, again after a 503. What is
written to a file stands at its path whole or not at all.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

from gemauth.client.calls.refusal import refusal
from gemauth.client.calls.retry import READ, persist
from gemauth.client.calls.streams import open_
from gemauth.errors import DataError
from gemauth.flow import Disk, Read
from gemauth.http import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.client.calls.uploads import Progress
    from gemauth.client.credentials import Credentials
    from gemauth.flow import Flow, Incoming
    from gemauth.http import Request

__all__ = ["Download", "to_memory", "to_path"]


@dataclass(frozen=True, slots=True)
class Download:
    """What is asked for, by whom; `timeout` is in seconds of silence."""

    credentials: Credentials
    request: Request
    timeout: float | None = None

    def open(self) -> Flow[Incoming]:
        """Return the flow that opens it; raises what `calls.call` raises."""
        answer = yield from persist(
            READ.within(self.timeout),
            lambda silence: open_(self.credentials, self.request, timeout=silence),
        )
        if isinstance(answer, Response):
            own = self.credentials
            raise refusal(answer, emulated=own.endpoints.is_emulator, where=own.where)
        return answer


def to_memory(download: Download) -> Flow[bytes]:
    """Return the flow whose result is the whole content."""
    content = bytearray()
    incoming = yield from download.open()
    try:
        while True:
            part: bytes = yield Read(incoming)
            if not part:
                return bytes(content)
            content += part
    finally:
        incoming.close()


def to_path(download: Download, path: str, progress: Progress | None = None) -> Flow[int]:
    """Return the flow that writes the content to a path; its result is the number of bytes.

    Raises:
        DataError: it cannot be written there.
    """
    target = Path(os.path.realpath(path))  # a link stays one, and leads to what comes
    whole: bool = yield Disk(lambda: not target.exists() or target.is_file())
    # What is no file, such as a pipe or /dev/null, is written to, and not replaced. A new name for
    # each: two downloads to one path do not meet, and nobody can put a link there beforehand.
    unique = f".{target.name}.{os.urandom(4).hex()}.part"
    growing = target.with_name(unique) if whole else target
    incoming = yield from download.open()
    written = 0
    try:
        length = incoming.headers.get("content-length", "")
        total = int(length) if length.isdecimal() else None
        file: IO[bytes] = yield Disk(
            lambda: _tried(target, lambda: growing.open("xb" if whole else "wb"))
        )
        try:
            while True:
                part: bytes = yield Read(incoming)
                if not part:
                    break
                yield Disk(_writing(target, file, part))
                written += len(part)
                if progress is not None:
                    progress(written, total)
        finally:
            file.close()
        if whole:
            yield Disk(lambda: _tried(target, lambda: growing.replace(target)))
    finally:
        incoming.close()
        if whole:
            growing.unlink(missing_ok=True)
    return written


def _writing(target: Path, file: IO[bytes], part: bytes) -> Callable[[], object]:
    return lambda: _tried(target, lambda: file.write(part))


def _tried(target: Path, work: Callable[[], object]) -> object:
    try:
        return work()
    except OSError as error:
        _refused(target, error)


def _refused(target: Path, error: OSError) -> NoReturn:
    raise DataError(
        f"{target} cannot be written: {error.strerror}.",
        next_step="Name a place that you may write to, with room for it.",
    ) from None
