"""Files that hold secrets: written whole or not at all, and for their owner only.

google-oauth.md section 8, Storage. Used by everything in `client/cache`, and for client files.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat

from gemauth.errors import DataError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "NoFileError",
    "delete",
    "delete_unfinished",
    "is_other",
    "make_folders",
    "read",
    "require_writable",
    "write_private",
]

FILE_MODE = 0o600
FOLDER_MODE = 0o700
_LONG, _SHORT = 235, 50  # bytes; letters, of at most four bytes each
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class NoFileError(DataError):
    """Where a file should be is something else, which holds nothing: a folder, pipe, or device."""


def write_private(path: Path, data: bytes, *, replace: bool = True) -> None:
    """Write a file atomically, readable and writable by its owner only, whatever the umask.

    A temporary file in the same folder is created exclusively, flushed to the disk and renamed,
    so that a reader sees the old or the new content and a crash leaves one of them. Folders that
    are missing are created for the owner only.

    Args:
        path: where.
        data: the whole content.
        replace: whether a file that is there gives way.

    Raises:
        DataError: as `require_writable`, a file is there that does not give way, or the disk is
            full; the old file is as it was.
    """
    require_writable(path)
    temporary = path.with_name(f"{_beginning(path)}{os.urandom(8).hex()}")
    try:
        make_folders(path.parent)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                if hasattr(os, "fchmod"):  # a umask may have taken even the owner's bits
                    os.fchmod(file.fileno(), FILE_MODE)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if replace:
                temporary.replace(path)
            else:
                path.hardlink_to(temporary)  # unlike a rename, it fails where something is
                temporary.unlink()
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from None


def require_writable(path: Path) -> None:
    """See that a file may be written, as far as that shows without writing it.

    Raises:
        DataError: the path is a symbolic link (it may lead anywhere, a shared place too), or no
            file but a folder or a device, or the system refuses.
    """
    try:
        if path.is_symlink():
            raise DataError(
                f"{path} is a symbolic link; credentials are not written through one.",
                next_step="Remove the link, or choose another place (--output FILE).",
            )
        if path.exists() and not path.is_file():
            raise _unwritable(path, f"It is {_kind(path.stat().st_mode)}")
        folder = next(folder for folder in path.absolute().parents if folder.exists())
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from None
    if not folder.is_dir():
        raise _unwritable(path, f"{folder} is no folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _unwritable(path, f"{folder} may not be written to")


def read(path: Path, *, named: bool = False) -> bytes | None:
    """Return a file's content, or None where there is no file.

    Args:
        path: where.
        named: whether a person has named this very path: then it may be a pipe, such as
            `<(command)`, which has its content once. What lies where a file is looked for is never
            waited for.

    Raises:
        NoFileError: something else is there.
        DataError: there is one that cannot be read.
    """
    try:
        kind = path.stat().st_mode
        piped = named and stat.S_ISFIFO(kind)
        if not piped and not stat.S_ISREG(kind):
            raise _no_file(path, kind)
        with open(path, "rb", opener=None if piped else _at_once) as file:
            kind = os.fstat(file.fileno()).st_mode  # it may be another by now
            if not piped and not stat.S_ISREG(kind):
                raise _no_file(path, kind)
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror or error}.",
            next_step="Check its owner and permissions; credential files are never made readable "
            "for others.",
        ) from None


def is_other(path: Path) -> bool:
    """Whether something is there that is no file, nor leads to one; False where nobody says."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        return error.errno == errno.ELOOP  # a link that leads to itself


def delete(path: Path) -> bool:
    """Delete a file; False where there was none.

    Raises:
        DataError: the system refuses.
    """
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise DataError(
            f"{path} cannot be deleted: {error.strerror or error}.",
            next_step="Delete it by hand.",
        ) from None
    return True


def delete_unfinished(path: Path) -> None:
    """Delete what `write_private` left where it was killed; nobody may be writing meanwhile."""
    import re  # slow, and what prints a cached token reads this module

    ours = re.compile(f"{re.escape(_beginning(path))}[0-9a-f]{{16}}")
    with contextlib.suppress(OSError):
        for left in path.absolute().parent.iterdir():
            if ours.fullmatch(left.name):
                left.unlink(missing_ok=True)


def _beginning(path: Path) -> str:
    """Return how the name of a file's temporary one begins; the whole is a name for most systems.

    They take 255 bytes; a file's own name may be as long as that.
    """
    whole = path.name
    return f".{whole if len(os.fsencode(whole)) <= _LONG else whole[:_SHORT]}."


def make_folders(folder: Path) -> None:
    """Make a folder and those above it that are missing, for the owner only whatever the umask.

    Raises:
        OSError: the system refuses.
    """
    if folder.is_dir():
        return
    make_folders(folder.parent)
    try:
        folder.mkdir(FOLDER_MODE)
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        folder.chmod(FOLDER_MODE)  # a umask may have taken even the owner's bits


def _at_once(path: str, flags: int) -> int:
    """Open a file, and wait for nobody to open its other end; Windows knows no such flag."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _kind(mode: int) -> str:
    return _KINDS.get(stat.S_IFMT(mode), "something else")


def _no_file(path: Path, mode: int) -> NoFileError:
    return NoFileError(
        f"{path} is {_kind(mode)}, where a file is meant.",
        next_step="Correct the variable or option that names it, such as by the file in it; or see "
        "what made it, and move it away.",
    )


def _unwritable(path: Path, why: str) -> DataError:
    return DataError(
        f"{path} cannot be written: {why}.",
        next_step="Check the folder's owner and permissions and the room on the disk, or choose "
        "another place.",
    )


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last; where a folder cannot be opened (Windows), the file still is."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
