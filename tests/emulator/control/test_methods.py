from __future__ import annotations

from gemauth.emulator.control.methods import METHODS
from tools.control_api import PAGE, page


def test_the_page_is_current() -> None:
    """docs/control-api.md holds every method as the code has it (python -m tools.control_api)"""
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text
    assert all(f"`{method.verb} {method.path}`" in text for method in METHODS)


def test_no_method_stands_twice() -> None:
    """A verb and a path name one method"""
    names = [(method.verb, method.path) for method in METHODS]
    assert len(names) == len(set(names))
