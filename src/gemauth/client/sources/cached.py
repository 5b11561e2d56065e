"""Sources that wrap a source: one request for a token, for everybody who needs it.

    more than 300 s to live    returned
    300 to 225 s               returned, and renewed in the background meanwhile
    225 to 30 s                renewed by whoever comes first; everybody else gets it as it is, and
                               so does the first one if that fails
    less, refused or none      renewed by whoever comes first; everybody else waits, with a limit

Everybody: threads and tasks of this process by a `Turn`, processes by a `FileLock`. After a wait
each looks again before it asks the server, so that a token comes from one request, and a refusal
reaches all who waited for it. docs/decisions/0014 has the reasons.
"""

from __future__ import annotations

import threading
from collections import deque
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from gemauth.client.cache import tokens
from gemauth.client.cache.lock import FileLock, Turn, lock_file
from gemauth.client.token import EARLY, TokenCache
from gemauth.errors import DataError, GemauthError
from gemauth.flow import Acquire, Disk, Now, Spawn, Wait

if TYPE_CHECKING:
    from gemauth.client.identity import IdentityToken
    from gemauth.client.token import AccessToken, TokenSource
    from gemauth.flow import Flow

__all__ = ["Remembered", "Stored"]

AHEAD = 300.0
"""Seconds before its end from which a token is renewed in the background."""
LAST = 30.0
"""Seconds before its end until which a token is used while no new one can be had."""
PAUSE = 30.0
"""Seconds between two attempts while the old token still serves."""
PATIENCE = 10.0
"""Seconds to wait for another process; one that takes longer is taken to hang."""
POLL = (0.002, 0.008)
"""Seconds between the first looks at what another process does, and at most."""
_REJECTED = 16


class _Shared:
    """What the callers in this process share: the token, and how the last attempt ended."""

    def __init__(self, token: AccessToken | None = None) -> None:
        self.turn = Turn()
        self.attempts = 0
        self._token = token
        self._error: GemauthError | None = None
        self.retry_at = 0.0
        self._rejected: deque[str] = deque(maxlen=_REJECTED)

    @property
    def token(self) -> AccessToken | None:
        """The last token, unless a server has refused it."""
        token = self._token
        return None if token is None or self.rejects(token) else token

    def reject(self, value: str) -> None:
        """Offer this token no more."""
        self._rejected.append(value)

    def rejects(self, token: AccessToken) -> bool:
        """Whether a server has refused it."""
        return token.value in self._rejected

    def see(self, token: AccessToken | None) -> None:
        """Take a token from the file, if it ends later than the one here."""
        if token is not None and not self.rejects(token):
            ours = self.token
            if ours is None or (ours.expires_at or 0.0) < (token.expires_at or 0.0):
                self._token = token

    def renewed(self, token: AccessToken) -> None:
        """An attempt has ended well."""
        self._token, self._error = token, None
        self.attempts += 1

    def failed(self, error: GemauthError) -> None:
        """An attempt has ended badly, and there is no token left."""
        self._error = error
        self.attempts += 1

    def outcome(self) -> AccessToken:
        """Return what the last attempt brought, or raise what it ended with."""
        if self._error is not None:
            raise self._error
        assert self._token is not None
        return self._token


