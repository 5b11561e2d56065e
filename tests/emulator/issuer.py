"""An OpenID Connect issuer outside of the emulator: its keys, and the tokens that it signs."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from gemauth.oauth import base64url, jwt

URI = "https://ci.example.com"
SUBJECT = "repo:corp/app:ref:refs/heads/main"


@cache
def rsa_key(number: int) -> rsa.RSAPrivateKey:
    """One of the issuer's RSA keys; 0 is in its set."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    """The issuer's P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def rsa_jwk(key_id: str = "r1") -> dict[str, str]:
    """The public half of the RSA key."""
    numbers = rsa_key(0).public_key().public_numbers()
    names = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": key_id}
    return names | {"n": _text(numbers.n, 256), "e": _text(numbers.e, 3)}


def ec_jwk(key_id: str = "e1") -> dict[str, str]:
    """The public half of the P-256 key."""
    numbers = ec_key().public_key().public_numbers()
    names = {"kty": "EC", "crv": "P-256", "use": "sig", "kid": key_id}
    return names | {"x": _text(numbers.x, 32), "y": _text(numbers.y, 32)}


def jwk_set() -> str:
    """The issuer's JWK set."""
    return json.dumps({"keys": [rsa_jwk(), ec_jwk()]})


def claims(now: float, audience: str, **changes: Any) -> dict[str, Any]:
    """Return a good token's claims, with some changed and those that are None left out."""
    whole = {
        "iss": URI,
        "sub": SUBJECT,
        "aud": audience,
        "iat": int(now),
        "exp": int(now) + 600,
        "repository": "corp/app",
        "groups": ["builders", "readers"],
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def signed(of: dict[str, Any], *, key: int = 0, key_id: str | None = "r1") -> str:
    """Return claims as an RS256 token."""
    return jwt.encode(of, jwt.signer(rsa_key(key)), key_id=key_id)


def signed_es256(of: dict[str, Any], **header: Any) -> str:
    """Return claims as an ES256 token."""
    parts = ({"alg": "ES256", "typ": "JWT", "kid": "e1", **header}, of)
    text = ".".join(base64url.encode(json.dumps(part).encode()) for part in parts)
    r, s = decode_dss_signature(ec_key().sign(text.encode(), ec.ECDSA(SHA256())))
    return f"{text}.{base64url.encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _text(number: int, size: int) -> str:
    return base64url.encode(number.to_bytes(size, "big"))
