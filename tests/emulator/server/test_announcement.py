from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.server import announcement
from gemauth.emulator.server.announcement import FILE, Announcement
from gemauth.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

HERE = Announcement("http://127.0.0.1:8085", 4711, "2026-01-01T00:00:00Z")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """An announcement comes back, replaces the one before, and is gone once removed"""
    assert announcement.read(tmp_path) is None
    announcement.write(tmp_path, Announcement("http://127.0.0.1:1", 1, ""))
    announcement.write(tmp_path, HERE)
    assert announcement.read(tmp_path) == HERE
    for _ in range(2):
        announcement.remove(tmp_path)
    assert announcement.read(tmp_path) is None


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """The file is 0600 under any umask, and no temporary file stays behind"""
    before = os.umask(0)
    try:
        announcement.write(tmp_path, HERE)
    finally:
        os.umask(before)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_a_failed_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the writing fails half-way, the old file stays whole and no temporary one is left"""
    announcement.write(tmp_path, HERE)
    monkeypatch.setattr("json.dump", lambda *_, **__: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        announcement.write(tmp_path, Announcement("http://127.0.0.1:1", 1, ""))
    assert announcement.read(tmp_path) == HERE
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"address": "x", "pid": "y"}', b"\xff"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """What is no announcement is a DataError that names the file"""
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(DataError, match=FILE):
        announcement.read(tmp_path)
