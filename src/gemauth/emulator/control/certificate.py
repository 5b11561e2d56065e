"""The certificate that clients are told to trust, and what identifies it to browsers.

Read by `gemauth emulator ca` and by `gemauth.run`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio.to_thread

from gemauth.clock import rfc3339
from gemauth.emulator.authority import fingerprint, spki_sha256
from gemauth.emulator.control.endpoint import precondition
from gemauth.errors import DataError

if TYPE_CHECKING:
    from gemauth.emulator.context import Context
    from gemauth.emulator.control.endpoint import Answer, Call
    from gemauth.emulator.storage.store import Transaction

__all__ = ["prepare", "show"]


async def prepare(context: Context) -> tuple[str, float]:
    """Have the authority made if need be, in a thread; return its certificate and its end.

    Raises:
        StatusError: FAILED_PRECONDITION: its files cannot be used.
    """
    try:
        await anyio.to_thread.run_sync(context.authority.server_context)
        return context.authority.certificate_pem, context.authority.not_after
    except DataError as error:
        raise precondition(f"{error.message} {error.next_step or ''}".rstrip()) from error


def show(_: Transaction, call: Call) -> Answer:
    """Return the certificate, its fingerprint, its key's hash for Chromium's flags, its end."""
    certificate, ends = call.prepared
    return {
        "certificate": certificate,
        "sha256Fingerprint": fingerprint(certificate),
        "spkiSha256": spki_sha256(certificate),
        "notAfter": rfc3339(ends),
    }
