"""The suites of `make test`: each has its marker and its places, which the Makefile names."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

SUITES = ["browser", "crash", "docs", "fuzz", "interop", "processes", "wheel"]


def _places(suite: str) -> list[Path]:
    """The files and folders that a suite's target gives to pytest."""
    target = (ROOT / "Makefile").read_text(encoding="utf-8").partition(f"\n{suite}: ")[2]
    _, *recipe = target.partition("\n\n")[0].splitlines()
    return [ROOT / word for word in " ".join(recipe).split() if word.startswith("tests/")]


@pytest.mark.parametrize("suite", SUITES)
def test_a_marked_test_stands_where_its_suite_looks(suite: str) -> None:
    """A test of a suite that stands elsewhere would be run by nobody"""
    places = _places(suite)
    mark = f"mark.{suite}"
    marked = [
        path
        for path in (ROOT / "tests").rglob("*.py")
        if mark in path.read_text(encoding="utf-8") and path != Path(__file__)
    ]
    assert marked
    lost = [path for path in marked if not any(path.is_relative_to(p) for p in places)]
    assert lost == []
