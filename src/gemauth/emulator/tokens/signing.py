"""The keys that sign id tokens: two live ones, each published before it signs.

Source: google-oauth.md 2.2. Made when first needed, in a thread, since two RSA keys take longer
than the emulator's start may. A decision inside a transaction asks for `current`; where no key is
fit that raises `KeysDueError`, and `with_keys` has one made and the decision taken again.
Read by `id_token` and `authserver/certificates.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import anyio.to_thread

from gemauth.emulator.storage.records import SigningKey
from gemauth.emulator.tokens.key_pair import make_key_pair
from gemauth.errors import GemauthError
from gemauth.oauth.jwt import signer

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.emulator.context import Context, Entropy
    from gemauth.emulator.storage.store import Transaction

__all__ = [
    "MAX_AGE",
    "ROTATION",
    "KeysDueError",
    "current",
    "provide",
    "published",
    "sign_with",
    "sign_with_pem",
    "with_keys",
]

_T = TypeVar("_T")

LIVE = 2
MAX_AGE = 3600  # seconds that readers may keep the published keys, told in Cache-Control
ROTATION = 7 * 86400  # seconds after which the newest key gets a successor


class KeysDueError(GemauthError):
    """No signing key is fit for use: `provide` has to make one first."""

    async def provide(self, context: Context) -> None:
        """Make what is missing, before the decision is taken again."""
        await provide(context)


def published(tx: Transaction) -> list[SigningKey]:
    """Return the live keys, the oldest first."""
    return tx.find(SigningKey)


def current(tx: Transaction, now: float) -> SigningKey:
    """Return the key that signs: the newest that every reader has had the time to learn of.

    Raises:
        KeysDueError: there are no keys yet, or the newest is due for a successor.
    """
    keys = published(tx)
    if _is_due(keys, now):
        raise KeysDueError("The emulator's signing keys are due.")
    known = [key for key in keys if key.created_at <= now - MAX_AGE]
    return known[-1] if known else keys[0]


async def provide(context: Context) -> None:
    """Make the keys that are due; of two callers at once the second changes nothing."""
    now = context.clock.now()
    with context.store.read() as tx:
        keys = published(tx)
    if not _is_due(keys, now):
        return
    made = [
        await anyio.to_thread.run_sync(_make, now, context.entropy)
        for _ in range(max(1, LIVE - len(keys)))
    ]
    with context.store.write() as tx:
        if not _is_due(published(tx), now):
            return
        for key in made:
            tx.add(key)
        for old in published(tx)[:-LIVE]:
            tx.remove(SigningKey, old.key_id)


async def with_keys(context: Context, decide: Callable[[], _T]) -> _T:
    """Return what is decided, again whenever a key had to be made for it first."""
    while True:
        try:
            return decide()
        except KeysDueError as due:
            await due.provide(context)


def sign_with(key: SigningKey) -> Callable[[bytes], bytes]:
    """Return the function that signs with a key."""
    return sign_with_pem(key.private_pem)


def _is_due(keys: list[SigningKey], now: float) -> bool:
    return len(keys) < LIVE or keys[-1].created_at <= now - ROTATION


@lru_cache(maxsize=32)
def sign_with_pem(private_pem: str) -> Callable[[bytes], bytes]:
    """Return the function that signs with an RSA key; reading one takes a millisecond."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(private_pem.encode("ascii"), password=None)
    assert isinstance(key, RSAPrivateKey)
    return signer(key)


def _make(now: float, entropy: Entropy) -> SigningKey:
    # Readers that check the certificate must find it valid as long as it is published.
    pair = make_key_pair("gemauth emulator id tokens", now, days=365)
    return SigningKey(entropy(20).hex(), pair.private_pem, pair.certificate_pem, created_at=now)
