"""JWTs that service accounts sign themselves, checked: who signed, for whom, until when.

RFC 7523 section 3; google-oauth.md 2.1 (jwt rows) and 5.7. Read by `verify` (a JWT as bearer)
and by `authserver/grants/jwt_bearer.py` (a JWT for a token), which word the problems their own way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gemauth.emulator.storage.records import Project, ServiceAccount, ServiceAccountKey
from gemauth.errors import CredentialError
from gemauth.oauth.jwt import Jwt, MalformedJwt, decode, verifies

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from gemauth.emulator.storage.store import Transaction

__all__ = [
    "LONGEST",
    "SKEW",
    "Assertion",
    "AssertionRefused",
    "Problem",
    "check",
    "find_account",
    "moment",
    "public_key",
]

LONGEST = 3600  # seconds between iat and exp (section 3)
SKEW = 60  # seconds that a signer's clock may be ahead: our choice, Google's is not documented


class Problem(Enum):
    """What is wrong with an assertion; the value says it to a person."""

    MALFORMED = "it is no signed JWT"
    ISSUER = "its iss is neither an e-mail address nor a user ID"
    ACCOUNT = "its iss is no service account, or a deleted one"
    SIGNATURE = "it was not signed by an enabled key of its issuer"
    AUDIENCE = "its aud is not this server"
    TIME = "its iat and exp are missing, in the future or more than an hour apart"
    EXPIRED = "its exp has passed"
    DISABLED = "its service account is disabled"


class AssertionRefused(CredentialError):  # noqa: N818  # rooms word it as their own
    """An assertion proves nothing; `problem` is the first reason found."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"The assertion is refused: {problem.value}.")
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion whose signer, audience and time are proved; `claims` are the signer's words."""

    account: ServiceAccount
    claims: Mapping[str, Any]
    expires_at: float

    def text(self, name: str) -> str | None:
        """Return a claim that is a string and not empty, or None."""
        value = self.claims.get(name)
        return value if isinstance(value, str) and value else None


def check(
    tx: Transaction,
    now: float,
    token: str,
    is_audience: Callable[[Mapping[str, Any]], bool],
    *,
    unnamed_key: bool = False,
) -> Assertion:
    """Return a token's assertion, if all of it can be believed.

    Args:
        tx: any transaction.
        now: seconds since the epoch.
        token: the compact JWS.
        is_audience: whether the claims are meant for the caller.
        unnamed_key: whether a token without `kid` may be of any of the account's keys.

    Raises:
        AssertionRefused: with the first problem.
    """
    try:
        jwt = decode(token)
    except MalformedJwt:
        raise AssertionRefused(Problem.MALFORMED) from None
    issuer = jwt.claims.get("iss")
    if not isinstance(issuer, str) or not ("@" in issuer or issuer.isdecimal()):
        raise AssertionRefused(Problem.ISSUER)
    # The account comes before the signature: an account's end takes its keys along, and the answer
    # that developers get then names the account (section 2.1).
    account = find_account(tx, issuer)
    if account is None:
        raise AssertionRefused(Problem.ACCOUNT)
    if not _is_signed_by(tx, now, account, jwt, unnamed_key=unnamed_key):
        raise AssertionRefused(Problem.SIGNATURE)
    if not is_audience(jwt.claims):
        raise AssertionRefused(Problem.AUDIENCE)
    expires_at = _check_times(now, jwt)
    if account.disabled:
        raise AssertionRefused(Problem.DISABLED)
    return Assertion(account, jwt.claims, expires_at)


def find_account(tx: Transaction, email_or_id: str) -> ServiceAccount | None:
    """Return the live service account of a live project with an e-mail address or unique id."""
    if not _is_storable(email_or_id):
        return None
    if "@" in email_or_id:
        found = tx.find(ServiceAccount, email=email_or_id.lower())
    else:
        by_id = tx.get(ServiceAccount, email_or_id)
        found = [] if by_id is None else [by_id]
    # A deleted account keeps its record for 30 days, beside one made anew under its address.
    account = next((one for one in found if one.deleted_at is None), None)
    if account is None:
        return None
    project = tx.get(Project, account.project_id)
    return account if project is not None and project.state == "ACTIVE" else None


@lru_cache(maxsize=256)
def public_key(certificate_pem: str) -> RSAPublicKey:
    """Return the RSA key in a certificate; reading one takes longer than checking a signature."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import load_pem_x509_certificate

    key = load_pem_x509_certificate(certificate_pem.encode("ascii")).public_key()
    if not isinstance(key, RSAPublicKey):
        raise TypeError(f"a service account's certificate holds a {type(key).__name__}")
    return key


def _is_signed_by(
    tx: Transaction, now: float, account: ServiceAccount, jwt: Jwt, *, unnamed_key: bool
) -> bool:
    # RFC 7515 section 4.1.11: what is marked critical and not known ends the reading.
    if "crit" in jwt.header:
        return False
    keys = [
        key
        for key in _keys(tx, account, jwt, unnamed_key=unnamed_key)
        if not key.disabled and (key.valid_before is None or key.valid_before > now)
    ]
    return any(verifies(jwt, public_key(key.certificate_pem)) for key in keys)


def _keys(
    tx: Transaction, account: ServiceAccount, jwt: Jwt, *, unnamed_key: bool
) -> list[ServiceAccountKey]:
    """Return the account's keys that may have signed a JWT: ten at most, as many as it can have."""
    if unnamed_key and "kid" not in jwt.header:
        return tx.find(ServiceAccountKey, unique_id=account.unique_id)
    key_id = jwt.header.get("kid")
    if not isinstance(key_id, str) or not _is_storable(key_id):
        return []
    key = tx.get(ServiceAccountKey, key_id)
    return [key] if key is not None and key.unique_id == account.unique_id else []


def _check_times(now: float, jwt: Jwt) -> float:
    issued_at, expires_at = moment(jwt.claims.get("iat")), moment(jwt.claims.get("exp"))
    if issued_at is None or expires_at is None or issued_at > now + SKEW:
        raise AssertionRefused(Problem.TIME)
    if not issued_at <= expires_at <= issued_at + LONGEST:
        raise AssertionRefused(Problem.TIME)
    if expires_at <= now:
        raise AssertionRefused(Problem.EXPIRED)
    return expires_at


def moment(value: Any) -> float | None:  # noqa: ANN401  # any JSON
    """Return a NumericDate (RFC 7519 section 2); Python's JSON also reads NaN and huge integers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None


def _is_storable(text: str) -> bool:
    """Whether text has a UTF-8 form: JSON can spell lone surrogates, which no record can hold."""
    return text.isprintable()
