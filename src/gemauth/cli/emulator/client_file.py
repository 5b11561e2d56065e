"""Writing a `client_secret_….json`, for its owner only and over nothing that is there."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from gemauth.client.cache.files import write_private
from gemauth.errors import UsageError

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
        UsageError: something is there.
        DataError: the folder cannot be written to, or the path is a symbolic link.
    """
    if not overwrite:
        refuse_existing(path)
    raw = (json.dumps(content, indent=2) + "\n").encode()
    write_private(path, raw, replace=overwrite)