class Remembered:
    """Keeps the last token in memory, and asks for a new one once for all callers.

    Args:
        source: asked for tokens.
        token: the first one, where there is one already.
        patience: seconds to wait for others before asking the server by oneself: three times this
            for other callers in this process, once for other processes.
    """

    def __init__(
        self, source: TokenSource, token: AccessToken | None = None, *, patience: float = PATIENCE
    ) -> None:
        self._source = source
        self._patience = patience
        self._shared = _Shared(token)

    def reject(self, value: str) -> None:
        """Yield this token no more (`token.TokenCache`)."""
        self._shared.reject(value)
        if isinstance(self._source, TokenCache):
            self._source.reject(value)

    def identity(self, audience: str | None, *, include_email: bool = False) -> Flow[IdentityToken]:
        """Return a new ID token of the wrapped source: none is kept (`client/identity.py`)."""
        from gemauth.client.identity import identity  # not for an access token

        return identity(self._source, audience, include_email=include_email)

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
        """Return a token that is usable, or still alive where no other can be had just now.

        Callers that ask while an attempt is made, `fresh` or not, share its outcome. Errors are the
        wrapped source's.
        """
        shared = self._shared
        now: float = yield Now()
        kept = None if fresh else shared.token
        if kept is not None and kept.usable(now):
            if now >= shared.retry_at and not kept.lives(now, AHEAD):
                shared.retry_at = now + PAUSE
                yield Spawn(self._ahead())
            return kept
        alive = kept is not None and kept.lives(now, LAST)
        if kept is not None and alive and now < shared.retry_at:
            return kept
        attempts = shared.attempts
        held: bool = yield Acquire(shared.turn, 0.0 if alive else 3 * self._patience)
        if kept is not None and alive and not held:
            return kept
        over = False
        try:
            if shared.attempts != attempts:
                return shared.outcome()
            now = yield Now()
            kept = None if fresh else shared.token
            if kept is not None and kept.usable(now):  # found in the file by another caller
                return kept
            token = yield from self._attempt(fresh=fresh)
            over = True
            return token
        except GemauthError:
            over = True
            raise
        finally:
            if held:
                shared.turn.release(everyone=over)

    def _attempt(self, *, fresh: bool) -> Flow[AccessToken]:
        shared = self._shared
        try:
            return (yield from self._renewed(EARLY, fresh=fresh))
        except GemauthError as error:
            now: float = yield Now()
            kept = None if fresh else shared.token
            if kept is None or not kept.lives(now, LAST):
                shared.failed(error)
                raise
            shared.retry_at = now + PAUSE
            return kept

    def _ahead(self) -> Flow[None]:
        """Renew a token that is good still; whoever comes next sees what it brought, or nothing."""
        held: bool = yield Acquire(self._shared.turn, 0.0)
        if not held:
            return
        try:
            yield from self._renewed(AHEAD, fresh=False)
        except GemauthError:
            return
        finally:
            self._shared.turn.release()

    def _renewed(self, early: float, *, fresh: bool) -> Flow[AccessToken]:  # noqa: ARG002  # Stored's
        """Return a token that lives for more than `early` seconds, or a new one at any rate."""
        token = yield from self._source.token(fresh=fresh)
        self._shared.renewed(token)
        return token


# One for each entry in use, whoever uses it: a program may look for its credentials many times.
_entries: WeakValueDictionary[str, _Shared] = WeakValueDictionary()
_guard = threading.Lock()


class Stored(Remembered):
    """Keeps the last token in memory and in a file, for other processes (`client/cache/tokens.py`).

    A cache that cannot be read, written or locked costs requests, and nothing else.

    Args:
        source: asked for tokens.
        place: the entry's path.
        patience: as `Remembered`'s.
    """

    def __init__(self, source: TokenSource, place: str, *, patience: float = PATIENCE) -> None:
        super().__init__(source, patience=patience)
        self._place = place
        with _guard:
            self._shared = _entries.setdefault(place, self._shared)

    @property
    def place(self) -> str:
        """The entry's path."""
        return self._place

    def _renewed(self, early: float, *, fresh: bool) -> Flow[AccessToken]:
        shared = self._shared
        before = kept = yield from self._look()
        now: float = yield Now()
        if kept is not None and not fresh and kept.lives(now, early):
            return kept
        lock = FileLock(lock_file(self._place))
        waited, pause = 0.0, POLL[0]
        while True:
            held: bool = yield Acquire(lock, 0.0)
            try:
                # Whoever had the lock may have stored a token between our look and its release.
                kept = yield from self._look()
                now = yield Now()
                if kept is not None and kept.lives(now, early) and not (fresh and kept == before):
                    shared.renewed(kept)
                    return kept
                if held or waited >= self._patience:
                    return (yield from self._asked(fresh=fresh))
            finally:
                lock.release()
            if kept is not None and not fresh and kept.lives(now, LAST):
                return kept
            yield Wait(pause, pause / 2)
            waited += pause
            pause = min(pause * 1.5, POLL[1])

    def _look(self) -> Flow[AccessToken | None]:
        """Return the entry's token, unless a server has refused it."""
        found: AccessToken | None = yield Disk(partial(tokens.lookup, self._place))
        if found is None or self._shared.rejects(found):
            return None
        self._shared.see(found)
        return found

    def _asked(self, *, fresh: bool) -> Flow[AccessToken]:
        token = yield from super()._renewed(EARLY, fresh=fresh)
        try:
            yield Disk(partial(tokens.store, self._place, token))
        except DataError:
            return token
        return token
