"""The emulator's own certificate authority: what lets a client's TLS end here.

One per data folder, made when TLS is first needed. It may vouch only for Google's names and
localhost (DNS name constraints, RFC 5280 section 4.2.1.10) and is never put in a system's store.
Source: interception.md sections 2 and 7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

__all__ = ["Authority"]


class Authority:
    """The authority of one emulator; cheap until its certificate or a TLS context is asked for.

    Args:
        folder: where the key (0600) and certificate are kept; None keeps them in memory.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @property
    def certificate_pem(self) -> str:
        """The authority's certificate, PEM: what clients are told to trust."""
        raise NotImplementedError

    def server_context(self) -> ssl.SSLContext:
        """Return the context for accepting TLS (ALPN: http/1.1 before h2); made once.

        The first call takes some 80 ms: call it off the event loop.
        """
        raise NotImplementedError
