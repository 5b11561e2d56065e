"""What every room of the emulator is given: its settings, its store, the time and randomness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gemauth.clock import Clock
    from gemauth.emulator.settings import Settings
    from gemauth.emulator.storage.store import Store

__all__ = ["Context", "Entropy"]

Entropy = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Context:
    """One emulator's surroundings; `entropy(n)` returns n random bytes (`secrets.token_bytes`)."""

    settings: Settings
    store: Store
    clock: Clock
    entropy: Entropy
