"""People: made, found by e-mail address or `sub`, listed. No password exists anywhere.

Source: google-oauth.md section 2.2 (`sub` is a stable 21-digit decimal). The sign-in pages read
them; the control API and the seed file make them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from gemauth.emulator.storage.records import Account, BrowserSession, GroupMember
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from gemauth.emulator.context import Entropy
    from gemauth.emulator.storage.store import Transaction

__all__ = [
    "InvalidEmailError",
    "by_email",
    "create",
    "everyone",
    "new_id",
    "normal",
    "remove",
    "rename",
    "resolve",
]

# What can be an address here: one @, a dotted domain, nothing that needs quoting (RFC 5321 4.1.2).
_ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)
# Consumer addresses: an account there belongs to no Workspace domain, so it has no `hd`.
_CONSUMER_DOMAINS = frozenset({"gmail.com", "googlemail.com"})
_ROBOTS = ".gserviceaccount.com"


class InvalidEmailError(UsageError):
    """The text is no e-mail address."""


def normal(email: str) -> str:
    """Return an e-mail address as the emulator keeps and compares it: lower case, no space around.

    Raises:
        InvalidEmailError: it is none.
    """
    address = email.strip().lower()
    if len(address) > 254 or _ADDRESS.fullmatch(address) is None:
        raise InvalidEmailError(
            f"{email[:80]!r} is no e-mail address.", next_step="Write it like ada@example.com."
        )
    return address


def new_id(entropy: Entropy) -> str:
    """Return a new `sub` or `uniqueId`: 21 digits, the first of them 1."""
    return f"1{int.from_bytes(entropy(16), 'big') % 10**20:020d}"


def create(
    tx: Transaction,
    now: float,
    entropy: Entropy,
    email: str,
    *,
    name: str = "",
    workspace: bool = False,
) -> Account:
    """Keep a new person.

    Args:
        tx: a write transaction.
        now: epoch seconds.
        entropy: the source of the `sub`.
        email: the address, in any case.
        name: the full name; the address' local part where empty.
        workspace: whether the address' domain is a Workspace domain (the `hd` of tokens).

    Raises:
        InvalidEmailError: the address is none or a service account's, or is a consumer one and
            `workspace` is set.
        Conflict: somebody has this address.
    """
    address = normal(email)
    local, _, domain = address.partition("@")
    if domain.endswith(_ROBOTS):
        # It would hold every role that the service account of this address has.
        raise InvalidEmailError(
            f"{domain} is for service accounts, not for people.",
            next_step="Use an address of another domain.",
        )
    if workspace and domain in _CONSUMER_DOMAINS:
        raise InvalidEmailError(
            f"{domain} is no Workspace domain.",
            next_step="Leave the Workspace option out, or use an address of another domain.",
        )
    names = _parts(name.strip() or local)
    account = Account(new_id(entropy), address, *names, domain if workspace else None, now)
    tx.add(account)
    return account


def rename(tx: Transaction, account: Account, name: str) -> Account:
    """Give a person another name; the address is who they are."""
    full, given, family = _parts(name)
    changed = replace(account, name=full, given_name=given, family_name=family)
    tx.replace(changed)
    return changed


def by_email(tx: Transaction, email: str) -> Account | None:
    """Return the person with an e-mail address in any case, or None."""
    found = tx.find(Account, email=email.strip().lower())
    return found[0] if found else None


def resolve(tx: Transaction, hint: str) -> Account | None:
    """Return the person that a `login_hint` names, by e-mail address or `sub`."""
    return by_email(tx, hint) if "@" in hint else tx.get(Account, hint)


def everyone(tx: Transaction) -> list[Account]:
    """Return all people, the oldest account first."""
    return tx.find(Account)


def remove(tx: Transaction, email: str) -> Account | None:
    """Delete a person with their place in groups and browsers; None if there is no such person.

    Their grants and tokens stay in storage and are refused, because `sub` no longer names anybody.
    """
    account = by_email(tx, email)
    if account is None:
        return None
    tx.remove(Account, account.sub)
    for membership in tx.find(GroupMember, member_email=account.email):
        tx.remove(GroupMember, membership.group_email, membership.member_email)
    for session in tx.find(BrowserSession):
        if account.sub in session.subs:
            left = tuple(sub for sub in session.subs if sub != account.sub)
            tx.replace(BrowserSession(session.session_hash, left, session.expires_at))
    return account


def _parts(name: str) -> tuple[str, str, str]:
    """Return a full name, its first word as the given name, and the rest as the family name."""
    full = " ".join(name.split())
    given, _, family = full.partition(" ")
    return full, given, family
