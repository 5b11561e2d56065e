"""Which emulator a command means: the one named, else the one that runs on the data folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client.target import EMULATOR_VARIABLE
from gemauth.errors import NotFoundError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from gemauth.cli.console import Console
    from gemauth.client.control import Control

__all__ = ["add_data", "address", "control", "data_folder", "default_data_folder"]


def default_data_folder(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Return where an emulator keeps its data unless told otherwise: the platform's data folder."""
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or Path.home())
    if platform == "win32":
        base = Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        # The XDG base directory specification: a relative path there counts as unset.
        given = environ.get("XDG_DATA_HOME", "")
        base = Path(given) if given.startswith("/") else home / ".local" / "share"
    return base / "gemauth" / "emulator"


def add_data(parser: ArgumentParser) -> None:
    """Take the data folder of an emulator."""
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="the data folder (default: gemauth/emulator in the platform's own, which is "
        "$XDG_DATA_HOME or ~/.local/share on Linux)",
    )


def data_folder(args: Namespace, console: Console) -> Path:
    """Return the data folder that a command means, as an absolute path."""
    if getattr(args, "data", None):
        return Path(args.data).absolute()
    return default_data_folder(console.environ)


def address(args: Namespace, console: Console) -> str:
    """Return the address of the emulator that a command means.

    Raises:
        NotFoundError: none is named, and none runs on the data folder.
    """
    named = args.emulator or (
        None if getattr(args, "data", None) else console.environ.get(EMULATOR_VARIABLE)
    )
    if named:
        return str(named)
    from gemauth.emulator.server import announcement, lock

    folder = data_folder(args, console)
    found = announcement.read(folder)
    if found is None or not lock.held(folder):
        raise NotFoundError(
            f"No emulator runs on {folder}.",
            next_step="Start one with gemauth emulator start, or name one with --emulator URL "
            f"or {EMULATOR_VARIABLE}.",
        )
    return found.address


def control(args: Namespace, console: Console) -> Control:
    """Return a client of that emulator; use it in a `with` statement."""
    from gemauth.cli.connect import transport
    from gemauth.client.control import Control

    return Control(address(args, console), transport=transport(args, console))
