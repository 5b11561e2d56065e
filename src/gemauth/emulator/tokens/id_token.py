"""ID tokens: written for people and service accounts, and read back.

OIDC core section 2, google-oauth.md 2.2. Written by `issue`; read by `authserver/tokeninfo.py`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from gemauth.emulator.tokens import lifetimes, signing
from gemauth.emulator.tokens.assertion import public_key
from gemauth.google.endpoints import GOOGLE
from gemauth.google.scopes import EMAIL, PROFILE
from gemauth.oauth import base64url
from gemauth.oauth.jwt import Jwt, MalformedJwt, decode, encode, verifies

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gemauth.emulator.storage.records import Account, ServiceAccount
    from gemauth.emulator.storage.store import Transaction

__all__ = ["for_person", "for_service_account", "read"]


def for_person(
    tx: Transaction,
    now: float,
    account: Account,
    *,
    client_id: str,
    scopes: Collection[str],
    access_token: str,
    nonce: str | None,
) -> str:
    """Return a person's id token for a client, bound to the access token beside it.

    Raises:
        KeysDueError: see `signing`.
    """
    claims: dict[str, Any] = {"azp": client_id, "aud": client_id, "sub": account.sub}
    if account.domain is not None:
        claims["hd"] = account.domain
    if EMAIL in scopes:
        claims |= {"email": account.email, "email_verified": True}
    claims["at_hash"] = _half_hash(access_token)
    if nonce is not None:
        claims["nonce"] = nonce
    if PROFILE in scopes:
        claims |= {"name": account.name, "given_name": account.given_name}
        if account.family_name:
            claims["family_name"] = account.family_name
    return _sign(tx, now, claims)


def for_service_account(
    tx: Transaction,
    now: float,
    account: ServiceAccount,
    audience: str,
    extra: Mapping[str, Any],
) -> str:
    """Return a service account's id token for an audience.

    `extra` claims come in the place of the usual ones; None leaves a claim out.

    Raises:
        KeysDueError: see `signing`.
    """
    claims = {
        "aud": audience,
        "azp": account.email,
        "email": account.email,
        "email_verified": True,
        "sub": account.unique_id,
        **extra,
    }
    return _sign(tx, now, {name: value for name, value in claims.items() if value is not None})


def read(tx: Transaction, now: float, token: str) -> Jwt | None:
    """Return an id token that this emulator signed and whose time is not over, or None."""
    try:
        jwt = decode(token)
    except MalformedJwt:
        return None
    key_id = jwt.header.get("kid")
    key = next((key for key in signing.published(tx) if key.key_id == key_id), None)
    if key is None or not verifies(jwt, public_key(key.certificate_pem)):
        return None
    # Nobody else signs with these keys: `exp` is the whole number that `_sign` wrote.
    return jwt if now < jwt.claims["exp"] else None


def _sign(tx: Transaction, now: float, claims: dict[str, Any]) -> str:
    key = signing.current(tx, now)
    issued_at = int(now)
    whole = {
        # The emulator answers with Google's issuer, since official verifiers accept no other.
        "iss": GOOGLE.issuer,
        **claims,
        "iat": issued_at,
        "exp": issued_at + lifetimes.ID_TOKEN,
    }
    return encode(whole, signing.sign_with(key), key_id=key.key_id)


def _half_hash(access_token: str) -> str:
    """Return `at_hash`: the left half of the SHA-256, in base64url (OIDC core 3.1.3.6)."""
    return base64url.encode(hashlib.sha256(access_token.encode("ascii")).digest()[:16])
