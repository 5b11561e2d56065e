"""What a run puts into every Python and Node that starts inside it, whoever starts it.

`python/` stands first on PYTHONPATH, `node/preload.cjs` in NODE_OPTIONS. Both are copied into the
run's folder with the constants of the run: they are read by other interpreters than ours, of other
versions, in environments without gemauth. Source: interception.md sections 1 and 7.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.google.hosts import GOOGLES

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MARKER", "write"]

MARKER = "127.71.71.71"
"""What Google's names resolve to in a run's Python: on loopback, so that no mistake leaves it."""

_SOURCE = Path(__file__).parent
_PYTHON = ("sitecustomize.py", "gemauth_preload.py")
_NODE = ("preload.cjs",)


def write(folder: Path, address: tuple[str, int], authority: Path) -> None:
    """Write the preloads of a run.

    Args:
        folder: gets the folders `python` and `node`.
        address: the emulator's host and port, IPv4.
        authority: the PEM file of the emulator's authority.
    """
    for name, files, constants in (
        ("python", _PYTHON, ("gemauth_constants.py", "\n".join(_constants(address, authority)))),
        (
            "node",
            _NODE,
            ("constants.json", json.dumps({"address": address, "googles": GOOGLES})),
        ),
    ):
        place = folder / name
        place.mkdir(parents=True)
        for file in files:
            (place / file).write_bytes((_SOURCE / name / file).read_bytes())
        (place / constants[0]).write_text(constants[1] + "\n", encoding="utf-8")


def _constants(address: tuple[str, int], authority: Path) -> Iterator[str]:
    yield '"""One run of gemauth emulator run."""'
    yield f"ADDRESS = {address!r}"
    yield f"CA = {str(authority)!r}"
    yield f"GOOGLES = {GOOGLES!r}"
    yield f"MARKER = {MARKER!r}"
