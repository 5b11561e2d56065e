"""Proof Key for Code Exchange (RFC 7636): made and hashed by the client, checked by the server."""

from __future__ import annotations

import hashlib
import hmac
import re

from gemauth.oauth import base64url

__all__ = ["S256", "challenge", "is_verifier", "matches", "verifier"]

S256 = "S256"
_SHORTER_TOO = re.compile(r"[A-Za-z0-9\-._~]{1,128}")
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


def verifier(entropy: bytes) -> str:
    """Return a code verifier for 32 to 96 random bytes (RFC 7636 section 4.1).

    Raises:
        ValueError: fewer than 32 bytes (256 bits, section 7.1) or more than 96.
    """
    if not 32 <= len(entropy) <= 96:  # 43 to 128 characters of base64url
        message = "a code verifier takes 32 to 96 random bytes"
        raise ValueError(message)
    return base64url.encode(entropy)


def is_verifier(text: str) -> bool:
    """Whether text has a code verifier's alphabet and length (RFC 7636 section 4.1)."""
    return _VERIFIER.fullmatch(text) is not None


def challenge(code_verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636 section 4.2)."""
    return base64url.encode(hashlib.sha256(code_verifier.encode("ascii")).digest())


def matches(code_verifier: str, code_challenge: str, method: str) -> bool:
    """Whether a verifier proves a challenge, compared in constant time (RFC 7636 section 4.6).

    Its least length is the client's duty (section 4.1) and no part of the proof: the verifier of
    Google's own oauth2l is a UUID, which has 36 characters.
    """
    if _SHORTER_TOO.fullmatch(code_verifier) is None:
        return False
    proof = challenge(code_verifier) if method == S256 else code_verifier
    return hmac.compare_digest(proof.encode("ascii"), code_challenge.encode("utf-8"))
