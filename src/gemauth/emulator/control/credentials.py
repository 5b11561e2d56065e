"""Credential files that official clients spend at a plain emulator: no proxy, no certificate.

google-oauth.md 9.1: google-auth takes the token endpoint from a file for two types only. For a
person that is `external_account_authorized_user`, whose consent is recorded like a sign-in's; for
a service account it is its key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio.to_thread

from gemauth.emulator.control import clients, projects
from gemauth.emulator.control.accounts import find_account
from gemauth.emulator.control.consent_screens import find_consent_screen
from gemauth.emulator.control.document import invalid
from gemauth.emulator.control.endpoint import Answer, not_found, precondition
from gemauth.emulator.control.grants import NewGrant, read_scopes
from gemauth.emulator.control.grants import create as create_grant
from gemauth.emulator.iam.audience import Exclusion, exclusion
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import (
    ClientSecretHash,
    ConsentScreen,
    Project,
    ServiceAccount,
)
from gemauth.emulator.tokens.key_pair import KeyPair, make_key_pair
from gemauth.emulator.tokens.user_managed_key import add_key, key_file
from gemauth.google import scopes as google_scopes
from gemauth.google.credentials import ExternalAccountAuthorizedUser

if TYPE_CHECKING:
    from gemauth.emulator.context import Context, Entropy
    from gemauth.emulator.control.document import Members
    from gemauth.emulator.storage.records import Account, OAuthClient
    from gemauth.emulator.storage.store import Transaction

__all__ = ["NewCredentials", "create", "create_key", "prepare_key_pair"]


@dataclass(frozen=True, slots=True)
class NewCredentials:
    """A person's credentials to be made.

    Args:
        account: whose.
        scopes: what the person consents to.
        project: counts the calls, and has the OAuth client where none is named.
        client: id and secret of the OAuth client that the consent is given to; None has a new
            desktop client made for it.
    """

    account: str
    scopes: tuple[str, ...]
    project: str | None
    client: tuple[str, str] | None = field(repr=False)

    @classmethod
    def read(cls, body: Members) -> NewCredentials:
        """Read `account`, `scopes`, `quotaProject`, `clientId` and `clientSecret`."""
        client_id, secret = body.optional("clientId"), body.optional("clientSecret")
        if (client_id is None) != (secret is None):
            body.wrong("clientSecret", "goes with clientId: give both or neither")
        client = None if client_id is None or secret is None else (client_id, secret)
        return cls(
            body.email("account"),
            read_scopes(body) or google_scopes.DEFAULT,
            body.optional("quotaProject"),
            client,
        )


def create(
    tx: Transaction, now: float, entropy: Entropy, base: str, wanted: NewCredentials
) -> Answer:
    """Record a person's consent; return the credential file that stands for it, this once.

    Raises:
        StatusError: NOT_FOUND for the account, the project or the client; FAILED_PRECONDITION for
            a person that the app is not open to, a client that is not active or whose secret is
            another, and where no project is named and there is not exactly one.
    """
    account = find_account(tx, wanted.account)
    named = None if wanted.project is None else projects.find(tx, wanted.project)
    if wanted.client is not None:
        client, secret = _client(tx, *wanted.client), wanted.client[1]
        project = projects.find(tx, client.project_id)
    else:
        project = named or _only_project(tx)
        new = clients.NewClient("desktop", f"credentials of {account.email}"[:100], ())
        client, secret = clients.create(tx, now, entropy, project, new)
    _require_open(tx, project, account)
    answer = create_grant(
        tx, now, entropy, NewGrant(account.email, client.client_id, wanted.scopes)
    )
    file = ExternalAccountAuthorizedUser(
        client_id=client.client_id,
        client_secret=secret,
        refresh_token=answer["refresh_token"],
        token_url=f"{base}/v1/oauthtoken",
        revoke_url=f"{base}/v1/revoke",
        quota_project_id=None if named is None else named.project_id,
    )
    return {
        "account": account.email,
        "clientId": client.client_id,
        "projectId": (named or project).project_id,
        "scopes": answer["scope"].split(),
        "file": file.to_json(),
    }


async def prepare_key_pair(context: Context) -> KeyPair:
    """Make a key pair in a thread, before the transaction."""
    return await anyio.to_thread.run_sync(make_key_pair, "gemauth emulator", context.clock.now())


def create_key(
    tx: Transaction, now: float, entropy: Entropy, base: str, email: str, pair: KeyPair
) -> Answer:
    """Give a service account a key; return its file, this once.

    Raises:
        StatusError: NOT_FOUND; FAILED_PRECONDITION for a disabled account, whose key would be
            refused; RESOURCE_EXHAUSTED for an eleventh key.
    """
    found = tx.find(ServiceAccount, email=email.lower(), deleted_at=None)
    if not found:
        raise not_found(f"There is no service account {email}.")
    account = found[0]
    if account.disabled:
        raise precondition(f"The service account {account.email} is disabled.")
    key = add_key(tx, now, entropy, account, pair.certificate_pem, origin="GOOGLE_PROVIDED")
    return {
        "account": account.email,
        "projectId": account.project_id,
        "file": key_file(account, key, pair.private_pem, base).to_json(),
    }


def _client(tx: Transaction, client_id: str, secret: str) -> OAuthClient:
    client = clients.find(tx, client_id)
    if client.kind == "first_party":
        raise invalid(
            "clientId",
            "is Google's own. For what it was granted earlier: gemauth emulator grants create",
        )
    if tx.get(ClientSecretHash, client.client_id, digest(secret)) is None:
        raise precondition(f"The secret is none of the OAuth client {client.client_id}.")
    return client


def _only_project(tx: Transaction) -> Project:
    """Return the project that can only be meant: the one with a consent screen."""
    ready = [
        project
        for project in projects.everyones(tx)
        if project.state == "ACTIVE" and tx.get(ConsentScreen, project.project_id) is not None
    ]
    if len(ready) != 1:
        names = ", ".join(project.project_id for project in ready) or "none"
        raise precondition(
            f"Name a project whose OAuth consent screen is configured ({names} here), or an OAuth "
            "client: gemauth emulator credentials --quota-project PROJECT"
        )
    return ready[0]


def _require_open(tx: Transaction, project: Project, account: Account) -> None:
    """Refuse a person whose refresh token would be refused from the start."""
    excluded = exclusion(tx, project, find_consent_screen(tx, project), account)
    if excluded is Exclusion.NOT_A_TESTER:
        raise precondition(
            f"{account.email} is not among the test users of {project.project_id}. Add them: "
            f"gemauth emulator test-users add {project.project_id} {account.email}"
        )
    if excluded is not None:
        raise precondition(
            f"{account.email} is not in the organization of {project.project_id}, whose app is "
            "internal."
        )
