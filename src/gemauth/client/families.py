"""The families of the Gemini API's methods, which of them a token's scopes open, and how to more.

Any one scope of a method's list is enough (gemini-api.md section 3); the lists are the contract's
own (`google/gemini/methods.py`). Read by `gemauth status`, `token-info` and the doctor.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client.cache import files
from gemauth.client.cache.keyring import Pointer
from gemauth.client.cache.places import option
from gemauth.client.profiles import store
from gemauth.errors import GemauthError
from gemauth.google.client_secret import refuse_first_party
from gemauth.google.credentials import AuthorizedUser
from gemauth.google.gemini import methods
from gemauth.google.scopes import RETRIEVER, RETRIEVER_READONLY, TUNING, TUNING_READONLY, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gemauth.google.gemini.method import Method

__all__ = ["FAMILIES", "SIGN_IN", "Family", "ask_for_more", "missing"]

SIGN_IN = "gemauth login --client-id-file FILE"
_ALL = f"{SIGN_IN} --scopes cloud-platform,tuning,retriever"


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


def ask_for_more(environ: Mapping[str, str], path: str | None, held: Iterable[str]) -> str:
    """Return the command that asks a person for the scopes that would open what is closed.

    Scopes are added to a sign-in, and for that no client file is needed; but not to one of Google's
    own clients (gcloud's), which may have none of these.

    Args:
        environ: the environment variables.
        path: where the sign-in is kept, None where there is none.
        held: the scopes that were granted.
    """
    lacks = missing(held)
    if path is None or not lacks:
        return _ALL
    try:
        raw = files.read(Path(path))
        kept = None if raw is None else store.parse(Path(path), raw)
        if not isinstance(kept, AuthorizedUser | Pointer):
            return _ALL
        refuse_first_party(kept.client_id)
    except GemauthError:
        return _ALL
    where = option(environ, str(Path(path).absolute()))
    return f"gemauth login --add-scopes {','.join(lacks)}{where}"
