from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.authority import files
from gemauth.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


def test_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk fails before the end, the old file stands and nothing is left beside it."""
    path = tmp_path / files.KEY
    files.write(path, "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="No space left"):
        files.write(path, "new")
    assert [(found.name, found.read_text()) for found in tmp_path.iterdir()] == [(files.KEY, "old")]


def test_absent(tmp_path: Path) -> None:
    """A file that is not there is None, not an error."""
    assert files.read(tmp_path / files.KEY) is None


def test_unreadable(tmp_path: Path) -> None:
    """A folder in a file's place is reported by its name."""
    (tmp_path / files.KEY).mkdir()
    with pytest.raises(DataError, match=files.KEY):
        files.read(tmp_path / files.KEY)
