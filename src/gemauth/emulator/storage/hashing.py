"""How secrets are kept: SHA-256 of values that carry 128 bits of randomness or more.

Such values cannot be guessed, so a slow or salted hash would cost time and protect nothing more
(NIST SP 800-63B section 5.1.2 asks for salts only below 112 bits).
"""

from __future__ import annotations

import hashlib

__all__ = ["digest"]


def digest(secret: str) -> str:
    """Return the hexadecimal SHA-256 of a token, code or secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
