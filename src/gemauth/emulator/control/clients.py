"""OAuth clients and their secrets; the file that the console offers for download, once.

Source: google-oauth.md sections 3 and 6.2. Only a secret's digest is kept, so the answer of
`create` and `add_secret` is the only place where it is ever shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gemauth.clock import rfc3339
from gemauth.emulator.control.consent_screens import find_consent_screen
from gemauth.emulator.control.document import invalid
from gemauth.emulator.control.endpoint import Answer, not_found, precondition
from gemauth.emulator.control.redirects import problem_of
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import ClientSecretHash, OAuthClient
from gemauth.emulator.tokens import shape
from gemauth.google.client_secret import ClientSecret
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from gemauth.emulator.context import Entropy
    from gemauth.emulator.control.document import Members
    from gemauth.emulator.storage.records import Project
    from gemauth.emulator.storage.store import Transaction

__all__ = [
    "NewClient",
    "add_secret",
    "client_json",
    "create",
    "file_json",
    "find",
    "set_state",
    "update",
]

SECRET_LIMIT = 2
"""Secrets that a client may have at a time."""

# What a seed may fix, so that files made once go on fitting: the emulator's own forms only.
_ID = re.compile(r"\d{12}-emu[a-z0-9]{8,64}\.apps\.googleusercontent\.com", re.ASCII)
_SECRET = re.compile(r"GOCSPX-emu-[A-Za-z0-9_-]{22,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client to be made; id and secret are fixed only by a seed."""

    kind: str
    name: str
    redirect_uris: tuple[str, ...]
    client_id: str | None = None
    secret: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, body: Members, *, fixed: bool = False) -> NewClient:
        """Read `kind`, `name`, `redirectUris`; with `fixed`, `clientId` and `clientSecret`."""
        kind = body.choice("kind", ("desktop", "web"))
        uris = body.texts("redirectUris")
        if kind == "desktop" and uris:
            body.wrong(
                "redirectUris", "must be left out: a desktop client may use any loopback address"
            )
        for index, uri in enumerate(uris):
            problem = problem_of(uri)
            if problem is not None:
                body.wrong(f"redirectUris[{index}]", problem)
        client_id = body.optional("clientId") if fixed else None
        if client_id is not None and _ID.fullmatch(client_id) is None:
            body.wrong("clientId", "must be like 123456789012-emu….apps.googleusercontent.com")
        secret = body.optional("clientSecret") if fixed else None
        if secret is not None and _SECRET.fullmatch(secret) is None:
            body.wrong("clientSecret", "must be GOCSPX-emu- and 22 to 64 random letters or digits")
        return cls(kind, body.text("name", most=100), uris, client_id, secret)


def create(
    tx: Transaction, now: float, entropy: Entropy, project: Project, wanted: NewClient
) -> tuple[OAuthClient, str]:
    """Make a client; return it with its secret.

    Raises:
        StatusError: FAILED_PRECONDITION without a consent screen, as in the console;
            ALREADY_EXISTS for a fixed id that is taken.
    """
    find_consent_screen(tx, project)
    client_id = wanted.client_id or shape.client_id(project.number, entropy)
    if tx.get(OAuthClient, client_id) is not None:
        raise StatusError(Status(Code.ALREADY_EXISTS, f"The client id {client_id} is taken."))
    client = OAuthClient(
        client_id, project.project_id, wanted.kind, wanted.name, wanted.redirect_uris, "active", now
    )
    tx.add(client)
    secret = wanted.secret or shape.client_secret(entropy)
    tx.add(ClientSecretHash(client_id, digest(secret), now))
    return client, secret


def update(tx: Transaction, now: float, client: OAuthClient, wanted: NewClient) -> OAuthClient:
    """Give a client the redirect URIs and the secret that a seed declares.

    Raises:
        StatusError: INVALID_ARGUMENT: a client cannot change its kind or its id.
    """
    if wanted.kind != client.kind:
        raise invalid("kind", f"the client {client.name!r} exists and is a {client.kind} client")
    if wanted.client_id not in {None, client.client_id}:
        raise invalid("clientId", f"the client {client.name!r} exists with another id")
    if wanted.redirect_uris != client.redirect_uris:
        client = replace(client, redirect_uris=wanted.redirect_uris)
        tx.replace(client)
    if wanted.secret is not None:
        secret_hash = digest(wanted.secret)
        if tx.get(ClientSecretHash, client.client_id, secret_hash) is None:
            _keep_secret(tx, now, client, secret_hash)
    return client


def find(tx: Transaction, client_id: str) -> OAuthClient:
    """Return a client.

    Raises:
        StatusError: NOT_FOUND.
    """
    client = tx.get(OAuthClient, client_id)
    if client is None:
        raise not_found(f"There is no OAuth client {client_id}.")
    return client


def set_state(tx: Transaction, client: OAuthClient, state: str) -> OAuthClient:
    """Enable, disable or delete a client.

    Raises:
        StatusError: FAILED_PRECONDITION if it is deleted.
    """
    _refuse_unchangeable(client)
    changed = replace(client, state=state)
    tx.replace(changed)
    return changed


def add_secret(tx: Transaction, now: float, entropy: Entropy, client: OAuthClient) -> str:
    """Add a secret and return it.

    Raises:
        StatusError: FAILED_PRECONDITION if there are two, or the client is deleted.
    """
    _refuse_unchangeable(client)
    secret = shape.client_secret(entropy)
    _keep_secret(tx, now, client, digest(secret))
    return secret


def client_json(tx: Transaction, client: OAuthClient) -> Answer:
    """Return a client as the control API shows one: never a secret."""
    return {
        "clientId": client.client_id,
        "projectId": client.project_id,
        "kind": client.kind,
        "name": client.name,
        "redirectUris": list(client.redirect_uris),
        "state": client.state,
        "createTime": rfc3339(client.created_at),
        "secrets": [
            {"createTime": rfc3339(secret.created_at)}
            for secret in tx.find(ClientSecretHash, client_id=client.client_id)
        ],
    }


def file_json(client: OAuthClient, secret: str, base: str) -> Answer:
    """Return the download: its name and content, whose addresses are this emulator's."""
    content = ClientSecret(
        kind="installed" if client.kind == "desktop" else "web",
        client_id=client.client_id,
        client_secret=secret,
        project_id=client.project_id,
        auth_uri=f"{base}/o/oauth2/auth",
        token_uri=f"{base}/token",
        redirect_uris=client.redirect_uris or ("http://localhost",),
        certs_uri=f"{base}/oauth2/v1/certs",
    )
    return {"fileName": f"client_secret_{client.client_id}.json", "file": content.to_json()}


def _refuse_unchangeable(client: OAuthClient) -> None:
    if client.state == "deleted":
        raise precondition(f"The OAuth client {client.client_id} was deleted.")
    if client.kind == "first_party":
        raise precondition(f"The OAuth client {client.client_id} is Google's own.")


def _keep_secret(tx: Transaction, now: float, client: OAuthClient, secret_hash: str) -> None:
    if len(tx.find(ClientSecretHash, client_id=client.client_id)) >= SECRET_LIMIT:
        raise precondition(
            f"The OAuth client {client.client_id} has {SECRET_LIMIT} secrets, the most it may."
        )
    tx.add(ClientSecretHash(client.client_id, secret_hash, now))
