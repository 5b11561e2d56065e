"""Ids of the API's resources: which ones a caller may choose, and how new ones are made (AIP-122).

Source: gemini-api.md sections 5 (tuned models) and 6 (permissions; google-generativeai accepts only
lower-case letters and digits there). The emulator makes and checks them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["is_tuned_model_id", "new_permission_id"]

# An id that a caller may choose; generated ones may be longer (Google's were).
_TUNED_MODEL_ID = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"  # 32 of them: each byte of entropy picks one evenly


def is_tuned_model_id(text: str) -> bool:
    """Whether a caller may choose this id: 1 to 40 of `a-z 0-9 -`, a letter first, no dash last."""
    return _TUNED_MODEL_ID.fullmatch(text) is not None


def new_permission_id(entropy: Callable[[int], bytes]) -> str:
    """Return an id for a new permission: 16 lower-case letters and digits, 80 random bits."""
    return "".join(_LETTERS[byte % 32] for byte in entropy(16))
