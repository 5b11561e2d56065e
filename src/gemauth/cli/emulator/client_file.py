"""Writing a `client_secret_….json`: 0600, whole or not at all, over nothing that is there."""

from __future__ import annotations

import json
import os
import secrets
from typing import TYPE_CHECKING, Any

from gemauth.errors import Fault, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["refuse_existing", "write"]


def refuse_existing(path: Path) -> None:
    """Refuse a path that has something.

    Raises:
        UsageError: it has.
    """
    if os.path.lexists(path):
        raise UsageError(
            f"{path} exists and is not overwritten.",
            next_step="Name another --output, or pass --overwrite.",
        )


def write(path: Path, content: Mapping[str, Any], *, overwrite: bool) -> None:
    """Write a client file.

    Raises:
        UsageError: something is there, or the folder cannot be written to.
    """
    temporary = path.with_name(f".{path.name[:200]}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageError(
            f"{path.parent} cannot be written to: {error.strerror}.",
            fault=Fault.MACHINE,
            next_step="Name a file elsewhere with --output.",
        ) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
            file.write("\n")
        if overwrite:
            temporary.replace(path)
            return
        try:
            os.link(temporary, path)  # unlike a rename, it fails where something is
        except FileExistsError:
            refuse_existing(path)
            raise
    finally:
        temporary.unlink(missing_ok=True)
