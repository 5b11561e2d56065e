"""What is uploaded, read piece by piece: a path, bytes, or a file object.

`read` may be asked again for what was read before, where an upload is resumed: all but objects that
cannot seek can go back to any place, and those as far as the last piece.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from gemauth.errors import DataError, Fault, UsageError

__all__ = ["Readable", "UploadSource", "Uploadable"]


class Readable(Protocol):
    """An object opened in binary mode; it may be able to `tell` and `seek`."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, none at the end."""
        ...


# A path, the bytes themselves, or an object that is read from where it stands.
Uploadable: TypeAlias = str | os.PathLike[str] | bytes | Readable


class UploadSource:
    """The bytes of one upload.

    Args:
        file: what to upload; an object stays open and is the caller's to close.

    Attributes:
        size: in bytes, None where nobody knows before the end.
        path: where it is, None for bytes and objects.

    Raises:
        UsageError: there is no such file, or the object reads text.
    """

    def __init__(self, file: Uploadable) -> None:
        self.path: Path | None = None
        self.size: int | None = None
        self._stream: Any = None  # what can be asked of it is found out
        self._data = b""  # all of it, or the last piece of an object that cannot seek
        self._data_at = 0
        self._seekable = True
        self._start = 0
        if isinstance(file, bytes):
            self._data, self.size = file, len(file)
        elif isinstance(file, str | os.PathLike):
            self.path = Path(file)
            try:
                self._stream = self.path.open("rb")
                status = os.fstat(self._stream.fileno())
                self._seekable = stat.S_ISREG(status.st_mode)  # and no pipe, such as <(command)
                # Of nothing nobody knows: /proc and pipes have something all the same.
                self.size = (status.st_size or None) if self._seekable else None
            except OSError as error:
                raise UsageError(
                    f"{self.path} cannot be uploaded: {error.strerror}.",
                    fault=Fault.CALLER,
                    next_step="Name a file that is there and that you may read.",
                ) from None
        else:
            self._take(file)

    def _take(self, file: Any) -> None:  # noqa: ANN401  # as above
        if not hasattr(file, "read"):
            raise UsageError(
                f"{type(file).__name__} is nothing that can be uploaded.",
                next_step="Pass a path, bytes, or a file that is open in binary mode.",
            )
        self._stream = file
        self._seekable = False
        with suppress(AttributeError, OSError):
            self._start = file.tell()
            self.size = file.seek(0, os.SEEK_END) - self._start or None
            file.seek(self._start)
            self._seekable = True

    def read(self, at: int, count: int) -> bytes:
        """Return `count` bytes from a place on, fewer at the end only.

        Raises:
            DataError: it cannot be read there any more.
            UsageError: the object reads text.
        """
        if self._stream is None:
            return self._data[at : at + count]
        try:
            if self._seekable:
                self._stream.seek(self._start + at)
                return self._filled(b"", count)
            return self._onward(at, count)
        except OSError as error:
            raise DataError(
                f"Reading what is uploaded failed: {error.strerror or type(error).__name__}.",
                next_step="See that the file is still there and whole, and upload it again.",
            ) from None

    def close(self) -> None:
        """Close the file, where it was opened here."""
        if self.path is not None and self._stream is not None:
            self._stream.close()

    def _onward(self, at: int, count: int) -> bytes:
        kept = at - self._data_at
        if not 0 <= kept <= len(self._data):
            raise DataError(
                "The upload was interrupted, and what was sent before cannot be read again.",
                next_step="Upload from a path, or from an object that can seek.",
            )
        self._data, self._data_at = self._filled(self._data[kept:], count), at
        return self._data[:count]

    def _filled(self, data: bytes, count: int) -> bytes:
        """Return data with more read behind it until it has `count` bytes: pipes read short."""
        pieces, have = [data], len(data)
        while have < count:
            piece = self._stream.read(count - have)
            if not isinstance(piece, bytes):
                raise UsageError(
                    "What is uploaded reads text, not bytes.",
                    next_step="Open the file in binary mode: open(path, 'rb')",
                )
            if not piece:
                break
            pieces.append(piece)
            have += len(piece)
        return b"".join(pieces)
