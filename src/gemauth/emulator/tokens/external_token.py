"""OIDC tokens of other issuers, checked: signature, issuer, audience, time.

What a token must hold is written with `subjectToken` in the Security Token Service's v1 reference:
`kid`, `alg` RS256 or ES256, `iss`, `sub`, `aud`, `exp`, and an `iat` of the last 24 hours. Keys are
a provider's JWK set (RFC 7517), or the emulator's own where it is the issuer. Read by
`authserver/token_exchange.py`.
"""

from __future__ import annotations

import json
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from gemauth.emulator.tokens.assertion import SKEW, moment
from gemauth.errors import CredentialError
from gemauth.oauth import base64url
from gemauth.oauth.jwt import Jwt, MalformedJwt, decode, verifies

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    Key: TypeAlias = RSAPublicKey | EllipticCurvePublicKey

__all__ = ["ExternalTokenRefused", "JwkSetError", "Problem", "check", "expiry", "read_jwk_set"]

OLDEST = 24 * 3600  # seconds since iat
_SHOWN = 200  # characters of a claim that a refusal repeats
_COORDINATE = 32  # bytes of a P-256 coordinate, and of either half of an ES256 signature


class Problem(Enum):
    """What is wrong with a token; the value says it to a person."""

    MALFORMED = "it is no signed JWT"
    KEY = "its kid names none of the issuer's keys"
    SIGNATURE = "its signature is not the issuer's, or not RS256 or ES256"
    ISSUER = "its iss is not the provider's issuerUri"
    AUDIENCE = "its aud is not one that the provider allows"
    SUBJECT = "it has no sub"
    TIME = "it has no iat, one in the future, or no exp"
    NOT_YET = "its nbf is in the future or no time"
    OLD = "its iat is more than 24 hours past"
    EXPIRED = "its exp has passed"


class ExternalTokenRefused(CredentialError):  # noqa: N818  # the room words it as its own
    """A token proves nothing; `problem` is the first reason, `found` the claim that shows it."""

    def __init__(self, problem: Problem, found: str = "") -> None:
        super().__init__(f"The token is refused: {problem.value}.")
        self.problem = problem
        self.found = found


class JwkSetError(ValueError):
    """Text that is no JWK set of RSA and P-256 keys; the message says why."""


def check(
    now: float, token: str, keys: Mapping[str, Key], issuer: str, audiences: Collection[str]
) -> Mapping[str, Any]:
    """Return the claims of a token that can be believed.

    Args:
        now: seconds since the epoch.
        token: the compact JWS.
        keys: the issuer's public keys by their ids.
        issuer: what `iss` must be.
        audiences: those that `aud` may name.

    Raises:
        ExternalTokenRefused: with the first problem.
    """
    try:
        jwt = decode(token)
    except MalformedJwt:
        raise ExternalTokenRefused(Problem.MALFORMED) from None
    key_id = jwt.header.get("kid")
    key = keys.get(key_id) if isinstance(key_id, str) else None
    if key is None:
        raise ExternalTokenRefused(Problem.KEY)
    # RFC 7515 section 4.1.11: what is marked critical and not known ends the reading.
    if "crit" in jwt.header or not _verifies(jwt, key):
        raise ExternalTokenRefused(Problem.SIGNATURE)
    claims = jwt.claims
    if claims.get("iss") != issuer:
        raise ExternalTokenRefused(Problem.ISSUER, str(claims.get("iss", ""))[:_SHOWN])
    named = claims.get("aud")
    listed = named if isinstance(named, list) else [named]
    if not any(one in audiences for one in listed):
        shown = ", ".join(str(one) for one in listed if one is not None)
        raise ExternalTokenRefused(Problem.AUDIENCE, shown[:_SHOWN])
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise ExternalTokenRefused(Problem.SUBJECT)
    _check_times(now, claims)
    return claims


def expiry(claims: Mapping[str, Any]) -> float:
    """Return when a checked token ends, in seconds since the epoch."""
    ends = moment(claims["exp"])
    assert ends is not None, "checked"
    return ends


def _check_times(now: float, claims: Mapping[str, Any]) -> None:
    """RFC 7519 sections 4.1.4 to 4.1.6; Google's page says nothing of `nbf`."""
    issued_at, expires_at = moment(claims.get("iat")), moment(claims.get("exp"))
    if issued_at is None or expires_at is None or issued_at > now + SKEW:
        raise ExternalTokenRefused(Problem.TIME)
    begins = moment(claims.get("nbf", issued_at))
    if begins is None or begins > now + SKEW:
        raise ExternalTokenRefused(Problem.NOT_YET)
    if issued_at < now - OLDEST:
        raise ExternalTokenRefused(Problem.OLD, str(int(issued_at)))
    if expires_at <= now:
        raise ExternalTokenRefused(Problem.EXPIRED, str(int(issued_at)))


@lru_cache(maxsize=64)
def read_jwk_set(text: str) -> Mapping[str, Key]:
    """Return the public keys of a JWK set (RFC 7517 section 5) by their ids.

    Raises:
        JwkSetError: it is none, or has a key of another kind.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise JwkSetError("it is no JSON") from None
    listed = body.get("keys") if isinstance(body, dict) else None
    if not isinstance(listed, list) or not listed:
        raise JwkSetError('it has no list of "keys"')
    keys: dict[str, Key] = {}
    for member in listed:
        key_id = member.get("kid") if isinstance(member, dict) else None
        if not isinstance(key_id, str) or not key_id or key_id in keys:
            raise JwkSetError("every key needs a kid of its own")
        if "d" in member:
            raise JwkSetError(f"the key {key_id} is a private one")
        try:
            keys[key_id] = _key(member)
        except (KeyError, TypeError, ValueError):
            raise JwkSetError(f"the key {key_id} is neither RSA nor EC on P-256") from None
    return keys


def _key(member: Mapping[str, Any]) -> Key:
    """Return the key of a JWK (RFC 7518 section 6)."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # slow import, wanted by few

    def number(name: str) -> int:
        return int.from_bytes(base64url.decode(member[name]), "big")

    if member["kty"] == "RSA" and member.get("alg", "RS256") == "RS256":
        return rsa.RSAPublicNumbers(number("e"), number("n")).public_key()
    if member["kty"] == "EC" and member["crv"] == "P-256":
        curve = ec.SECP256R1()
        return ec.EllipticCurvePublicNumbers(number("x"), number("y"), curve).public_key()
    raise ValueError(member["kty"])


def _verifies(jwt: Jwt, key: Key) -> bool:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # slow import

    return verifies(jwt, key) if isinstance(key, RSAPublicKey) else _verifies_es256(jwt, key)


def _verifies_es256(jwt: Jwt, key: EllipticCurvePublicKey) -> bool:
    """RFC 7518 section 3.4: the signature is two numbers, one after the other."""
    from cryptography.exceptions import InvalidSignature  # slow imports, wanted by few
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    raw = jwt.signature
    if jwt.header.get("alg") != "ES256" or len(raw) != 2 * _COORDINATE:
        return False
    halves = (int.from_bytes(half, "big") for half in (raw[:_COORDINATE], raw[_COORDINATE:]))
    try:
        key.verify(encode_dss_signature(*halves), jwt.signing_input, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
