"""What every room is given: settings, store, time, randomness, ledger and authority."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gemauth.emulator.authority import Authority
from gemauth.emulator.ledger import Ledger

if TYPE_CHECKING:
    from gemauth.clock import Clock
    from gemauth.emulator.settings import Settings
    from gemauth.emulator.storage.store import Store

__all__ = ["Context", "Entropy"]

Entropy = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Context:
    """One emulator's surroundings; `entropy(n)` returns n random bytes (`secrets.token_bytes`).

    The ledger and the certificate authority are in memory unless given.
    """

    settings: Settings
    store: Store
    clock: Clock
    entropy: Entropy
    ledger: Ledger = field(default_factory=Ledger)
    authority: Authority = field(default_factory=Authority)
