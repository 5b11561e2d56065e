"""The public keys: those that sign id tokens, and each service account's (google-oauth.md 2.2).

As a JWK set (RFC 7517) and as a map from key id to X.509 certificate, which google-auth reads.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from gemauth.emulator.reply import json_reply, status_reply
from gemauth.emulator.storage.records import ServiceAccountKey
from gemauth.emulator.tokens import system_key
from gemauth.emulator.tokens.assertion import find_account, public_key
from gemauth.emulator.tokens.signing import MAX_AGE, provide, published, with_keys
from gemauth.google.status import Code, Status, StatusError
from gemauth.oauth import base64url

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from gemauth.emulator.context import Context
    from gemauth.emulator.storage.store import Transaction

__all__ = ["Writer", "jwk_set", "of_service_account", "own_keys", "x509_map"]

CACHEABLE = {"Cache-Control": f"public, max-age={MAX_AGE}, must-revalidate, no-transform"}
# A service account's keys may be disabled at any moment, and readers should see it soon.
CACHEABLE_BRIEFLY = {"Cache-Control": "public, max-age=60, must-revalidate, no-transform"}

Writer = Callable[[dict[str, str]], dict[str, Any]]


def x509_map(certificates: dict[str, str]) -> dict[str, Any]:
    """Return key ids and PEM certificates as they are: the older form."""
    return dict(certificates)


def jwk_set(certificates: dict[str, str]) -> dict[str, Any]:
    """Return the RSA keys of certificates as a JWK set (RFC 7517, RFC 7518 section 6.3.1)."""
    return {"keys": [_jwk(key_id, pem) for key_id, pem in certificates.items()]}


def own_keys(context: Context, write: Writer) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint for the keys that sign id tokens; the first reader has them made."""

    async def certificates(_request: Request) -> Response:
        await provide(context)
        with context.store.read() as tx:
            keys = {key.key_id: key.certificate_pem for key in published(tx)}
        return json_reply(write(keys), 200, CACHEABLE)

    return certificates


def of_service_account(context: Context, write: Writer) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint for the keys of the account in the path, by e-mail or unique id."""

    def decided(name: str) -> dict[str, str] | None:
        with context.store.read() as tx:
            return _account_keys(tx, context.clock.now(), name)

    async def certificates(request: Request) -> Response:
        name = request.path_params["account"]
        keys = await with_keys(context, lambda: decided(name))
        if keys is None:
            return status_reply(StatusError(Status(Code.NOT_FOUND, "Account does not exist.")))
        return json_reply(write(keys), 200, CACHEABLE_BRIEFLY)

    return certificates


def _account_keys(tx: Transaction, now: float, email_or_id: str) -> dict[str, str] | None:
    account = find_account(tx, email_or_id)
    if account is None:
        return None
    # Published before it signs: readers may keep what they have read for a while.
    system_key.current(tx, now, account)
    return {
        key.key_id: key.certificate_pem
        for key in tx.find(ServiceAccountKey, unique_id=account.unique_id)
        if not key.disabled and (key.valid_before is None or key.valid_before > now)
    }


def _jwk(key_id: str, certificate_pem: str) -> dict[str, str]:
    numbers = public_key(certificate_pem).public_numbers()
    return {
        "kty": "RSA",
        "alg": "RS256",
        "use": "sig",
        "kid": key_id,
        "n": _base64url_uint(numbers.n),
        "e": _base64url_uint(numbers.e),
    }


def _base64url_uint(number: int) -> str:
    """Return a number as RFC 7518 section 2 writes it: big-endian, in as few bytes as it takes."""
    return base64url.encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))
