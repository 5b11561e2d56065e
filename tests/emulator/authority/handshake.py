"""A TLS handshake in memory, by a client that verifies as strictly as Python 3.13 does."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def strict(trusted_pem: str) -> ssl.SSLContext:
    """Return a client's context that trusts one authority and nothing of the system's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.load_verify_locations(cadata=trusted_pem)
    return context


def shake(
    client: ssl.SSLContext, server: ssl.SSLContext, name: str, *, alpn: Sequence[str] = ()
) -> tuple[str | None, dict[str, object]]:
    """Shake hands; return the protocol that was agreed on and the server's certificate.

    Raises:
        ssl.SSLError: one of the two refused the other.
    """
    if alpn:
        client.set_alpn_protocols(list(alpn))
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    caller = client.wrap_bio(down, up, server_hostname=name)
    answerer = server.wrap_bio(up, down, server_side=True)
    waiting = [caller, answerer]
    for _ in range(10):
        for side in list(waiting):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(side)
    assert not waiting, "the handshake did not end"
    return caller.selected_alpn_protocol(), dict(caller.getpeercert() or {})
