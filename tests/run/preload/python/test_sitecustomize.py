from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.run.preload.python.test_gemauth_preload import PYTHONS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.run.preload.conftest import Place

pytestmark = pytest.mark.processes

PATCHED = "import socket; print(socket.getaddrinfo.__module__)"


def shadowed(place: Place, folder: Path, source: str) -> str:
    """Write a sitecustomize that the preload shadows; return a PYTHONPATH with both."""
    (folder / "sitecustomize.py").write_text(source, encoding="utf-8")
    return os.pathsep.join((str(place.folder / "python"), str(folder)))


@pytest.mark.parametrize("python", PYTHONS)
def test_the_shadowed_one_runs_too(place: Place, tmp_path: Path, python: str) -> None:
    """It is the module of that name afterwards, and what it does to sys.path stays done"""
    path = shadowed(place, tmp_path, "import sys; sys.path.append('/added'); HERE = 1\n")
    code = f"""
import sitecustomize, sys
print(sitecustomize.HERE, "/added" in sys.path, sys.path.count({str(place.folder / "python")!r}))
{PATCHED}
"""
    ran = place.python(code, executable=python, PYTHONPATH=path)
    assert ran.stdout.splitlines() == ["1 True 1", "gemauth_preload"], ran.stderr
    assert ran.stderr == ""


@pytest.mark.parametrize("python", PYTHONS)
def test_without_one_nothing_is_said(place: Place, python: str) -> None:
    """A Python with no other sitecustomize starts as ever"""
    ran = place.python(PATCHED, executable=python, PYTHONPATH=str(place.folder / "python"))
    assert (ran.stdout, ran.stderr) == ("gemauth_preload\n", "")


def test_one_that_fails_is_told_of_as_ever(place: Place, tmp_path: Path) -> None:
    """Python's own message about a broken sitecustomize comes, and the preload is active"""
    path = shadowed(place, tmp_path, "raise ValueError('mine')\n")
    ran = place.python(PATCHED, PYTHONPATH=path)
    assert ran.stdout == "gemauth_preload\n"
    assert "ValueError: mine" in ran.stderr


def test_a_broken_preload_breaks_no_program(place: Place) -> None:
    """Without its constants it does nothing, silently unless GEMAUTH_DEBUG asks"""
    (place.folder / "python" / "gemauth_constants.py").unlink()
    ran = place.python(PATCHED, GEMAUTH_DEBUG="")
    assert (ran.stdout, ran.stderr) == ("socket\n", "")
    assert "gemauth_constants" in place.python(PATCHED).stderr
