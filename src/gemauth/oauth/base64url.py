"""Base64 with the URL's alphabet and without padding (RFC 4648 section 5, RFC 7515 section 2).

JWTs, PKCE and every random value that travels in a URL are written so, on both sides.
"""

from __future__ import annotations

import base64

__all__ = ["decode", "encode"]


def encode(raw: bytes) -> str:
    """Return bytes as text of `A-Z a-z 0-9 - _`."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes of such a text.

    Raises:
        ValueError: it is none.
    """
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
