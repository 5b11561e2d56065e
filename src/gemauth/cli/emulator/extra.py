"""The emulator's extra: what `gemauth[emulator]` brings, and what to say where it is missing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gemauth.errors import Fault, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["needed"]


@contextmanager
def needed() -> Iterator[None]:
    """Import the emulator in this block.

    Raises:
        UsageError: a package of its extra is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] == "gemauth":
            raise
        raise UsageError(
            f"The emulator needs the package {error.name}, which is not installed.",
            fault=Fault.MACHINE,
            next_step="Install it with the emulator's extra: pip install 'gemauth[emulator]'",
        ) from error
