"""Sign out: end the grant at the server, then forget it here whatever the answer (RFC 7009).

`gemauth logout` is this module (decision 0022); google-oauth.md sections 2.4, 7.3 and 8.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.client.advice import DELETE_KEY, REMOVE_APP
from gemauth.client.cache import adc, files, grants, tokens
from gemauth.client.cache.keyring import KeyringError, Pointer
from gemauth.client.flows.revocation import end_grant
from gemauth.client.login import waiting
from gemauth.client.profiles import ending, store
from gemauth.client.target import EMULATOR_VARIABLE, of_user, require_side, target
from gemauth.client.transport import lent
from gemauth.client.world import Network
from gemauth.errors import DataError, GemauthError, UnreachableError, UsageError
from gemauth.flow import run
from gemauth.google.credentials import (
    AuthorizedUser,
    ExternalAccountAuthorizedUser,
    ImpersonatedServiceAccount,
    ServiceAccountKey,
)
from gemauth.google.endpoints import loopback_base

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gemauth.client.cache.adc import CredentialFile
    from gemauth.client.world import Sender
    from gemauth.google.credentials import Credentials as FileCredentials
    from gemauth.google.endpoints import Endpoints

__all__ = ["Revoked", "revoke"]


@dataclass(frozen=True, slots=True)
class Revoked:
    """Which half happened.

    Attributes:
        path: the credential file that was meant, where a descriptor was named the one behind it.
        at_server: whether the grant is over at the server (now, or already before); None where the
            server was not asked: it was not to be, or knows no way to end such a sign-in.
        deleted: whether the file is gone.
        files: everything that held the sign-in and is gone: the file, a profile, the ADC file.
        problem: why a half did not happen, the server's first, or None.
        with_it: names of profiles that are there still, and whose sign-in was to the same OAuth
            client by the same account as far as anybody knows: what ends at the server is the
            account's whole grant to that client.
    """

    path: str
    at_server: bool | None
    deleted: bool
    files: tuple[str, ...] = ()
    problem: GemauthError | None = None
    with_it: tuple[str, ...] = ()


def revoke(
    path: str | os.PathLike[str] | None = None,
    *,
    profile: str | None = None,
    local: bool = False,
    emulator: str | None = None,
    environ: Mapping[str, str] = os.environ,
    transport: Sender | None = None,
) -> Revoked:
    """End the sign-in that a file or a profile holds, at the server and on this machine.

    On this machine go: the file, its copy (the profile that it is, the ADC file that the profile
    is), the keyring's entry, what is known of the grant, every access token that was made with it,
    and sign-ins that wait to be finished in its place.

    Args:
        path: the file; None takes the profile's, or the ADC place.
        profile: its name; goes before GEMAUTH_PROFILE.
        local: leave the server alone: the sign-in goes on wherever else it is in use.
        emulator: an emulator's address; goes before GEMAUTH_EMULATOR and the remembered one.
        environ: the environment variables.
        transport: asks the server; None opens one for it.

    Raises:
        NotFoundError: there is no such file or profile: nothing to end.
        UsageError: it holds no sign-in but a key or another's configuration: the file is kept, and
            only its cached access tokens are deleted.
        CredentialError: the credentials belong to the other side (real, emulator); nothing is
            sent and nothing deleted.
        DataError: the file is no credential file.
    """
    place = _behind(store.locate(environ, path, profile))
    at_server: bool | None = None
    problem: GemauthError | None = None
    person = raw = None
    try:
        file = adc.read(place)
        raw, person = file.raw, _person(file, environ)
    except KeyringError as error:
        at_server, problem = False, error  # nobody knows the token; what is here goes all the same
    else:
        if isinstance(person, AuthorizedUser) and not local:
            endpoints = _where(person, place, emulator, environ)
            try:
                with lent(transport, environ) as sender:
                    run(end_grant(person.refresh_token, endpoints), Network(sender))
                at_server = True
            except GemauthError as error:
                at_server, problem = False, error
                if isinstance(error, UnreachableError):  # the token goes: there is no second try
                    error.next_step = REMOVE_APP.on(emulated=endpoints.is_emulator)
    gone: tuple[str, ...] = ()
    alike = _alike(environ, person) if at_server and isinstance(person, AuthorizedUser) else []
    try:
        gone, left = _forget(environ, place, raw)
        problem = problem or left
    except GemauthError as error:
        problem = problem or error
    if problem is None and os.path.lexists(place):
        problem = DataError(
            f"{place} holds another sign-in by now, which is kept.",
            next_step="Run this again to end that one too.",
        )
    with_it = tuple(name for name in alike if str(store.place(environ, name)) not in gone)
    return Revoked(str(place), at_server, not os.path.lexists(place), gone, problem, with_it)


def _behind(place: Path) -> Path:
    """Return the file that a descriptor's name, such as `/dev/stdin`, leads to.

    The name itself is a link of the system's: root could delete it, for every program.
    """
    if not place.is_symlink():
        return place
    steps = f"{place.parent.resolve()}/", str(place.readlink())
    return place.resolve() if any(step.startswith("/proc/") for step in steps) else place


def _person(
    file: CredentialFile, environ: Mapping[str, str]
) -> AuthorizedUser | ExternalAccountAuthorizedUser:
    """Return the person who signed in for a file.

    Who acts as a service account signed in to do so.

    Raises:
        UsageError: nobody did; the cached access tokens of the file are deleted.
    """
    kept = file.credentials
    source = kept.source_credentials if isinstance(kept, ImpersonatedServiceAccount) else kept
    if isinstance(source, AuthorizedUser | ExternalAccountAuthorizedUser):
        return source
    cached = (
        " Its cached access tokens are deleted." if tokens.forget_all(environ, file.raw) else ""
    )
    what = kept.type if source is kept else f"{kept.type} ({source.type})"
    raise UsageError(
        f"{file.path} holds {what} credentials, which no server can revoke; the file is kept."
        f"{cached}",
        next_step=_without_server(source),
    )


def _where(
    user: AuthorizedUser, place: Path, emulator: str | None, environ: Mapping[str, str]
) -> Endpoints:
    """Return the Google that a sign-in is to be ended at.

    Raises:
        CredentialError: another one is named than it belongs to.
    """
    address = emulator or environ.get(EMULATOR_VARIABLE)
    emulated = of_user(user)
    if not address and emulated:
        known = grants.recall(environ, user.refresh_token)
        address = None if known is None else known.emulator
    endpoints = target({}, address)
    require_side(endpoints, emulated=emulated, what=f"The sign-in in {place}")
    return endpoints


def _alike(environ: Mapping[str, str], person: AuthorizedUser) -> list[str]:
    """Return the profiles of sign-ins to a person's client, without those of another account."""
    known = grants.recall(environ, person.refresh_token) or grants.Grant()
    account = (person.account or known.account or "").lower()
    found = []
    for name in store.names(environ):
        with suppress(GemauthError):  # deleted meanwhile, or no credentials
            kept = store.parse(store.place(environ, name), store.held(environ, name))
            theirs = (store.read(environ, name).account or "").lower()
            if isinstance(kept, ImpersonatedServiceAccount):  # whose account is the one it acts as
                kept, theirs = kept.source_credentials, ""
            same = isinstance(kept, AuthorizedUser | Pointer) and kept.client_id == person.client_id
            if same and (not account or theirs in {account, ""}):
                found.append(name)
    return found


def _forget(
    environ: Mapping[str, str], place: Path, raw: bytes | None
) -> tuple[tuple[str, ...], GemauthError | None]:
    """Delete all there is of a sign-in on this machine: which files went, and why others did not.

    It is the one that the file held when its end began (`raw`): another may be there by now.

    A link goes with the file that it leads to, since that is what holds the secrets.

    Raises:
        DataError: a link cannot be deleted, or the file cannot be read.
        UsageError: another process has been changing profiles for too long.
    """
    real = place.resolve() if place.is_symlink() else place
    gone, problem = ending.forget(environ, real, raw)
    if real != place and not real.exists() and files.delete(place):
        gone = (*gone, place)
    waiting.forget(environ, {str(file.absolute()) for file in (real, place, *gone)})
    return tuple(map(str, gone)), problem


def _without_server(other: FileCredentials) -> str:
    """Return how credentials end that no revocation endpoint knows."""
    if not isinstance(other, ServiceAccountKey):
        return "Delete the file; what it leads to is ended where it was set up."
    emulated = loopback_base(other.token_uri) is not None
    return DELETE_KEY.on(emulated=emulated, account=other.client_email, key=other.private_key_id)
