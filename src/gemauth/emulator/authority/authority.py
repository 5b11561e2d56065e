"""The authority of one emulator: kept, renewed, and made into the context that accepts TLS.

Used by `front` for handshakes, by the control room and `gemauth.run` for what clients are to trust.

A certificate is renewed a week before its end and keeps its key and subject: a client that was
given the earlier one goes on verifying the new leaf until the earlier one's own end, and a pinned
public key stays right. The key bounds no more than the certificates do: whoever has it can vouch
only where one of them is still trusted. It signs for the permitted DNS names, nothing else by name.
"""

from __future__ import annotations

import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from gemauth.clock import SystemClock
from gemauth.emulator.authority import files, reading
from gemauth.emulator.authority.names import LEAF_ADDRESSES, LEAF_NAMES

if TYPE_CHECKING:
    from gemauth.clock import Clock

__all__ = ["Authority"]

RENEW = 7 * 86400
"""Seconds before its end at which a certificate is renewed."""

# Stands above the leaf's PEM, where readers of PEM expect text (RFC 7468 section 2): a leaf made
# for other names, by another version of this program, is made again.
_HEADER = " ".join(("gemauth leaf for", *LEAF_NAMES, *LEAF_ADDRESSES)) + "\n"


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is in force: the authority's certificate, from when to when, the context of its leaf."""

    certificate_pem: str
    starts: float
    ends: float
    context: ssl.SSLContext = field(repr=False)

    def is_due(self, now: float) -> bool:
        return _is_due(now, (self.starts, self.ends))


class Authority:
    """The authority of one emulator; cheap until its certificate or a TLS context is asked for.

    Threads may share it. Two processes on one folder are kept apart by the server's lock on it.

    Args:
        folder: where key, certificate and leaf are kept, each 0600; None keeps them in memory.
        clock: the machine's own by default, even where the emulator has another: clients compare
            certificates with the machine's time.
    """

    def __init__(self, folder: Path | None = None, clock: Clock | None = None) -> None:
        self._folder = folder
        self._clock = clock or SystemClock()
        self._key: str | None = None  # in memory only where there is no folder
        self._standing: _Standing | None = None
        self._making = Lock()

    @property
    def certificate_pem(self) -> str:
        """The authority's certificate, PEM: what clients are told to trust.

        Raises:
            DataError: a file in the folder cannot be read, or not written.
        """
        return self._in_force().certificate_pem

    @property
    def not_after(self) -> float:
        """When the certificate ends, in seconds since the epoch.

        Raises:
            DataError: as `certificate_pem`.
        """
        return self._in_force().ends

    def server_context(self) -> ssl.SSLContext:
        """Return the context for accepting TLS 1.2 or later (ALPN: http/1.1 before h2).

        The first call makes or loads what is needed, some 80 ms: call it off the event loop.
        Later ones cost nothing, and return another context once the certificate was renewed: ask
        for each connection.

        Raises:
            DataError: as `certificate_pem`.
        """
        return self._in_force().context

    def _in_force(self) -> _Standing:
        now = self._clock.now()
        standing = self._standing
        if standing is None or standing.is_due(now):
            with self._making:
                standing = self._standing
                if standing is None or standing.is_due(now):
                    standing = self._standing = self._make(now)
        return standing

    def _make(self, now: float) -> _Standing:
        if self._folder is None:
            return self._make_in_memory(now)
        certificate = _certificate(self._folder, now)
        context = _leaf(self._folder, certificate)
        return _Standing(certificate, *reading.validity(certificate), context)

    def _make_in_memory(self, now: float) -> _Standing:
        from gemauth.emulator.authority import minting  # imports cryptography

        self._key = self._key or minting.new_key()
        certificate = minting.new_certificate(self._key, now)
        with tempfile.TemporaryDirectory(prefix="gemauth-") as folder:  # 0700
            path = Path(folder) / files.LEAF  # ssl loads a key from files only
            files.write(path, minting.new_leaf(self._key, certificate))
            context = _load(path)
        return _Standing(certificate, *reading.validity(certificate), context)


def _is_due(now: float, validity: tuple[float, float]) -> bool:
    starts, ends = validity
    return not starts <= now < ends - RENEW


def _certificate(folder: Path, now: float) -> str:
    """Return the authority's certificate, made or renewed if need be."""
    path = folder / files.CERTIFICATE
    certificate = files.read(path)
    if certificate is not None:
        try:
            if not _is_due(now, reading.validity(certificate)):
                return certificate
        except ValueError as error:
            raise files.unusable(path, str(error)) from error
    from gemauth.emulator.authority import minting  # imports cryptography

    key = files.read(folder / files.KEY)
    if key is None:
        key = minting.new_key()
        files.write(folder / files.KEY, key)
    try:
        certificate = minting.new_certificate(key, now)
    except minting.KeyMismatchError as error:
        raise files.unusable(folder / files.KEY, str(error)) from error
    files.write(path, certificate)
    return certificate


def _leaf(folder: Path, certificate: str) -> ssl.SSLContext:
    """Return the context of the leaf below a certificate, which is made if need be."""
    path = folder / files.LEAF
    text = files.read(path)
    if text is not None:
        context = _load(path)
        if text.startswith(_HEADER) and text.endswith(certificate):
            return context
    from gemauth.emulator.authority import minting  # imports cryptography

    key = files.read(folder / files.KEY)
    if key is None:
        raise files.unusable(folder / files.KEY, "it is gone, and its certificate is there")
    try:
        files.write(path, _HEADER + minting.new_leaf(key, certificate))
    except minting.KeyMismatchError as error:
        raise files.unusable(folder / files.KEY, str(error)) from error
    return _load(path)


def _load(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1", "h2"])  # in this server's order of preference
    try:
        # A password, so that OpenSSL does not ask the terminal for one.
        context.load_cert_chain(path, password="none")  # noqa: S106
    except ssl.SSLError as error:
        raise files.unusable(path, "it does not hold a certificate and its key") from error
    return context
