"""A service account's key that somebody holds: kept by its public half, handed out once as a file.

google-oauth.md 5.1 and section 3. Made by the IAM API (`cloud/keys.py`) and by the control room.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.storage.records import ServiceAccountKey as KeyRecord
from gemauth.google import endpoints
from gemauth.google.credentials import EMULATED_KEY_ID, ServiceAccountKey
from gemauth.google.status import Code, Status, StatusError, retry_info

if TYPE_CHECKING:
    from gemauth.emulator.context import Entropy
    from gemauth.emulator.storage.records import ServiceAccount
    from gemauth.emulator.storage.store import Transaction

__all__ = ["MOST_KEYS", "add_key", "key_file"]

MOST_KEYS = 10
"""Keys of this kind that an account may have."""
_WAIT = 60  # seconds


def add_key(
    tx: Transaction,
    now: float,
    entropy: Entropy,
    account: ServiceAccount,
    certificate: str,
    *,
    origin: str,
    valid_before: float | None = None,
) -> KeyRecord:
    """Keep a key's certificate (PEM); `origin` is GOOGLE_PROVIDED or USER_PROVIDED.

    `valid_before` is its end (epoch seconds); None for ever.

    Raises:
        StatusError: RESOURCE_EXHAUSTED: the account has as many as it may.
    """
    owned = tx.find(KeyRecord, unique_id=account.unique_id, type="USER_MANAGED")
    if len(owned) >= MOST_KEYS:
        # Google has answered both 429 and 400 here (5.1); the older of the two names the cause.
        # How long its RetryInfo says to wait is not known.
        message = "Maximum number of keys on account reached."
        raise StatusError(Status(Code.RESOURCE_EXHAUSTED, message, (retry_info(_WAIT),)))
    key = KeyRecord(
        key_id=EMULATED_KEY_ID + entropy(17).hex(),
        unique_id=account.unique_id,
        certificate_pem=certificate,
        origin=origin,
        type="USER_MANAGED",
        disabled=False,
        valid_after=now,
        valid_before=valid_before,
        private_pem=None,
    )
    tx.add(key)
    return key


def key_file(
    account: ServiceAccount, key: KeyRecord, private_pem: str, base: str
) -> ServiceAccountKey:
    """Return the file of a key whose addresses are of a base such as `http://127.0.0.1:8085`.

    A base of Google's names, of a caller behind the proxy, makes it name Google's own addresses.

    google-auth honours a key file's `token_uri` (6.3), so it exchanges assertions there.
    """
    urls = endpoints.at(base)
    return ServiceAccountKey(
        client_email=account.email,
        token_uri=urls.token,
        private_key=private_pem,
        private_key_id=key.key_id,
        project_id=account.project_id,
        client_id=account.unique_id,
    ).at(urls)
