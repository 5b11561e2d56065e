"""Which names the authority may vouch for, and which its one leaf has.

A leaf for all of them makes a handshake a matter of loading one file; nothing is signed while a
client waits. A name that the emulator does not serve is still refused, by the guard and in words.
"""

from __future__ import annotations

__all__ = ["LEAF_ADDRESSES", "LEAF_NAMES", "PERMITTED"]

PERMITTED = ("googleapis.com", "google.com", "google.internal", "localhost")
"""Domains, with all that is below them (RFC 5280 section 4.2.1.10)."""

# A wildcard covers one label (RFC 9525 section 6.3).
LEAF_NAMES = (
    "accounts.google.com",
    "*.google.com",
    "*.googleapis.com",
    "*.mtls.googleapis.com",
    "*.rep.googleapis.com",
    "metadata.google.internal",
    "localhost",
)
LEAF_ADDRESSES = ("127.0.0.1", "::1")
"""For `https://127.0.0.1:PORT`; DNS constraints say nothing about addresses."""
