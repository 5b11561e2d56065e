"""The proxy that the emulator itself has to go through: its own HTTPS_PROXY and NO_PROXY.

Only tunnels to other machines use it; the emulator never calls anybody of its own accord.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.front.connect import Target

__all__ = ["Upstream", "UpstreamUnusableError", "upstream_of"]


class UpstreamUnusableError(Exception):
    """HTTPS_PROXY is none that the emulator can go through; its text may hold a password."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """An HTTP proxy.

    Args:
        host, port: where it listens.
        authorization: its Proxy-Authorization header's value, None without a password.
    """

    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)

    def request(self, target: Target) -> bytes:
        """Return the head that asks it for a tunnel."""
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if self.authorization is not None:
            lines.append(f"Proxy-Authorization: {self.authorization}")
        return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")


def upstream_of(environ: Mapping[str, str], target: Target) -> Upstream | None:
    """Return the proxy for a target, None where there is none or NO_PROXY names the target.

    Raises:
        UpstreamUnusableError: the proxy is not `http://host:port`.
    """
    named = environ.get("https_proxy") or environ.get("HTTPS_PROXY")
    if not named or _bypassed(target, environ.get("no_proxy") or environ.get("NO_PROXY") or ""):
        return None
    try:
        parts = urlsplit(named if "://" in named else f"http://{named}")
        host, port = parts.hostname, parts.port or 80
    except ValueError:  # a port beyond 65535, an IPv6 address without its end
        host, port = None, 0
    if not host or parts.scheme != "http":
        raise UpstreamUnusableError
    if parts.username is None:
        return Upstream(host, port)
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return Upstream(host, port, "Basic " + base64.b64encode(pair.encode()).decode("ascii"))


def _bypassed(target: Target, no_proxy: str) -> bool:
    """Whether NO_PROXY names the host (with or without its port), a domain above it, or `*`."""
    names = [name.strip().lower().lstrip(".") for name in no_proxy.split(",") if name.strip()]
    forms = (target.host, str(target))
    return "*" in names or any(f == n or f.endswith(f".{n}") for f in forms for n in names)
