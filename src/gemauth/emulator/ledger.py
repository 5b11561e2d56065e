"""What the emulator has seen: its last requests, and who was let in by which credential.

A client can return the right value for the wrong reason; what the server saw tells. The server's
guard opens an entry for each request, admission adds who came, and `/_emulator/v1/requests` shows
them. Nothing secret is kept: no query, header, body or token.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Entry", "Ledger", "seen"]

MOST = 1000
"""Requests that are kept."""


@dataclass(slots=True)
class Entry:
    """One request and what became of it.

    Args:
        number: counts from 1 and never comes twice while the emulator runs.
        at: seconds since the epoch.
        transport: `http/1.1`, `http/2` or `grpc`, and whether TLS was ended here; `connect` for a
            tunnel that was refused, or led elsewhere.
        host: the name that the client called, without a port.
        verb, path: of the request line; the path without its query.
        status: of the answer, None until there is one; `grpc_status` the gRPC code's name.
        credential: `user`, `service_account`, `api_key`, or None where nobody was let in.
        principal: the caller's e-mail address.
        scopes: what the token covers; None covers whatever its principal may do.
        client_id: the OAuth client that a person's token was issued to.
        consumer_project: the project that the call counted against.
        grant_type: at the token endpoint, which grant was asked for.
        user_agent: what the client said of itself.
    """

    number: int
    at: float
    transport: str
    tls: bool
    host: str
    verb: str
    path: str
    user_agent: str = ""
    status: int | None = None
    grpc_status: str | None = None
    credential: str | None = None
    principal: str | None = None
    scopes: tuple[str, ...] | None = None
    client_id: str | None = None
    consumer_project: str | None = None
    grant_type: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as the control API shows it: camelCase, without what is None or empty."""
        names = (name for name in self.__slots__ if name != "tls")
        members = {_camel(name): getattr(self, name) for name in names}
        shown = {name: value for name, value in members.items() if value not in {None, ""}}
        return shown | {"tls": self.tls}


_current: ContextVar[Entry | None] = ContextVar("current", default=None)


@dataclass(slots=True)
class Ledger:
    """The last requests of one emulator, in memory."""

    _entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=MOST))
    _opened: int = 0

    @contextmanager
    def open(
        self, at: float, *, transport: str, tls: bool, host: str, verb: str, path: str, agent: str
    ) -> Iterator[Entry]:
        """Note a request; inside the block `seen` adds to it."""
        self._opened += 1
        entry = Entry(self._opened, at, transport, tls, host, verb, path, agent)
        self._entries.append(entry)
        token = _current.set(entry)
        try:
            yield entry
        finally:
            _current.reset(token)

    def after(self, number: int = 0) -> list[Entry]:
        """Return the entries with a greater number, oldest first."""
        return [entry for entry in self._entries if entry.number > number]


def seen(**facts: str | tuple[str, ...] | None) -> None:
    """Add facts to the entry of the request that is being answered, if there is one."""
    entry = _current.get()
    if entry is not None:
        for name, value in facts.items():
            setattr(entry, name, value)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
