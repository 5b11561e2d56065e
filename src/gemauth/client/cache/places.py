"""Where files are kept, from the environment alone; imports nothing but os, for the fast path.

The ADC file's place is Google's (google-oauth.md 6.1); gemauth's own folder follows the XDG base
directory specification.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "PROFILE_VARIABLE",
    "adc_path",
    "is_profile_name",
    "option",
    "own_folder",
    "profile_path",
]

ADC_FILE = "application_default_credentials.json"
PROFILE_VARIABLE = "GEMAUTH_PROFILE"
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._@+-")
_DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))}


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
        home, base = environ.get("HOME"), environ.get("XDG_CONFIG_HOME")
        if not base or base[0] != "/":  # the specification: a relative path is to be ignored
            base = f"{home}/.config" if home else None
    return None if not base else os.path.join(base, "gemauth")  # noqa: PTH118  # as above


def is_profile_name(name: str) -> bool:
    """Whether a profile may have that name: no part of a path, and one file on every system.

    Lower case only, since some file systems do not tell the cases apart; no name that is a device
    of Windows, or that ends there in what it cuts off.
    """
    return (
        0 < len(name) <= 64  # characters: room for an e-mail address
        and _LETTERS.issuperset(name)
        and name[0] not in ".-"
        and name[-1] != "."
        and name.partition(".")[0] not in _DEVICES
    )


def profile_path(environ: Mapping[str, str], name: str) -> str | None:
    """Return the file of a profile; None where there is no home, or nothing has that name."""
    folder = own_folder(environ)
    if folder is None or not is_profile_name(name):
        return None
    return os.path.join(folder, "profiles", f"{name}.json")  # noqa: PTH118  # as above


def option(environ: Mapping[str, str], path: str) -> str:
    """Return what has `gemauth login` keep a sign-in at a path, after a space; nothing for ADC's.

    Args:
        environ: the environment variables.
        path: the credential file's, absolute.
    """
    if path == adc_path(environ):
        return ""
    name = os.path.basename(path).removesuffix(".json")  # noqa: PTH119  # as above
    if path == profile_path(environ, name):
        return f" --profile {name}"
    from shlex import quote  # rarely needed

    return f" --output {quote(path)}"
