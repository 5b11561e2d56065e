"""The proxy that the emulator itself has to go through: its own HTTPS_PROXY and NO_PROXY.

Only tunnels to other machines use it; the emulator never calls anybody of its own accord.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from gemauth.http import https_proxy

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
    named = https_proxy(environ, target.host, str(target))
    if named is None:
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
