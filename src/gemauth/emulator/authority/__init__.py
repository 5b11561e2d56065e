"""The emulator's own certificate authority: what lets a client's TLS end here.

One per data folder, made when TLS is first needed. It may vouch only for Google's names and
localhost (DNS name constraints, RFC 5280 section 4.2.1.10) and is never put in a system's store.
Source: interception.md sections 2 and 7.
"""

from __future__ import annotations

from gemauth.emulator.authority.authority import Authority
from gemauth.emulator.authority.reading import fingerprint, spki_sha256

__all__ = ["Authority", "fingerprint", "spki_sha256"]
