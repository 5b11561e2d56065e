from __future__ import annotations

import io
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from gemauth.client.calls.upload_source import UploadSource
from gemauth.errors import DataError, UsageError


class Pipe(io.RawIOBase):
    """A stream that cannot seek and gives three bytes at most."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        """Return a little."""
        return self._data.read(min(size, 3))


def test_a_path(tmp_path: Path) -> None:
    """Any place of it can be read; it is closed in the end."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"0123456789")
    source = UploadSource(str(path))
    assert (source.size, source.path) == (10, path)
    assert [source.read(8, 4), source.read(0, 3), source.read(10, 3)] == [b"89", b"012", b""]
    source.close()
    with pytest.raises(ValueError, match="closed"):
        source.read(0, 1)


def test_bytes() -> None:
    """They are sliced."""
    source = UploadSource(b"0123456789")
    assert (source.size, source.path, source.read(8, 4)) == (10, None, b"89")
    source.close()


def test_an_object_is_read_from_where_it_stands() -> None:
    """And stays the caller's."""
    file = io.BytesIO(b"xx0123456789")
    file.seek(2)
    source = UploadSource(file)
    assert source.size == 10
    assert [source.read(8, 4), source.read(0, 3)] == [b"89", b"012"]
    source.close()
    assert not file.closed


def test_a_pipe() -> None:
    """It is read onward in whole pieces; the last piece can be read again, an earlier one not."""
    source = UploadSource(Pipe(b"0123456789"))
    assert source.size is None
    assert source.read(0, 4) == b"0123"
    assert source.read(0, 4) == b"0123"
    assert source.read(2, 4) == b"2345"
    assert source.read(6, 8) == b"6789"
    assert source.read(10, 8) == b""
    with pytest.raises(DataError, match="cannot be read again"):
        source.read(0, 4)


def test_a_path_to_what_is_no_file(tmp_path: Path) -> None:
    """A pipe says that it has no bytes, and has some: it is read to its end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=[b"0123456789"])
    writer.start()
    source = UploadSource(pipe)
    assert source.size is None
    assert source.read(0, 4) == b"0123"
    assert source.read(4, 8) == b"456789"
    source.close()
    writer.join()


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's /proc")
def test_a_file_that_says_it_is_empty() -> None:
    """Those of /proc do."""
    path = Path("/proc/self/status")
    with path.open("rb") as file:
        for uploadable in (path, file):
            source = UploadSource(uploadable)
            assert source.size is None
            assert source.read(0, 4) == b"Name"
            source.close()


def test_what_cannot_be_uploaded(tmp_path: Path) -> None:
    """Named before anything is sent."""
    with pytest.raises(UsageError, match="No such file"):
        UploadSource(tmp_path / "none")
    with pytest.raises(UsageError, match="directory"):
        UploadSource(tmp_path)
    nothing: Any = 3
    with pytest.raises(UsageError, match="nothing that can be uploaded"):
        UploadSource(nothing)
    text: Any = io.StringIO("text")
    with pytest.raises(UsageError, match="binary"):
        UploadSource(text).read(0, 4)


def test_a_disk_that_fails() -> None:
    """The system's words, not a traceback."""

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(DataError, match="Input/output error"):
        UploadSource(Broken(b"x")).read(0, 1)
