"""Where files are kept, from the environment alone; imports nothing but os, for the fast path.

The ADC file's place is Google's (google-oauth.md 6.1); gemauth's own folder follows the XDG base
directory specification.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["adc_path", "own_folder"]

ADC_FILE = "application_default_credentials.json"


def adc_path(environ: Mapping[str, str], *, windows: bool = os.name == "nt") -> str | None:
    """Return the well-known ADC file's path, or None where the environment names no home.

    CLOUDSDK_CONFIG goes first, as in gcloud and google-auth; Node's and Go's libraries ignore it.
    """
    folder = environ.get("CLOUDSDK_CONFIG") or None
    if folder is None and windows:
        drive = environ.get("SystemDrive") or "C:"
        folder = (environ.get("APPDATA") or f"{drive}\\") + "\\gcloud"
    elif folder is None and environ.get("HOME"):
        folder = os.path.join(environ["HOME"], ".config", "gcloud")  # noqa: PTH118  # pathlib costs 4 ms
    return None if folder is None else os.path.join(folder, ADC_FILE)  # noqa: PTH118  # the same


def own_folder(environ: Mapping[str, str], *, windows: bool = os.name == "nt") -> str | None:
    """Return gemauth's own folder, or None where the environment names no home."""
    if windows:
        base = environ.get("APPDATA")
    else:
        home = environ.get("HOME")
        base = environ.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else None)
    return None if not base else os.path.join(base, "gemauth")  # noqa: PTH118  # as above
