"""Members of a credential file's object: those that must be there, and those that may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["is_text", "required", "texts", "texts_of"]


def required(body: Mapping[str, Any], kind: str, *names: str) -> dict[str, str]:
    """Return members that are texts.

    Raises:
        DataError: one is missing.
    """
    missing = [name for name in names if not is_text(body.get(name))]
    if missing:
        raise DataError(
            f"The {kind} credential file lacks {', '.join(missing)}.",
            next_step="Sign in again, or download the service account's key again.",
        )
    return {name: body[name] for name in names}


def texts_of(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return those of the members that are there, and are texts that say something."""
    return {n: body[n] for n in names if is_text(body.get(n)) and body[n]}


def texts(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a list of texts; none where there is no list."""
    value = body.get(name)
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def is_text(value: object) -> bool:
    """Whether a value is text; with half of a surrogate pair, which JSON can hold, it is none."""
    if not isinstance(value, str):
        return False
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)
