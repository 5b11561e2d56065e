"""A service account's own key, which Google keeps and signs with: SYSTEM_MANAGED (5.1, 5.2).

Every account has one; here it is made when it is first needed, in a thread, like the keys in
`signing`. It signs for a week and is published for a second one, which is more than the 12 hours
that the IAM Credentials API promises to readers. Signed with by `cloud/iam_credentials.py`, listed
by `cloud/keys.py` and published by `authserver/certificates.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio.to_thread

from gemauth.emulator.storage.records import ServiceAccount, ServiceAccountKey
from gemauth.emulator.tokens.key_pair import make_key_pair
from gemauth.emulator.tokens.signing import KeysDueError, sign_with_pem

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.emulator.context import Context
    from gemauth.emulator.storage.store import Transaction

__all__ = ["SYSTEM_MANAGED", "SystemKeyDueError", "current", "sign_with"]

SYSTEM_MANAGED = "SYSTEM_MANAGED"
SIGNS = 7 * 86400  # seconds; Google gives no number
LIVES = 2 * SIGNS


class SystemKeyDueError(KeysDueError):
    """An account has no key that signs: one has to be made first."""

    def __init__(self, unique_id: str) -> None:
        super().__init__(f"The system-managed key of the service account {unique_id} is due.")
        self.unique_id = unique_id

    async def provide(self, context: Context) -> None:
        """Make the key; of two callers at once the second changes nothing."""
        now = context.clock.now()
        pair = await anyio.to_thread.run_sync(make_key_pair, self.unique_id, now)
        with context.store.write() as tx:
            if _signing(tx, now, self.unique_id) or tx.get(ServiceAccount, self.unique_id) is None:
                return
            for key in _system_keys(tx, self.unique_id):
                if key.valid_before is not None and key.valid_before <= now:
                    tx.remove(ServiceAccountKey, key.key_id)
            tx.add(
                ServiceAccountKey(
                    key_id=context.entropy(20).hex(),
                    unique_id=self.unique_id,
                    certificate_pem=pair.certificate_pem,
                    origin="GOOGLE_PROVIDED",
                    type=SYSTEM_MANAGED,
                    disabled=False,
                    valid_after=now,
                    valid_before=now + LIVES,
                    private_pem=pair.private_pem,
                )
            )


def current(tx: Transaction, now: float, account: ServiceAccount) -> ServiceAccountKey:
    """Return the key that signs for an account.

    Raises:
        SystemKeyDueError: there is none yet, or the newest is due for a successor.
    """
    key = _signing(tx, now, account.unique_id)
    if key is None:
        raise SystemKeyDueError(account.unique_id)
    return key


def sign_with(key: ServiceAccountKey) -> Callable[[bytes], bytes]:
    """Return the function that signs with a system-managed key."""
    assert key.private_pem is not None
    return sign_with_pem(key.private_pem)


def _signing(tx: Transaction, now: float, unique_id: str) -> ServiceAccountKey | None:
    keys = _system_keys(tx, unique_id)
    return keys[-1] if keys and keys[-1].valid_after > now - SIGNS else None


def _system_keys(tx: Transaction, unique_id: str) -> list[ServiceAccountKey]:
    return tx.find(ServiceAccountKey, unique_id=unique_id, type=SYSTEM_MANAGED)
