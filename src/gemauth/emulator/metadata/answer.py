"""What is answered at a path of the metadata server, before the headers that every answer has."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from gemauth.emulator.ledger import seen
from gemauth.emulator.metadata import machine as machines
from gemauth.emulator.metadata.service_account import identity
from gemauth.emulator.metadata.tree import JSON, TEXT, Directory, Made, find, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.context import Context
    from gemauth.emulator.metadata.machine import Machine
    from gemauth.emulator.metadata.service_account import Tokens
    from gemauth.emulator.storage.records import ServiceAccount

__all__ = ["Answer", "answer", "page"]

_HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, media type and text."""

    status: int
    media_type: str
    text: str

    @property
    def etag(self) -> str:
        """Changes when the text does: 16 hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def page(status: int, text: str) -> Answer:
    """Return a short HTML page: what is refused is answered with one (google-oauth.md 5.6)."""
    return Answer(status, _HTML, f"<!doctype html><title>{status}</title><p>{escape(text)}\n")


def answer(context: Context, tokens: Tokens, path: str, query: Mapping[str, str]) -> Answer:
    """Return the answer to a request that was let in.

    Args:
        context: the emulator's.
        tokens: what the machine's programs have got so far.
        path: decoded, such as `/computeMetadata/v1/project/project-id`.
        query: the request's.

    Raises:
        KeysDueError: an id token is asked for and no key can sign it yet.
    """
    with context.store.read() as tx:
        machine = machines.running(tx)
    node = None if machine is None else find(machine.tree(), [n for n in path.split("/") if n])
    if machine is None or node is None or "//" in path:
        return page(404, f"There is nothing at {path}.")
    if isinstance(node, Directory) != path.endswith("/"):
        is_directory = isinstance(node, Directory)
        return page(
            301 if is_directory else 404, f"{path} is {'a' if is_directory else 'no'} directory."
        )
    if isinstance(node, Made):
        assert machine.account is not None, "without an account the tree has no tokens"
        return _made(context, tokens, node, machine, machine.account, query)
    recursive = query.get("recursive", "").lower() == "true"
    text, media_type = write(node, recursive=recursive, alt=query.get("alt"))
    return Answer(200, media_type, text)


def _made(
    context: Context,
    tokens: Tokens,
    kind: Made,
    machine: Machine,
    account: ServiceAccount,
    query: Mapping[str, str],
) -> Answer:
    now = context.clock.now()
    seen(credential="service_account", principal=account.email)
    if kind is Made.IDENTITY:
        audience, full = query.get("audience", ""), query.get("format") == "full"
        if not audience:
            return page(400, "non-empty audience parameter required")
        with context.store.read() as tx:
            return Answer(200, TEXT, identity(tx, now, machine, account, audience, full=full))
    scopes = machine.server.scopes
    if machine.server.platform == "cloud-run" and query.get("scopes"):
        scopes = tuple(dict.fromkeys(query["scopes"].split(",")))
    seen(scopes=scopes)
    with context.store.write() as tx:
        token = tokens.token(tx, now, account, scopes)
    return Answer(200, JSON, json.dumps(token, separators=(",", ":")))
