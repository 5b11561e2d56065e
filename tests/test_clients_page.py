"""docs/clients.md, made from the interop suite's table."""

from __future__ import annotations

from tests.interop.clients.cases import CASES
from tools.clients_page import PAGE, render


def test_the_page_is_current() -> None:
    """The page is what `python -m tools.clients_page` writes."""
    assert PAGE.read_text(encoding="utf-8") == render()


def test_each_case_has_a_name_of_its_own() -> None:
    """A row is found by its client and job."""
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


def test_each_case_asks_what_the_server_saw() -> None:
    """No case is content with what the client returned."""
    assert all(case.seen for case in CASES)
