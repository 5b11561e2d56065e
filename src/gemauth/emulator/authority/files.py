"""The authority's three files in a data folder, each 0600 and written whole or not at all.

What cannot be read is reported and left as it is: a client may trust a certificate whose key is
in it, and only its owner can know.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from typing import TYPE_CHECKING

from gemauth.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CERTIFICATE", "KEY", "LEAF", "read", "unusable", "write"]

KEY = "authority-key.pem"
CERTIFICATE = "authority.pem"
LEAF = "authority-leaf.pem"


def read(path: Path) -> str | None:
    """Return a file's text, None where there is none.

    Raises:
        DataError: it is there and cannot be read.
    """
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no PEM"
        raise unusable(path, str(why)) from error


def write(path: Path, text: str) -> None:
    """Write a file for its owner only; a crash leaves the old one or the new one.

    Raises:
        DataError: the system refuses.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise DataError(
            f"{path} cannot be written: {error.strerror or error}.",
            next_step="Check the folder's owner and the room on the disk, or start the emulator "
            "with another --data folder or --in-memory.",
        ) from error


def unusable(path: Path, why: str) -> DataError:
    """Return the error of a file that is not what it should be."""
    return DataError(
        f"{path} cannot be used: {why}.",
        next_step=f"Put it back from a copy, or delete {KEY}, {CERTIFICATE} and {LEAF} there: the "
        "emulator then makes a new authority, which clients have to be told to trust.",
    )


def _sync_folder(folder: Path) -> None:
    """Make the rename last; Windows cannot open a folder."""
    with contextlib.suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
