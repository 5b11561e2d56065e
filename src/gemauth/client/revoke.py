"""Sign out: end the grant at the server, then delete the file, whatever the server answers (RFC 7009).

`gemauth revoke` is this module.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.transport import Transport
    from gemauth.errors import GemauthError

__all__ = ["Revoked", "revoke"]


@dataclass(frozen=True, slots=True)
class Revoked:
    """Which half happened.

    Attributes:
        path: the credential file.
        at_server: whether the grant is over at the server (now, or already before).
        deleted: whether the file is gone.
        problem: why one half did not happen, or None.
    """

    path: str
    at_server: bool
    deleted: bool
    problem: GemauthError | None = None


def revoke(
    path: str | os.PathLike[str] | None = None,
    *,
    emulator: str | None = None,
    environ: Mapping[str, str] = os.environ,
    transport: Transport | None = None,
) -> Revoked:
    """Revoke the credentials of a file (None: the ADC place) and delete it.

    Raises:
        NotFoundError: there is no such file: nothing to revoke.
        UsageError: the file's type cannot be revoked (a service account's key).
        CredentialError: the credentials belong to the other side (real, emulator); nothing is
            sent and nothing deleted.
    """
    raise NotImplementedError
