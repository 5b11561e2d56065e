"""Sign out: end the grant at the server, then delete the file whatever the answer (RFC 7009).

`gemauth revoke` is this module; google-oauth.md sections 2.4 and 8.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client.advice import DELETE_KEY
from gemauth.client.cache import adc, files, grants, tokens
from gemauth.client.flows.revocation import end_grant
from gemauth.client.target import of_user, require_side, target
from gemauth.client.transport import lent
from gemauth.client.world import Network
from gemauth.errors import DataError, GemauthError, UsageError
from gemauth.flow import run
from gemauth.google.credentials import AuthorizedUser, ServiceAccountKey
from gemauth.google.endpoints import loopback_base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.world import Sender
    from gemauth.google.credentials import Credentials as FileCredentials

__all__ = ["Revoked", "revoke"]


@dataclass(frozen=True, slots=True)
class Revoked:
    """Which half happened.

    Attributes:
        path: the credential file.
        at_server: whether the grant is over at the server (now, or already before).
        deleted: whether the file is gone.
        problem: why a half did not happen, the server's first, or None.
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
    transport: Sender | None = None,
) -> Revoked:
    """Revoke the credentials of a file (None: the ADC place) and delete it.

    Raises:
        NotFoundError: there is no such file: nothing to revoke.
        UsageError: the file's type cannot be revoked (a service account's key).
        CredentialError: the credentials belong to the other side (real, emulator); nothing is
            sent and nothing deleted.
        DataError: the file is no credential file.
    """
    file = adc.read(adc.well_known(environ) if path is None else Path(path))
    user = file.credentials
    if not isinstance(user, AuthorizedUser):
        raise UsageError(
            f"{file.path} holds {user.type} credentials, which no server can revoke.",
            next_step=_without_server(user),
        )
    endpoints = target(environ, emulator)
    require_side(endpoints, emulated=of_user(user), what=f"The sign-in in {file.path}")
    problem = None
    try:
        with lent(transport, environ) as sender:
            run(end_grant(user.refresh_token, endpoints), Network(sender))
    except GemauthError as error:
        problem = error
    address = endpoints.gemini if endpoints.is_emulator else ""
    place = tokens.entry(environ, file.raw, (), address)
    at_server = problem is None
    deleted = False
    try:
        deleted = files.delete(file.path)
        grants.forget(environ, user.refresh_token)
        if place is not None:
            tokens.forget(place)
    except DataError as error:
        problem = problem or error
    return Revoked(str(file.path), at_server=at_server, deleted=deleted, problem=problem)


def _without_server(other: FileCredentials) -> str:
    """Return how credentials end that no revocation endpoint knows."""
    if not isinstance(other, ServiceAccountKey):
        return "Delete the file; what it leads to is ended where it was set up."
    emulated = loopback_base(other.token_uri) is not None
    return DELETE_KEY.on(emulated=emulated, account=other.client_email, key=other.private_key_id)
