"""JSON Web Tokens in compact form, signed with RS256 (RFC 7515, RFC 7518 section 3.3, RFC 7519).

Clients sign assertions and self-signed bearer tokens; the emulator reads them and signs id
tokens. RS256 is the only algorithm, so `none` and HS256 cannot be confused with it (RFC 8725
section 3.1). cryptography is imported when a key is first used.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from gemauth.oauth import base64url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

__all__ = ["Jwt", "MalformedJwt", "decode", "encode", "signer", "verifies"]

RS256 = "RS256"


class MalformedJwt(ValueError):  # noqa: N818  # a reading failure for the server to word
    """Text that is no compact JWS of two JSON objects."""


class Jwt(NamedTuple):
    """A token taken apart; nothing in it is to be believed before `verifies`.

    No dataclass: the short way to a token (`client/short_way.py`) does without that module.
    """

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signing_input: bytes
    signature: bytes

    def __repr__(self) -> str:
        return f"Jwt(header={self.header!r}, claims={self.claims!r})"


def encode(
    claims: Mapping[str, Any], sign: Callable[[bytes], bytes], *, key_id: str | None = None
) -> str:
    """Return a compact JWS of the claims, with `alg`, `typ` and `kid` in its header."""
    header = {"alg": RS256, "typ": "JWT"} | ({} if key_id is None else {"kid": key_id})
    signing_input = ".".join(base64url.encode(_to_json(part)) for part in (header, claims))
    return f"{signing_input}.{base64url.encode(sign(signing_input.encode('ascii')))}"


def decode(token: str) -> Jwt:
    """Take a compact JWS apart without checking its signature.

    Raises:
        MalformedJwt: it is none.
    """
    try:
        header, claims, signature = token.split(".")
        parsed = json.loads(base64url.decode(header)), json.loads(base64url.decode(claims))
        raw = base64url.decode(signature)
    except (ValueError, RecursionError):  # the latter from a hostile depth of brackets
        raise MalformedJwt from None
    if not all(isinstance(part, dict) for part in parsed):
        raise MalformedJwt
    return Jwt(*parsed, signing_input=f"{header}.{claims}".encode("ascii"), signature=raw)


def signer(key: RSAPrivateKey) -> Callable[[bytes], bytes]:
    """Return the function that signs with an RSA key (RSASSA-PKCS1-v1_5 with SHA-256)."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # slow
    from cryptography.hazmat.primitives.hashes import SHA256  # slow

    return lambda message: key.sign(message, PKCS1v15(), SHA256())


def verifies(token: Jwt, key: RSAPublicKey) -> bool:
    """Whether the token says RS256 and its signature is the key's."""
    from cryptography.exceptions import InvalidSignature  # slow import
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # slow
    from cryptography.hazmat.primitives.hashes import SHA256  # slow

    if token.header.get("alg") != RS256:
        return False
    try:
        key.verify(token.signature, token.signing_input, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _to_json(part: Mapping[str, Any]) -> bytes:
    return json.dumps(part, separators=(",", ":")).encode("utf-8")
