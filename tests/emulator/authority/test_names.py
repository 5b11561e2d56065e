from __future__ import annotations

from gemauth.emulator.authority.names import LEAF_NAMES, PERMITTED
from gemauth.google.hosts import EMULATED, METADATA


def covered(host: str) -> bool:
    """Whether the leaf has a host's name, itself or by a wildcard for its first label."""
    return host in LEAF_NAMES or f"*.{host.partition('.')[2]}" in LEAF_NAMES


def test_every_emulated_host() -> None:
    """The leaf has the name of every host that is emulated over TLS."""
    assert [host for host in EMULATED if host not in METADATA and not covered(host)] == []


def test_permitted() -> None:
    """Every name of the leaf is one that the authority may vouch for."""
    assert all(
        f".{name}".endswith(tuple(f".{domain}" for domain in PERMITTED)) for name in LEAF_NAMES
    )
