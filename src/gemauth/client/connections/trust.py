"""Which certificates a server's is verified with: the machine's own, read no further than needed.

OpenSSL looks in a bundle (one file) and in a folder of hashed names. A bundle is parsed whole, 120
to 150 certificates, twice the time of Python's start; of a folder only what a server's chain names
is read. So the folder comes first, where there is one, and the bundle with it only after a server
was not verified by it: what is trusted in the end is what OpenSSL's defaults trust, neither more
nor less. A bundle that SSL_CERT_FILE names is meant, and is read at once. Where none of OpenSSL's
variables is set, those of requests are heeded as it does, which google-auth goes over: who has them
for a company's proxy needs no others.

Used by `client/connections/connection.py` and its asynchronous twin.
"""

from __future__ import annotations

import os
import ssl
import sys

__all__ = ["BUNDLES", "Trust", "bundle"]

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""The variables of requests, in its order; each names a file, or a folder of hashed names."""


def bundle() -> tuple[str, str] | None:
    """Return the variable, and the path in it, that goes before the defaults; None for neither."""
    paths = ssl.get_default_verify_paths()
    if any(os.environ.get(name) for name in (paths.openssl_cafile_env, paths.openssl_capath_env)):
        return None
    return next(((name, path) for name in BUNDLES if (path := os.environ.get(name))), None)


class Trust:
    """The contexts of one transport, made when they are first needed; safe between threads."""

    def __init__(self) -> None:
        self._folder = _hashed_folder()
        self._context: ssl.SSLContext | None = None

    @property
    def context(self) -> ssl.SSLContext:
        """What to verify a server with.

        Raises:
            ssl.SSLError: a variable names no certificates.
        """
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
    if (found := bundle()) is not None:
        context = _of_bundle(*found)
    else:
        context = ssl.create_default_context(capath=folder)  # None: OpenSSL's own places
    context.set_alpn_protocols(["http/1.1"])
    return context


def _of_bundle(variable: str, path: str) -> ssl.SSLContext:
    try:
        if os.path.isdir(path):  # noqa: PTH112  # pathlib costs 4 ms
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except OSError:
        raise ssl.SSLError(0, f"{variable} names no CA certificates that can be read") from None


def _hashed_folder() -> str | None:
    """Return the folder to begin with, or None where the defaults have to be read at once."""
    paths = ssl.get_default_verify_paths()
    if sys.platform == "win32" or os.environ.get(paths.openssl_cafile_env) or bundle():
        return None
    folder = paths.capath
    try:
        # openssl-rehash(1): eight hexadecimal digits, a dot, a number
        named = folder and any(n[8:] == ".0" and len(n) == 10 for n in os.listdir(folder))  # noqa: PTH208
    except OSError:
        return None
    return folder if named else None
