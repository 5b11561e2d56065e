"""One emulator's state in memory, on a clock that stands still: what every suite here builds on."""

from __future__ import annotations

import hashlib
import weakref
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gemauth.emulator.context import Context
from gemauth.emulator.settings import Settings
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import AccessToken
from gemauth.emulator.storage.sqlite import SqliteStore
from gemauth.emulator.tokens import lifetimes, shape
from gemauth.testing.clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gemauth.emulator.storage.store import Transaction


class State:
    """A store with verbs over its records, and the surroundings of the rooms that use it."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.clock = FakeClock()
        self._drawn = 0
        store = SqliteStore(None)
        self.context = Context(settings or Settings(), store, self.clock, self.entropy)
        # For tests that make a state of their own: Python 3.13 warns of a database left open.
        weakref.finalize(self, store.close)

    def entropy(self, size: int) -> bytes:
        """Return bytes that look random, never come twice and repeat from run to run."""
        self._drawn += 1
        return hashlib.shake_256(str(self._drawn).encode()).digest(size)

    def close(self) -> None:
        """Let go of the store."""
        self.context.store.close()

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a writing transaction."""
        with self.context.store.write() as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Open a reading transaction."""
        with self.context.store.read() as tx:
            yield tx

    def all(self, kind: Any) -> list[Any]:
        """Every record of a kind."""
        with self.read() as tx:
            return tx.find(kind)

    def add(self, *records: Any) -> None:
        """Keep records."""
        with self.write() as tx:
            for record in records:
                tx.add(record)

    def change(self, kind: Any, /, *key: str, **values: Any) -> None:
        """Change columns of one record."""
        with self.write() as tx:
            record = tx.get(kind, *key)
            assert record is not None
            tx.replace(replace(record, **values))

    def remove(self, kind: Any, *key: str) -> None:
        """Delete a record."""
        with self.write() as tx:
            assert tx.remove(kind, *key)

    def access_token(
        self,
        subject: str,
        scopes: tuple[str, ...],
        *,
        grant: tuple[str, str] | None = None,
        life: float = lifetimes.ACCESS_TOKEN,
    ) -> str:
        """Write an access token and return it: a person's with a grant's and a client's id."""
        make = shape.service_account_access_token if grant is None else shape.access_token
        text = make(self.entropy)
        now = self.clock.now()
        grant_id, client_id = grant or (None, None)
        self.add(
            AccessToken(
                token_hash=digest(text),
                subject=subject,
                grant_id=grant_id,
                client_id=client_id,
                scopes=scopes,
                offline=False,
                issued_at=now,
                expires_at=now + life,
            )
        )
        return text
