from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from gemauth.client.cache.files import (
    NoFileError,
    delete,
    delete_unfinished,
    is_other,
    make_folders,
    read,
    require_writable,
    write_private,
)
from gemauth.errors import DataError
from tests.client.cache.others import OTHERS, at_once, lay, unless_windows


def mode(path: Path) -> int:
    """Return a file's permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_only_the_owner_may_read_it(umask: int, tmp_path: Path) -> None:
    """0600 and, for folders that are created, 0700, whatever the umask takes or leaves."""
    path = tmp_path / "a" / "b" / "file"
    before = os.umask(umask)
    try:
        write_private(path, b"secret")
    finally:
        os.umask(before)
    assert mode(path) == 0o600
    assert [mode(tmp_path / "a"), mode(tmp_path / "a" / "b")] == [0o700, 0o700]
    assert path.read_bytes() == b"secret"


def test_folders_are_made_for_the_owner(tmp_path: Path) -> None:
    """Each missing folder is 0700; one that was there keeps its bits."""
    tmp_path.chmod(0o755)
    path = tmp_path / "a" / "b" / "file"
    write_private(path, b"x")
    assert [mode(tmp_path), mode(tmp_path / "a"), mode(tmp_path / "a" / "b")] == [
        0o755,
        0o700,
        0o700,
    ]


def test_folders_that_others_make_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that was there a moment later will do, and is left as it is; a file will not."""
    made = type(tmp_path).mkdir

    def first(path: Path, mode: int = 0o777) -> None:
        made(path, 0o750)
        made(path, mode)

    monkeypatch.setattr(type(tmp_path), "mkdir", first)
    make_folders(tmp_path / "a")
    assert mode(tmp_path / "a") == 0o750
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        make_folders(tmp_path / "file")


def test_a_readable_file_becomes_private(tmp_path: Path) -> None:
    """A file that others could read is replaced by one that they cannot."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert mode(path) == 0o600


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    """Neither the link nor what it leads to is touched."""
    target = tmp_path / "target"
    target.write_bytes(b"theirs")
    link = tmp_path / "link"
    link.symlink_to(target)
    with pytest.raises(DataError, match="symbolic link"):
        write_private(link, b"secret")
    assert link.is_symlink()
    assert target.read_bytes() == b"theirs"


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk at the last moment: the old content stays, no temporary file does."""
    path = tmp_path / "file"
    write_private(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="No space left"):
        write_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_readers_see_one_or_the_other(tmp_path: Path) -> None:
    """Under parallel writers every read is a whole file of one of them."""
    path = tmp_path / "file"
    contents = [bytes([65 + i]) * 10_000 for i in range(4)]
    write_private(path, contents[0])

    def write(content: bytes) -> None:
        for _ in range(20):
            write_private(path, content)

    writers = [threading.Thread(target=write, args=(content,), daemon=True) for content in contents]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert read(path) in contents
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_not_there(tmp_path: Path) -> None:
    """No file reads as None and deletes as False; a file in place of a folder likewise."""
    assert read(tmp_path / "none") is None
    assert delete(tmp_path / "none") is False
    (tmp_path / "file").touch()
    assert read(tmp_path / "file" / "none") is None


def test_deleting(tmp_path: Path) -> None:
    """True for a file that was there."""
    (tmp_path / "file").touch()
    assert delete(tmp_path / "file") is True
    assert not (tmp_path / "file").exists()


def test_what_the_system_refuses(tmp_path: Path) -> None:
    """A folder in the file's place is named, in each of the three ways."""
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(DataError, match="folder is a folder, where a file is meant"):
        read(folder)
    with pytest.raises(DataError, match="folder cannot be deleted"):
        delete(folder)
    with pytest.raises(DataError, match="folder cannot be written: It is a folder"):
        write_private(folder, b"x")


@unless_windows
@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("named", [False, True])
def test_what_is_no_file_is_not_opened(kind: str, tmp_path: Path, *, named: bool) -> None:
    """A pipe would be waited for, and a device may have no end: told what it is, and left alone."""
    path = tmp_path / "credentials.json"
    lay(kind, path)
    if kind != "pipe" or not named:
        told = f"json is {OTHERS[kind]}, where a file is meant"
        with at_once(), pytest.raises(NoFileError, match=told):
            read(path, named=named)
    with at_once(), pytest.raises(DataError, match=r"cannot be written|a symbolic link"):
        write_private(path, b"x")
    assert is_other(path)
    assert not is_other(tmp_path / "none")


@unless_windows
def test_a_pipe_that_somebody_names(tmp_path: Path) -> None:
    """It is read to its end, and its writer is waited for: `<(command)` is one too."""
    pipe, content = tmp_path / "pipe", b"x" * 100_000
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(content,), daemon=True)
    writer.start()
    with at_once():
        assert read(pipe, named=True) == content
    writer.join()
    reading, writing = os.pipe()
    os.write(writing, b"secret")
    os.close(writing)
    with at_once():
        assert read(Path(f"/dev/fd/{reading}"), named=True) == b"secret"
    os.close(reading)


@unless_windows
def test_what_becomes_a_pipe_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look and the opening something else may have come there: seen all the same."""
    path, regular = tmp_path / "pipe", tmp_path / "file"
    regular.touch()
    before = regular.stat()
    os.mkfifo(path)
    monkeypatch.setattr(type(path), "stat", lambda _path: before)
    with at_once(), pytest.raises(NoFileError, match="is a pipe"):
        read(path)


@pytest.mark.parametrize("name", ["n" * 255, "n" * 236, "語" * 85, "x" * 235])
def test_the_longest_names(name: str, tmp_path: Path) -> None:
    """What the system takes as a name is written, and tidied up after, like any other."""
    path = tmp_path / name
    write_private(path, b"secret")
    assert path.read_bytes() == b"secret"
    assert [*tmp_path.iterdir()] == [path]
    beginning = f".{name}." if len(name) == 235 else f".{name[:50]}."
    (tmp_path / f"{beginning}0123456789abcdef").write_bytes(b"half")
    delete_unfinished(path)
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("name", ["a" * 300, "a" * 300 + "/file"])
def test_names_that_no_system_takes(name: str, tmp_path: Path) -> None:
    """A name that is too long is the system's refusal too, and no defect."""
    with pytest.raises(DataError, match="File name too long"):
        require_writable(tmp_path / name)
    with pytest.raises(DataError, match="File name too long"):
        read(tmp_path / name)


def test_whether_a_file_could_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen before there is anything to write, and without making a folder."""
    require_writable(tmp_path / "a" / "b" / "file")
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    require_writable(tmp_path / "file")
    with pytest.raises(DataError, match="file is no folder"):
        require_writable(tmp_path / "file" / "x" / "y")
    # the tests may run as root, whom no permission stops
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(DataError, match="may not be written to"):
        require_writable(tmp_path / "file")


def test_a_file_that_does_not_give_way(tmp_path: Path) -> None:
    """Without `replace` what is there stays, and nothing is left beside it."""
    path = tmp_path / "file"
    write_private(path, b"first", replace=False)
    with pytest.raises(DataError, match="cannot be written"):
        write_private(path, b"second", replace=False)
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]
