"""Scope lists (RFC 6749 section 3.3): space-separated, case-sensitive, order without meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["join", "split"]


def split(text: str) -> tuple[str, ...]:
    """Return the scopes of a space-separated list, each once, in their first order."""
    return tuple(dict.fromkeys(text.split()))


def join(scopes: Iterable[str]) -> str:
    """Return scopes as the wire's space-separated list."""
    return " ".join(scopes)
