"""Which certificates a server's is verified with: the machine's own, read no further than needed.

OpenSSL looks in a bundle (one file) and in a folder of hashed names. A bundle is parsed whole, 120
to 150 certificates, twice the time of Python's start; of a folder only what a server's chain names
is read. So the folder comes first, where there is one, and the bundle with it only after a server
was not verified by it: what is trusted in the end is what OpenSSL's defaults trust, neither more
nor less. A bundle that SSL_CERT_FILE names is meant, and is read at once.

Used by `client/connection.py` and its asynchronous twin.
"""

from __future__ import annotations

import os
import ssl
import sys

__all__ = ["Trust"]


class Trust:
    """The contexts of one transport, made when they are first needed; safe between threads."""

    def __init__(self) -> None:
        self._folder = _hashed_folder()
        self._context: ssl.SSLContext | None = None

    @property
    def context(self) -> ssl.SSLContext:
        """What to verify a server with."""
        if self._context is None:
            self._context = _context(self._folder)
        return self._context

    def widen(self, error: ssl.SSLError, tried: ssl.SSLContext) -> bool:
        """Take in the whole of the defaults after a failure; whether another attempt makes sense.

        Args:
            error: how the attempt ended. Nothing but the handshake had been sent.
            tried: the context that it was made with.
        """
        if not isinstance(error, ssl.SSLCertVerificationError):
            return False
        if self._folder is None:  # another thread has widened it since, or there was no folder
            return tried is not self._context
        self._folder, self._context = None, _context(None)
        return True


def _context(folder: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(capath=folder)  # None: OpenSSL's own places
    context.set_alpn_protocols(["http/1.1"])
    return context


def _hashed_folder() -> str | None:
    """Return the folder to begin with, or None where the defaults have to be read at once."""
    paths = ssl.get_default_verify_paths()
    if sys.platform == "win32" or os.environ.get(paths.openssl_cafile_env):
        return None
    folder = paths.capath
    try:
        # openssl-rehash(1): eight hexadecimal digits, a dot, a number
        named = folder and any(n[8:] == ".0" and len(n) == 10 for n in os.listdir(folder))  # noqa: PTH208
    except OSError:
        return None
    return folder if named else None
