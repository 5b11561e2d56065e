from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest

from gemauth.cli.emulator.client_file import refuse_existing, write
from gemauth.errors import DataError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_its_owners_alone(tmp_path: Path) -> None:
    """The file is whole, 0600 under any umask, and the only one in its folder"""
    path = tmp_path / "client_secret.json"
    before = os.umask(0)
    try:
        write(path, {"installed": {}}, overwrite=False)
    finally:
        os.umask(before)
    assert json.loads(path.read_text()) == {"installed": {}}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    """A file, a dangling link and a folder are left as they are; asked, a file is replaced"""
    path = tmp_path / "file"
    path.write_text("mine")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    for there in (path, link, tmp_path):
        with pytest.raises(UsageError, match="exists and is not overwritten"):
            refuse_existing(there)
        with pytest.raises(UsageError, match="exists and is not overwritten"):
            write(there, {}, overwrite=False)
    assert path.read_text() == "mine"
    write(path, {}, overwrite=True)
    assert path.read_text() == "{}\n"
    with pytest.raises(DataError, match="symbolic link"):
        write(link, {}, overwrite=True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "link"]


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    """A missing folder is made, since a secret is shown once; below a file there can be none"""
    path = tmp_path / "new" / "file"
    write(path, {}, overwrite=False)
    with pytest.raises(DataError, match="cannot be written"):
        write(path / "file", {}, overwrite=False)
