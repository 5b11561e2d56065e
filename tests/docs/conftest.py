"""A terminal whose `python3` has Google's libraries, and no gemauth."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.blocks import ROOT, blocks
from tests.docs.terminal import JUDGES, Terminal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def programmer(home: Path) -> Terminal:
    """A terminal with the documents' programs in its folder: blocks that begin with a file's name.

    Its Python is that of `.venv-interop`.
    """
    assert JUDGES.exists(), "make .venv-interop"
    binaries = home / ".bin"
    binaries.mkdir()
    (binaries / "python3").write_text(f'#!/bin/sh\nexec {JUDGES} "$@"\n')
    (binaries / "python3").chmod(0o700)
    for document in (ROOT / "README.md", ROOT / "docs" / "run.md"):
        for block in blocks(document):
            if name := re.fullmatch(r"# (\w+\.(?:py|sh))", block.first):
                (home / name[1]).write_text(block.text)
    terminal = Terminal(home, dict(os.environ))
    terminal.environ["PATH"] = os.pathsep.join([str(binaries), terminal.environ["PATH"]])
    return terminal
