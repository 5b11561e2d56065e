"""The fast path of `gemauth print-access-token`: a valid cached token, read at interpreter speed.

Imports nothing but `time` and the cache's plain-lines reader; where there is no token, the short
way to a new one (`client/short_way.py`) comes next. Anything that it does not know by heart
(another option, a mistake, `--help`) is left to the ordinary way.
"""

from __future__ import annotations

from time import time

from gemauth.client.cache.tokens import credential_file, entry, good

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["cached_token"]

_TAKEN = ("--credentials", "--emulator", "--profile")
_SELF_SIGNED = "--self-signed"


def cached_token(words: list[str], environ: Mapping[str, str]) -> str | None:
    """Return the token to print, or None where the ordinary way has to look."""
    values: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if word == _SELF_SIGNED:
            values[word] = "self-signed"  # how its entry is named (sources/files.py)
            continue
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
    found = credential_file(
        environ,
        credentials=values.get("--credentials"),
        profile=values.get("--profile"),
        emulator=values.get("--emulator"),
    )
    if found is None:
        return None
    credential, address = found
    place = entry(environ, credential, (), address, values.get(_SELF_SIGNED, ""))
    if place is None:
        return None
    now = time()
    token = good(place, now)
    if token is None and not address:
        from gemauth.client import short_way  # json, ssl, cryptography: as much as it needs

        way = short_way.signed if _SELF_SIGNED in values else short_way.renewed
        token = way(environ, credential, place, now)
    return token
