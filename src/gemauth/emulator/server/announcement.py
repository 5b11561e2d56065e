"""`emulator.json`: where the emulator of a data folder listens, for commands that look for it.

Written here when the listener is open and removed at a clean stop; read by `gemauth.cli.emulator`.
After a kill it stays, so a reader checks that the process still answers.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from gemauth.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Announcement", "read", "remove", "write"]

FILE = "emulator.json"


@dataclass(frozen=True, slots=True)
class Announcement:
    """A running emulator: its address (`http://127.0.0.1:8085`), process id, start (RFC 3339)."""

    address: str
    pid: int
    started: str


def write(folder: Path, announcement: Announcement) -> None:
    """Keep an announcement in a data folder, 0600 and whole or not at all."""
    temporary = folder / f".{FILE}.{secrets.token_hex(8)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(announcement), file, indent=2)
            file.write("\n")
        temporary.replace(folder / FILE)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read(folder: Path) -> Announcement | None:
    """Return a data folder's announcement, None where there is none.

    Raises:
        DataError: the file is something else.
    """
    path = folder / FILE
    try:
        body = json.loads(path.read_bytes())
        return Announcement(str(body["address"]), int(body["pid"]), str(body["started"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"{path} cannot be read as an emulator's announcement: {type(error).__name__}.",
            next_step="If no emulator runs on that folder, delete the file.",
        ) from error


def remove(folder: Path) -> None:
    """Delete a data folder's announcement, if there is one."""
    with contextlib.suppress(FileNotFoundError):
        (folder / FILE).unlink()
