"""An answer that is read in parts: the body of a stream or a download, while it comes.

It is what `Transport.open` returns, over urllib3; flows read it with the step `Read`. No more than
one part (64 KiB) is held.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from gemauth.http import Headers

if TYPE_CHECKING:
    from collections.abc import Callable

    import urllib3

    from gemauth.errors import GemauthError

__all__ = ["Body"]

_PART = 64 * 1024  # bytes


class Body:
    """One answer, its body unread.

    Args:
        answer: urllib3's, whose content was not asked for yet.
        named: makes our error of one of urllib3's.
    """

    def __init__(
        self, answer: urllib3.BaseHTTPResponse, named: Callable[[Exception], GemauthError]
    ) -> None:
        self.status: int = answer.status
        self.headers = Headers(answer.headers.items())
        self._answer = answer
        self._named = named
        self._over = threading.Event()
        self._reading = threading.Lock()

    def read(self) -> bytes:
        """Return the next part as soon as there is one, empty at the end or after `close`.

        Raises:
            UnreachableError: the connection broke off, or nothing came in time.
        """
        from urllib3.exceptions import HTTPError

        failure: Exception | None = None
        part = b""
        with self._reading:
            if self._over.is_set():
                return b""
            try:
                part = self._answer.read1(_PART)
            except (HTTPError, OSError, ValueError) as error:
                failure = error
        if self._over.is_set():  # closed while we read, by somebody who left the rest to us
            self._close()
            return b""
        if failure is not None:
            self.close()
            raise self._named(failure) from None
        if not part:
            self._over.set()
            self._answer.release_conn()
        return part

    async def read_async(self) -> bytes:
        """Do the same on a worker thread; a cancelled task closes the answer, which frees it."""
        import asyncio

        try:
            return await asyncio.to_thread(self.read)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connection; what is left unread is not read for its sake."""
        if self._over.is_set():
            return
        self._over.set()
        with suppress(NotImplementedError, OSError, RuntimeError, ValueError):
            self._answer.shutdown()
        self._close()

    def _close(self) -> None:
        # Under a thread that reads, urllib3's objects must stay whole: it closes them itself.
        if self._reading.acquire(blocking=False):
            try:
                self._answer.close()
            finally:
                self._reading.release()

    def __repr__(self) -> str:
        return f"Body({self.status})"
