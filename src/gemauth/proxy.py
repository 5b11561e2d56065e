"""Which proxy HTTPS_PROXY and NO_PROXY name for a host. No I/O.

Read by `client/transport.py` for what is sent, and by `emulator/front/tunnel.py` for what is passed
on. A module of its own, since the short way to a new token loads no more than it needs.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["https_proxy"]


def https_proxy(environ: Mapping[str, str], *forms: str) -> str | None:
    """Return what HTTPS_PROXY says, None where nothing or where NO_PROXY names the host.

    Both are read in lower case first. NO_PROXY names hosts, domains above them, or all by `*`.

    Args:
        environ: the environment variables.
        forms: the host as it may be named: with its port, and without.
    """
    named = environ.get("https_proxy") or environ.get("HTTPS_PROXY") or None
    if named is None:
        return None
    skipped = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    names = [name.strip().lower().lstrip(".") for name in skipped.split(",") if name.strip()]
    if "*" in names or any(f == n or f.endswith(f".{n}") for f in forms for n in names):
        return None
    return named
