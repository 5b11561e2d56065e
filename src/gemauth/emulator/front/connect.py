"""CONNECT: what a client that has the emulator as its proxy gets to (RFC 9110 section 9.3.6).

`HTTPS_PROXY` pointed at the emulator brings every call to Google here. An emulated host is answered
here, any other of Google's is refused, so no credential of an emulator meets Google
(google-oauth.md section 9.3, interception.md pitfalls 3 and 12).
"""

from __future__ import annotations

import enum
import ipaddress
import re
from dataclasses import dataclass

from gemauth.google.hosts import METADATA, is_emulated, is_googles

__all__ = ["ESTABLISHED", "MALFORMED", "Refusal", "Target", "Way", "way_to"]

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"

# RFC 9112 section 3.2.3: the authority form, host and port.
_LINE = re.compile(rb"CONNECT (?:([A-Za-z0-9._-]{1,255})|\[([0-9A-Fa-f:.]+)\]):(\d{1,5}) HTTP/1\.")


class Way(enum.Enum):
    """Where a tunnel leads."""

    TLS = enum.auto()
    """Here: TLS ends with a certificate of our own."""
    PLAIN = enum.auto()
    """Here, without TLS: the metadata server."""
    TUNNEL = enum.auto()
    """There: bytes are carried as they are."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no tunnel: the status, a phrase that clients show, and the whole text."""

    status: int
    phrase: str
    text: str

    def to_bytes(self) -> bytes:
        """Return the whole response; the connection closes after it."""
        body = f"{self.text}\n".encode("ascii", "replace")
        head = (
            f"HTTP/1.1 {self.status} {self.phrase} (gemauth emulator)\r\n"
            "content-type: text/plain; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        return head.encode("ascii", "replace") + body


MALFORMED = Refusal(400, "Bad Request", "CONNECT needs a host and a port: CONNECT host:443.")


@dataclass(frozen=True, slots=True)
class Target:
    """A host, lower case and without a final dot, and its port."""

    host: str
    port: int

    @classmethod
    def of(cls, head: bytes) -> Target | None:
        """Read a CONNECT request's head; None where it names no target."""
        line = _LINE.match(head)
        if line is None:
            return None
        name, literal = (line[n].decode("ascii") if line[n] else "" for n in (1, 2))
        host = _canonical(literal) if literal else name.rstrip(".").lower()
        port = int(line[3])
        return cls(host, port) if host and 0 < port < 65536 else None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Whether it is this machine or its own network, as far as its name tells."""
        if self.host == "localhost" or self.host.endswith(".localhost"):  # RFC 6761 section 6.3
            return True
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return address.is_loopback or address.is_private or address.is_link_local


def way_to(target: Target, *, tunnel_other_hosts: bool) -> Way | Refusal:
    """Return where a target's tunnel leads."""
    host, port = target.host, target.port
    if host in METADATA and port == 80:
        return Way.PLAIN
    if is_emulated(host) and port == 443:
        return Way.TLS
    if is_googles(host):
        return Refusal(
            502,
            f"{target} is not emulated",
            f"This is a gemauth emulator, and it does not emulate {target}. No credential of an "
            "emulator may reach Google, so nothing is carried there either.\n"
            "The hosts that it answers for: gemauth emulator --help.",
        )
    if target.is_local or port != 443 or tunnel_other_hosts:
        return Way.TUNNEL
    return Refusal(
        403,
        f"{target} is no host of Google's",
        f"This is a gemauth emulator, and it carries nothing to {target}.\n"
        "Have the program go past the proxy with NO_PROXY, or start the emulator with "
        "--tunnel-other-hosts.",
    )


def _canonical(literal: str) -> str | None:
    """Return an IPv6 address in one form; one that embeds an IPv4 address is that address."""
    try:
        address = ipaddress.IPv6Address(literal)
    except ValueError:
        return None
    return str(address.ipv4_mapped or address)
