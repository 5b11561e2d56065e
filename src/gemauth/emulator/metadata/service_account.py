"""The attached service account's tokens: access tokens, kept until nearly over, and id tokens.

Source: google-oauth.md 5.6 and section 3: a token is answered again until five minutes before its
end, so `expires_in` shrinks; on Compute Engine the `scopes` of a request are ignored, on Cloud Run
they count. Tokens come from `tokens/issue.py`, as everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import AccessToken
from gemauth.emulator.tokens import id_token
from gemauth.emulator.tokens.issue import ServiceAccess, issue

if TYPE_CHECKING:
    from gemauth.emulator.context import Entropy
    from gemauth.emulator.metadata.machine import Machine
    from gemauth.emulator.storage.records import ServiceAccount
    from gemauth.emulator.storage.store import Transaction

__all__ = ["Tokens", "identity"]

_RENEWAL = 300  # seconds before a token's end
_MOST = 100


class Tokens:
    """The access tokens that a machine's programs have got, in memory only."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._kept: dict[tuple[str, tuple[str, ...]], tuple[str, float]] = {}

    def token(
        self, tx: Transaction, now: float, account: ServiceAccount, scopes: tuple[str, ...]
    ) -> dict[str, Any]:
        """Return the answer with an access token: the last one while it is good, else a new one."""
        key = (account.unique_id, scopes)
        token, ends = self._kept.get(key, ("", 0.0))
        if ends - now <= _RENEWAL or tx.get(AccessToken, digest(token)) is None:
            made = issue(tx, now, self._entropy, ServiceAccess(account, scopes))
            assert made.access_token is not None
            assert made.expires_in is not None
            token, ends = made.access_token, now + made.expires_in
            if len(self._kept) >= _MOST:
                self._kept.clear()
            self._kept[key] = token, ends
        return {"access_token": token, "expires_in": int(ends - now), "token_type": "Bearer"}


def identity(
    tx: Transaction,
    now: float,
    machine: Machine,
    account: ServiceAccount,
    audience: str,
    *,
    full: bool,
) -> str:
    """Return an id token for an audience; a `full` one says which machine asked.

    On Compute Engine only a full one has the e-mail address; Cloud Run's always do
    (github.com/googleapis/google-auth-library-nodejs, pull request 874; cloudendpoints/esp,
    issue 675).

    Raises:
        KeysDueError: see `tokens/signing.py`.
    """
    instance = {
        "project_id": machine.project.project_id,
        "project_number": int(machine.project.number),
        "zone": machine.zone,
        "instance_id": str(machine.instance_id),
        "instance_name": machine.name,
        "instance_creation_timestamp": int(machine.server.created_at),
    }
    more: dict[str, Any] = {}
    if full:
        more = {"google": {"compute_engine": instance}}
    elif machine.server.platform == "compute-engine":
        more = {"email": None, "email_verified": None}
    return id_token.for_service_account(tx, now, account, audience, extra=more)
