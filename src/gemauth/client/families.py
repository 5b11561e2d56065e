"""The families of the Gemini API's methods, and which of them a token's scopes open.

Any one scope of a method's list is enough (gemini-api.md section 3); the lists are the contract's
own (`google/gemini/methods.py`). Read by `gemauth status`, `token-info` and the doctor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.google.gemini import methods
from gemauth.google.scopes import RETRIEVER, RETRIEVER_READONLY, TUNING, TUNING_READONLY, short

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gemauth.google.gemini.method import Method

__all__ = ["FAMILIES", "Family", "missing"]


@dataclass(frozen=True, slots=True)
class Family:
    """Methods that take the same scopes.

    Attributes:
        name: for people.
        method: one of them, which stands for all.
        ask: the scope to ask for where none of its scopes is there: the narrowest.
    """

    name: str
    method: Method
    ask: str

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes of which any one is enough."""
        return self.method.scopes

    def opened_by(self, scopes: Iterable[str]) -> bool:
        """Whether a token with these scopes may call it."""
        return not set(self.scopes).isdisjoint(scopes)


FAMILIES = (
    Family("list models, generate, embed", methods.GENERATE_CONTENT, RETRIEVER_READONLY),
    Family("files, caches and stores", methods.LIST_FILES, RETRIEVER_READONLY),
    Family("share tuned models", methods.CREATE_PERMISSION, TUNING_READONLY),
    Family("see tuned models", methods.LIST_TUNED_MODELS, TUNING_READONLY),
    Family("create and change tuned models", methods.CREATE_TUNED_MODEL, TUNING),
    Family("see and query corpora", methods.LIST_CORPORA, RETRIEVER_READONLY),
    Family("create and change corpora", methods.CREATE_CORPUS, RETRIEVER),
)


def missing(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return short names of the scopes that would open what is closed, fit for `--scopes`."""
    held = set(scopes)
    closed = [family.ask for family in FAMILIES if not family.opened_by(held)]
    wider = {f"{scope}.readonly" for scope in closed}
    asked = [scope for scope in dict.fromkeys(closed) if scope not in wider]
    return tuple(short(scope).removeprefix("generative-language.") for scope in asked)
