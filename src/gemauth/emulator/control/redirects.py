"""Which redirect URIs a web client may register (google-oauth.md section 1.2).

Desktop clients register none: any loopback address is theirs.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from gemauth.http import LOOPBACK

__all__ = ["problem_of"]

# Names that no public registry gives out (RFC 2606, RFC 6762, RFC 8375, and the private .internal).
_PRIVATE_SUFFIXES = frozenset(
    {"arpa", "example", "internal", "invalid", "local", "localhost", "test"}
)
# A last label of digits is an IPv4 address to browsers (WHATWG URL, "ends in a number"), and what
# is no name, such as `a;b.com`, would stand in a page's Content-Security-Policy.
_NAME = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?", re.ASCII)


def problem_of(uri: str) -> str | None:
    """Return what is wrong with a redirect URI, or None."""
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no URL"
    rules = (
        (uri.isascii() and uri.isprintable() and " " not in uri, "must be ASCII without spaces"),
        (parts.scheme in {"https", "http"} and bool(host), "must be an absolute https URL"),
        (parts.scheme != "http" or host in LOOPBACK, "must be https, except on localhost"),
        ("#" not in uri, "must not have a fragment"),
        ("@" not in parts.netloc, "must not have a user name"),
        ("*" not in uri, "must not have a wildcard"),
        ("/.." not in parts.path and "\\" not in uri, "must not go up in its path"),
    )
    problem = next((text for kept, text in rules if not kept), None)
    return problem or (None if host in LOOPBACK else _problem_of_host(host or ""))


def _problem_of_host(host: str) -> str | None:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # 253 characters are the longest name (RFC 1035 section 2.3.4, less its framing).
        is_name = len(host) <= 253 and _NAME.fullmatch(host) is not None
        if not is_name or host.rpartition(".")[2] in _PRIVATE_SUFFIXES:
            return "must be on a public domain, or localhost"
        return None
    return "must not be on an IP address, except 127.0.0.1 and [::1]"
