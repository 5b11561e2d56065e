from __future__ import annotations

from gemauth.emulator.gemini.handlers import HANDLERS
from gemauth.google.gemini.methods import METHODS


def test_the_table_keeps_the_contract() -> None:
    """What the contract calls implemented has a handler, and nothing else has."""
    promised = {
        method.name
        for method in METHODS
        if method.implemented or any(route.implemented for route in method.routes)
    }
    assert set(HANDLERS) == promised
