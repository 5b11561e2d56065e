"""A key on its way: what a run that is stopped anywhere leaves for the next one to go on from.

The private half is on the disk before anything of it is at IAM, in a hidden file beside the key's
own and as private (google-oauth.md section 8, Storage). Kept by `making.py` and `rotation.py`.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from gemauth.client.cache import files
from gemauth.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Pending", "alone", "forget", "keep", "place", "recall"]


@dataclass(frozen=True, slots=True)
class Pending:
    """A key on its way into a file.

    Attributes:
        account: the e-mail address of the account that it is for.
        private_key: its private half (PEM).
        certificate: of its public half (PEM).
        key_id: what IAM calls it, once that is known.
        replaces: the id of the key in the file that it takes the place of, if there is one.
    """

    account: str
    private_key: str = field(repr=False)
    certificate: str
    key_id: str | None = None
    replaces: str | None = None


def place(path: Path) -> Path:
    """Return where the key on its way into a file is."""
    return path.with_name(f".{path.name}.pending")


def recall(path: Path) -> Pending | None:
    """Return the key on its way into a file, or None.

    Raises:
        DataError: what is there cannot be read, or somebody else put it there.
    """
    raw = _read_own(place(path))
    if raw is None:
        return None
    try:
        return Pending(**json.loads(raw))
    except (ValueError, TypeError):
        raise DataError(
            f"{place(path)}, which an earlier run left, cannot be read.",
            next_step="Delete it, and run this again.",
        ) from None


def keep(path: Path, pending: Pending) -> None:
    """Write down a key on its way into a file.

    Raises:
        DataError: it cannot be written.
    """
    files.write_private(place(path), json.dumps(asdict(pending), indent=2).encode())


def forget(path: Path) -> None:
    """Delete what was written down: the key has arrived, or never will.

    Raises:
        DataError: the system refuses.
    """
    files.delete(place(path))


def _read_own(where: Path) -> bytes | None:
    """Read what this user wrote: another's would bring a key of theirs to the account."""
    try:
        with open(where, "rb", opener=_no_link) as file:
            if hasattr(os, "geteuid") and os.fstat(file.fileno()).st_uid != os.geteuid():
                raise DataError(
                    f"{where} belongs to another user, and its key is not used.",
                    next_step="Delete it, or choose a folder that others may not write to.",
                )
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DataError(
            f"{where}, which an earlier run left, cannot be read: {error.strerror or error}.",
            next_step="Look at what it is; delete it if nobody needs it, and run this again.",
        ) from None


def _no_link(where: str, flags: int) -> int:
    """Open a file, but through no symbolic link, and wait for no pipe; Windows has no such flag."""
    return os.open(where, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let nobody else bring a key into the same folder meanwhile.

    The folder itself is locked, which leaves nothing behind; where a system knows no such lock
    (Windows, some network file systems), there is none.

    What a run that was killed while it wrote has left, a private key beside its file, is deleted.

    Raises:
        UsageError: somebody does already.
    """
    descriptor = None
    with suppress(OSError):
        descriptor = os.open(path.absolute().parent, os.O_RDONLY)
    try:
        if descriptor is not None and not _locked(descriptor):
            raise UsageError(
                f"Another run is bringing a key into {path.absolute().parent} at this moment.",
                next_step="Wait for it, then run this again.",
            )
        for written in (path, place(path)):
            files.delete_unfinished(written)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
