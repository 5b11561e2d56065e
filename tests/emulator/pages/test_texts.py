from __future__ import annotations

import string

import pytest

from gemauth.emulator.pages.texts import TEXTS, text
from gemauth.google.scopes import KNOWN


def _holes(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_have_the_same_holes(key: str) -> None:
    """A translation names what the English names, and neither is empty."""
    english, chinese = (text(key, "en"), text(key, "zh-TW"))
    assert english
    assert chinese
    assert _holes(english) == _holes(chinese)


def test_every_scope_is_described() -> None:
    """No scope can be asked for that the consent page cannot explain."""
    assert {f"scope {scope}" for scope in KNOWN} <= TEXTS.keys()


def test_an_unknown_text_is_an_error() -> None:
    """A misspelt key does not become a page."""
    with pytest.raises(KeyError):
        text("no.such", "en")
