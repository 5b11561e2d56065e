"""Application Default Credentials: which credential is used, and why (google-oauth.md 6.5).

The order is google-auth's own, so that gemauth and an SDK beside it pick the same one. What is
new is that every place is reported, with what was there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client.cache import adc, grants, tokens
from gemauth.client.cache.places import adc_path
from gemauth.client.credentials import Credentials
from gemauth.client.sources import metadata
from gemauth.client.sources.cached import Remembered, Stored
from gemauth.client.sources.service_account import Exchanged
from gemauth.client.sources.user import Refreshing
from gemauth.client.target import (
    EMULATOR_VARIABLE,
    of_key,
    of_user,
    require_side,
    target,
)
from gemauth.client.transport import lent
from gemauth.errors import CredentialError, NotFoundError, UsageError
from gemauth.google import scopes as google_scopes
from gemauth.google.credentials import AuthorizedUser, OtherCredentials, ServiceAccountKey
from gemauth.google.endpoints import Endpoints, loopback_base
from gemauth.google.endpoints import emulator as emulator_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gemauth.client.cache.adc import CredentialFile
    from gemauth.client.token import TokenSource
    from gemauth.client.world import Sender

__all__ = ["Attempt", "Found", "default", "load", "of_file"]

VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
QUOTA_VARIABLE = "GOOGLE_CLOUD_QUOTA_PROJECT"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One place that was looked at: its name, and what was there."""

    place: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Found:
    """The credentials that were chosen.

    Attributes:
        credentials: ready for use.
        source: where they were found: a path, or the metadata server's address.
        reason: one sentence on why these.
        tried: every place looked at, in order; the last is the one that won.
    """

    credentials: Credentials
    source: str
    reason: str
    tried: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the caller asked for, beside the credential itself."""

    scopes: tuple[str, ...] | None
    quota_project: str | None
    endpoints: Endpoints | None
    environ: Mapping[str, str]


def default(
    scopes: Iterable[str] | None = None,
    *,
    quota_project: str | None = None,
    emulator: str | None = None,
    endpoints: Endpoints | None = None,
    environ: Mapping[str, str] = os.environ,
    transport: Sender | None = None,
) -> Found:
    """Find credentials as every Google library does, and say why these.

    The order: the file that GOOGLE_APPLICATION_CREDENTIALS names, the well-known ADC file, the
    metadata server. (Google's App Engine step is for Python 2.7 only.)

    Args:
        scopes: full or short names for the tokens; None takes what the person granted, or
            `scopes.DEFAULT` for service accounts.
        quota_project: goes before GOOGLE_CLOUD_QUOTA_PROJECT and the file's own.
        emulator: an emulator's address; goes before GEMAUTH_EMULATOR.
        endpoints: goes before both.
        environ: the environment variables.
        transport: looks for the metadata server; None opens one for it.

    Raises:
        CredentialError: there are none (each place that was tried is listed), or they belong to
            the other side (real, emulator).
        UsageError: GOOGLE_APPLICATION_CREDENTIALS names no file (never a fall-through), or the
            file's type is one that gemauth cannot use.
        DataError: the file cannot be read as credentials.
    """
    wanted = _wanted(scopes, quota_project, emulator, endpoints, environ)
    well_known = adc_path(environ)
    tried = []
    named = environ.get(VARIABLE) or None
    if named is None:
        tried.append(Attempt(VARIABLE, "not set"))
    elif named != well_known:  # the ADC place itself is the next step's (6.5)
        file = adc.find(Path(named))
        if file is None:
            raise UsageError(
                f"{VARIABLE} names {named}, and there is no such file.",
                next_step=f"Correct it, or unset {VARIABLE}.",
            )
        tried.append(Attempt(f"{VARIABLE}={named}", "used"))
        return _found(file, f"{VARIABLE} is set and goes before every other place.", tried, wanted)
    if well_known is None:
        tried.append(Attempt("the well-known ADC file", "no HOME to look in"))
    elif (file := adc.find(Path(well_known))) is None:
        tried.append(Attempt(well_known, "no such file"))
    else:
        tried.append(Attempt(well_known, "used"))
        return _found(file, "It is the well-known ADC file.", tried, wanted)
    return _from_metadata(tried, wanted, transport)


def load(
    path: str | os.PathLike[str],
    scopes: Iterable[str] | None = None,
    *,
    quota_project: str | None = None,
    emulator: str | None = None,
    endpoints: Endpoints | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Found:
    """Return the credentials of one file: what `--credentials FILE` names.

    Arguments and errors are those of `default`; no other place is looked at.

    Raises:
        NotFoundError: there is no such file.
        DataError: it is no credential file.
        UsageError: its type is one that gemauth cannot use.
        CredentialError: it belongs to the other side (real, emulator).
    """
    wanted = _wanted(scopes, quota_project, emulator, endpoints, environ)
    file = adc.find(Path(path))
    if file is None:
        raise NotFoundError(
            f"There is no credential file at {os.fspath(path)}.",
            next_step="Name a service account's key or an ADC file.",
        )
    tried = [Attempt(os.fspath(path), "used")]
    return _found(file, "It was named.", tried, wanted)


def of_file(
    file: CredentialFile, *, endpoints: Endpoints, environ: Mapping[str, str] = os.environ
) -> Credentials:
    """Return the credentials of a file that has been read or written already.

    Whatever is at its path by now: another sign-in may have written there since. Errors are those
    of `load`.
    """
    return _of_file(file, _wanted(None, None, None, endpoints, environ))


def _wanted(
    scopes: Iterable[str] | None,
    quota_project: str | None,
    emulator: str | None,
    endpoints: Endpoints | None,
    environ: Mapping[str, str],
) -> _Wanted:
    if endpoints is None and (emulator or environ.get(EMULATOR_VARIABLE)):
        endpoints = target(environ, emulator)
    asked = None if scopes is None else google_scopes.expand(scopes) or None
    return _Wanted(asked, quota_project or environ.get(QUOTA_VARIABLE), endpoints, environ)


def _found(file: CredentialFile, reason: str, tried: list[Attempt], wanted: _Wanted) -> Found:
    return Found(_of_file(file, wanted), str(file.path), reason, tuple(tried))


def _of_file(file: CredentialFile, wanted: _Wanted) -> Credentials:
    kept = file.credentials
    if isinstance(kept, OtherCredentials):
        raise UsageError(
            f"{file.path} holds {kept.type} credentials, which gemauth cannot use yet.",
            next_step="Use a service account's key, or sign in: "
            "gemauth login --client-id-file FILE",
        )
    if isinstance(kept, AuthorizedUser):
        return _of_user(file, kept, wanted)
    return _of_key(file, kept, wanted)


def _of_user(file: CredentialFile, user: AuthorizedUser, wanted: _Wanted) -> Credentials:
    known = grants.recall(wanted.environ, user.refresh_token) or grants.Grant()
    endpoints = wanted.endpoints or target({})
    try:
        require_side(endpoints, emulated=of_user(user), what=f"The sign-in in {file.path}")
    except CredentialError as error:
        if known.emulator is None or endpoints.is_emulator:
            raise
        raise CredentialError(
            error.message,
            next_step=f"Set {EMULATOR_VARIABLE}={known.emulator}, where it came from, "
            "or sign in at Google: gemauth login --client-id-file FILE",
        ) from None
    source = Refreshing(user, endpoints, wanted.scopes or ())
    return Credentials(
        kind="authorized_user",
        source=_cached(source, file.raw, endpoints, wanted),
        endpoints=endpoints,
        account=user.account or known.account,
        quota_project=wanted.quota_project or user.quota_project_id,
        project=known.project,
        path=str(file.path),
        scopes=wanted.scopes or known.scopes,
        refresh_until=known.refresh_until,
    )


def _of_key(file: CredentialFile, key: ServiceAccountKey, wanted: _Wanted) -> Credentials:
    # An emulator's key says where its emulator is, and only that can take it.
    base = loopback_base(key.token_uri)
    named = emulator_at(base) if base is not None else target({})
    endpoints = wanted.endpoints or named
    require_side(endpoints, emulated=of_key(key), what=f"The key in {file.path}")
    scopes = wanted.scopes or google_scopes.DEFAULT
    return Credentials(
        kind="service_account",
        source=_cached(Exchanged(key, endpoints, scopes), file.raw, endpoints, wanted),
        endpoints=endpoints,
        account=key.client_email,
        quota_project=wanted.quota_project,
        project=key.project_id,
        path=str(file.path),
        scopes=scopes,
    )


def _from_metadata(tried: list[Attempt], wanted: _Wanted, transport: Sender | None) -> Found:
    environ = wanted.environ
    endpoints = wanted.endpoints or target({})
    place = f"the metadata server at {metadata.host(environ)}"
    chosen = any(environ.get(name) for name in ("GCE_METADATA_HOST", "GCE_METADATA_ROOT"))
    if environ.get("NO_GCE_CHECK") == "true":
        outcome = "not asked: NO_GCE_CHECK=true"
    elif endpoints.is_emulator and not chosen:
        outcome = "not asked: calls go to an emulator, and GCE_METADATA_HOST names none of its kind"
    elif not _answers(environ, transport):
        outcome = "no answer"
    else:
        scopes = wanted.scopes or google_scopes.DEFAULT
        credentials = Credentials(
            kind="metadata",
            source=Remembered(metadata.Metadata(metadata.host(environ), scopes)),
            endpoints=endpoints,
            quota_project=wanted.quota_project,
            scopes=scopes,
        )
        reason = "No credential file was found, and this machine has a service account."
        tried.append(Attempt(place, "used"))
        return Found(credentials, metadata.host(environ), reason, tuple(tried))
    tried.append(Attempt(place, outcome))
    places = "; ".join(f"{attempt.place}: {attempt.outcome}" for attempt in tried)
    raise CredentialError(
        f"No credentials were found. Tried {places}.",
        next_step="Sign in: gemauth login --client-id-file FILE. Or name a file: "
        f"--credentials FILE, {VARIABLE}.",
        evidence=places,
    )


def _answers(environ: Mapping[str, str], transport: Sender | None) -> bool:
    with lent(transport, environ) as sender:
        return metadata.is_there(environ, sender)


def _cached(
    source: TokenSource, credential: bytes, endpoints: Endpoints, wanted: _Wanted
) -> TokenSource:
    address = endpoints.gemini if endpoints.is_emulator else ""
    place = tokens.entry(wanted.environ, credential, wanted.scopes or (), address)
    return Remembered(source) if place is None else Stored(source, place)
