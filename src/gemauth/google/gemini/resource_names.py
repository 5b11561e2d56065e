"""Names and ids of the API's resources (AIP-122), and how new ids are made.

Source: gemini-api.md sections 5 (tuned models) and 6 (permissions; google-generativeai accepts only
lower-case letters and digits there). The emulator makes and checks them, the client checks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gemauth.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "MODEL",
    "PERMISSION",
    "TUNED_MODEL",
    "generated_tuned_model_id",
    "is_tuned_model_id",
    "parent",
    "split",
]

MODEL = "models/*"
TUNED_MODEL = "tunedModels/*"
PERMISSION = "tunedModels/*/permissions/*"

# An id that a caller may choose; generated ones may be longer (Google's were).
_TUNED_MODEL_ID = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_RANDOM_PART = 12  # characters after the words of a generated id
_WORDS_PART = 40  # characters of words before it: the longest display name


def is_tuned_model_id(text: str) -> bool:
    """Whether a caller may choose this id: 1 to 40 of `a-z 0-9 -`, a letter first, no dash last."""
    return _TUNED_MODEL_ID.fullmatch(text) is not None


def generated_tuned_model_id(display_name: str, choice: Callable[[str], str]) -> str:
    """Return an id for a new tuned model: the words of its display name and 12 random characters.

    Args:
        display_name: may be empty; then the id is random with a letter first.
        choice: returns one character of a string at random (`secrets.choice`).
    """
    words = "-".join(re.findall(r"[a-z0-9]+", display_name.lower()))[:_WORDS_PART].strip("-")
    random = "".join(choice(_ALPHABET) for _ in range(_RANDOM_PART))
    if not words:
        return f"{choice(_ALPHABET[:26])}{random[1:]}"
    # an id starts with a letter; "100 numbers" does not
    return f"{words}-{random}" if words[0].isalpha() else f"m-{words}-{random}"


def split(name: str, pattern: str) -> tuple[str, ...]:
    """Return the ids in a resource name of a pattern such as `tunedModels/*/permissions/*`.

    Raises:
        UsageError: the name is not of the pattern.
    """
    parts, expected = name.split("/"), pattern.split("/")
    if len(parts) != len(expected) or any(
        not part if wanted == "*" else part != wanted
        for part, wanted in zip(parts, expected, strict=False)
    ):
        raise UsageError(f"{name!r} is no name of the form {pattern}.")
    return tuple(part for part, wanted in zip(parts, expected, strict=True) if wanted == "*")


def parent(name: str) -> str:
    """Return the resource above: of `tunedModels/x/permissions/1` it is `tunedModels/x`."""
    return name.rsplit("/", 2)[0]
