from __future__ import annotations

import pytest

from tools.help_pages import DOCS, pages

PAGES = pages()


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_current(name: str) -> None:
    """docs/ holds what the commands say today; `python -m tools.help_pages` writes it."""
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name]
