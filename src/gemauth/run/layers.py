"""Which part of a run cannot be active for a command, as far as its words and first line tell.

What is frozen into one file (PyInstaller) or cleans its children's environment (sudo, tox) cannot
be told beforehand; `gemauth emulator run --help` speaks of them. Source: interception.md section 7.
"""

from __future__ import annotations

import re
import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["warnings"]

_PYTHON = re.compile(r"python[\d.]*(\.exe)?|pypy[\d.]*", re.IGNORECASE)
_BLIND = "EIS"  # -E and -I ignore PYTHONPATH, -S imports no sitecustomize
_WITH_VALUE = "WX"
_ENDS = "cm"  # what follows is the program's


def warnings(command: Sequence[str], first_line: str = "") -> list[str]:
    """Return what a person should know before a command runs.

    Args:
        command: its words.
        first_line: of the file that the first word leads to; an interpreter may stand there.
    """
    words = list(command)
    if first_line.startswith("#!"):
        try:
            words = shlex.split(first_line[2:])
        except ValueError:  # no shell's quoting, and no shebang needs any
            words = first_line[2:].split()
    if words and PurePath(words[0]).name == "env":
        words = [word for word in words[1:] if "=" not in word and word != "-S"]
    flag = _blind_flag(words)
    if flag is None:
        return []
    warning = (
        f"{words[0]} -{flag} does not load gemauth's preload: a client that ignores HTTPS_PROXY or "
        "SSL_CERT_FILE (httplib2, http.client, aiohttp, certifi's file) is not led to the emulator."
    )
    return [warning]


def _blind_flag(words: Sequence[str]) -> str | None:
    """Return the flag of a Python that keeps it from loading the preload."""
    if not words or _PYTHON.fullmatch(PurePath(words[0]).name) is None:
        return None
    skip = False
    for word in words[1:]:
        if skip:
            skip = False
            continue
        if not word.startswith("-") or word == "-":
            return None
        if word.startswith("--"):
            continue
        for at, letter in enumerate(word[1:], 1):
            if letter in _BLIND:
                return letter
            if letter in _ENDS:
                return None
            if letter in _WITH_VALUE:
                skip = at == len(word) - 1
                break
    return None
