"""docs/comparison.md, made from tests/comparison, and the tests that it names."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.comparison.rows import PEERS, ROWS, Row
from tools.comparison_page import PAGE, render

TESTS = Path(__file__).parent


@cache
def defined(module: str) -> frozenset[str]:
    """Return the tests of a module: `test_name`, `TestClass::test_name`."""
    tree = ast.parse((TESTS / module).read_text(encoding="utf-8"))
    found = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            inner = (each for each in node.body if isinstance(each, _FUNCTIONS))
            found |= {f"{node.name}::{each.name}" for each in inner}
        elif isinstance(node, _FUNCTIONS):
            found.add(node.name)
    return frozenset(found)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def test_the_page_is_current() -> None:
    """The page is what `python -m tools.comparison_page` writes."""
    assert PAGE.read_text(encoding="utf-8") == render()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.feature)
def test_a_row(row: Row) -> None:
    """A yes names tests that there are; what another has and gemauth has not has its reason."""
    marks = row.peers.split()
    assert len(marks) == len(PEERS)
    assert {*marks, row.mark} <= set("ynp-?")
    for proof in row.proofs:
        module, _, name = proof.partition("::")
        assert name in defined(module), proof
    if row.mark == "y":
        assert row.proofs
    else:
        assert row.note or "y" not in marks
