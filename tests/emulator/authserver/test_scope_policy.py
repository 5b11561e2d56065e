from __future__ import annotations

from gemauth.emulator.authserver.scope_policy import GRANTABLE, SENSITIVE
from gemauth.google.scopes import DEFAULT, GEMINI, KNOWN, SIGN_IN


def test_the_bare_gemini_scope_is_not_grantable() -> None:
    """All known scopes but generative-language can be asked for (section 0.1)."""
    assert {GEMINI} == KNOWN - GRANTABLE


def test_what_is_sensitive() -> None:
    """The quickstart's scopes need the warning, sign-in does not (section 1.4)."""
    assert frozenset(DEFAULT) <= SENSITIVE
    assert SENSITIVE.isdisjoint(SIGN_IN)
