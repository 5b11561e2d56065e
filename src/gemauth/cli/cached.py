"""The fast path of `gemauth print-access-token`: a valid cached token, read at interpreter speed.

Imports nothing but `time` and the cache's plain-lines reader. Anything that it does not know by
heart (another option, a mistake, `--help`) is left to the ordinary way.
"""

from __future__ import annotations

from time import time

from gemauth.client.cache.tokens import cached

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["cached_token"]

_TAKEN = ("--credentials", "--emulator", "--profile")


def cached_token(words: list[str], environ: Mapping[str, str]) -> str | None:
    """Return the token to print, or None where the ordinary way has to look."""
    values: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name not in _TAKEN:
            return None
        if not equals:
            value = next(rest, "")
        if not value or value.startswith("-"):
            return None
        values[name] = value
    if "--credentials" in values and "--profile" in values:
        return None
    return cached(
        environ,
        time(),
        credentials=values.get("--credentials"),
        profile=values.get("--profile"),
        emulator=values.get("--emulator"),
    )
