"""Application Default Credentials: which credential is used, and why (google-oauth.md 6.5).

The order is google-auth's own, so that gemauth and an SDK beside it pick the same one. What is
new is that every place is reported, with what was there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gemauth.client.cache import adc
from gemauth.client.cache.places import (
    PROFILE_VARIABLE,
    adc_path,
    is_profile_name,
    profile_path,
)
from gemauth.client.sources import files, given, metadata
from gemauth.client.sources.wanted import Wanted
from gemauth.client.target import EMULATOR_VARIABLE, target
from gemauth.client.transport import lent
from gemauth.errors import CredentialError, DataError, NotFoundError, UsageError
from gemauth.google import scopes as google_scopes
from gemauth.value import Value, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gemauth.client.cache.adc import CredentialFile
    from gemauth.client.credentials import Credentials
    from gemauth.client.world import Sender
    from gemauth.google.endpoints import Endpoints

__all__ = ["Attempt", "Found", "default", "from_token", "load", "of_file"]

GCLOUD = "gcloud"
VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
QUOTA_VARIABLE = "GOOGLE_CLOUD_QUOTA_PROJECT"


@frozen
class Attempt(Value):
    """One place that was looked at: its name, and what was there."""

    place: str
    outcome: str


@frozen
class Found(Value):
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


def default(
    scopes: Iterable[str] | None = None,
    *,
    profile: str | None = None,
    impersonate: str | Iterable[str] | None = None,
    lifetime: int | None = None,
    subject: str | None = None,
    self_signed: bool = False,
    quota_project: str | None = None,
    emulator: str | None = None,
    endpoints: Endpoints | None = None,
    environ: Mapping[str, str] = os.environ,
    transport: Sender | None = None,
) -> Found:
    """Find credentials as every Google library does, and say why these.

    The order: the file that GOOGLE_APPLICATION_CREDENTIALS names, the well-known ADC file, the
    metadata server. (Google's App Engine step is for Python 2.7 only.) A profile that is named,
    here or in GEMAUTH_PROFILE, goes before all of them, and nothing else is looked at then.

    Args:
        scopes: full or short names for the tokens; None takes what the person granted, or
            `scopes.DEFAULT` for service accounts.
        profile: its name (`gemauth profiles list`); goes before GEMAUTH_PROFILE.
        impersonate: a service account to act as with whatever is found, delegates before it, as
            gcloud's --impersonate-service-account: a list, or one text with commas.
        lifetime: seconds that its tokens are to live: 3600 without it, and at the most unless a
            policy of the organization allows more.
        subject: the person to act as with a service account's key (domain-wide delegation).
        self_signed: have a service account's key sign its tokens itself; no server is asked. They
            are for the Gemini API, or with `scopes` for these.
        quota_project: goes before GOOGLE_CLOUD_QUOTA_PROJECT and the file's own.
        emulator: an emulator's address; goes before GEMAUTH_EMULATOR.
        endpoints: goes before both.
        environ: the environment variables.
        transport: looks for the metadata server; None opens one for it.

    Raises:
        CredentialError: there are none (each place that was tried is listed), or they belong to
            the other side (real, emulator), or a keyring does not hand them out.
        NotFoundError: there is no such profile.
        UsageError: a variable names no file or no profile (never a fall-through), the file's
            type is one that gemauth cannot use, it leads to servers that are not Google's, it takes
            google-auth and that is not installed, or `subject` and the like do not fit it.
        DataError: the file cannot be read as credentials.
    """
    how = {
        "acting": _chain(impersonate),
        "lifetime": lifetime,
        "subject": subject,
        "self_signed": self_signed,
    }
    wanted = _wanted(scopes, quota_project, emulator, endpoints, environ, **how)
    name = profile or environ.get(PROFILE_VARIABLE)
    if name:
        return _of_profile(name, wanted, by_hand=bool(profile))
    well_known = adc_path(environ)
    tried = []
    named = environ.get(VARIABLE) or None
    if named is None:
        tried.append(Attempt(VARIABLE, "not set"))
    elif named != well_known:  # the ADC place itself is the next step's (6.5)
        file = adc.find(Path(named), named=True)
        if file is None:
            raise UsageError(
                f"{VARIABLE} names {named}, and there is no such file.",
                next_step=f"Correct it, or unset {VARIABLE}.",
            )
        _require_type(file)
        tried.append(Attempt(f"{VARIABLE}={named}", "used"))
        return _found(file, f"{VARIABLE} is set and goes before every other place.", tried, wanted)
    if well_known is None:
        tried.append(Attempt("the well-known ADC file", "no HOME to look in"))
    elif (file := adc.find(Path(well_known))) is None:
        tried.append(Attempt(well_known, "no such file"))
    else:
        _require_type(file)
        tried.append(Attempt(well_known, "used"))
        return _found(file, "It is the well-known ADC file.", tried, wanted)
    return _from_metadata(tried, wanted, transport)


def _require_type(file: CredentialFile) -> None:
    """Refuse, as google-auth does at ADC's places, what its `Credentials.to_json()` has written.

    `load` takes it, as `from_authorized_user_file` does: there nobody else reads it by itself.
    """
    if b'"type"' in file.raw:
        return
    raise DataError(
        f"{file.path} has no type (google-auth's to_json() leaves it out), and no Google library "
        "takes it as Application Default Credentials.",
        next_step=f'Name it: --credentials {file.path}. Or add "type": "authorized_user" to it.',
    )


def _of_profile(name: str, wanted: Wanted, *, by_hand: bool) -> Found:
    environ = wanted.environ
    who = "" if by_hand else f"{PROFILE_VARIABLE}={name}: "
    if not is_profile_name(name):
        raise UsageError(
            f"{who}{name!r} cannot be a profile's name.",
            next_step="See the profiles: gemauth profiles list",
        )
    path = profile_path(environ, name)
    file = None if path is None else adc.find(Path(path))
    if file is None:
        message = f"{who}There is no profile {name!r}."
        see = "See the profiles: gemauth profiles list"
        if by_hand:
            raise NotFoundError(message, next_step=see)
        raise UsageError(message, next_step=f"{see}. Or unset {PROFILE_VARIABLE}.")
    reason = (
        f"The profile {name!r} was named."
        if by_hand
        else f"{PROFILE_VARIABLE} names the profile {name!r}, which goes before every other place."
    )
    place = f"--profile {name}" if by_hand else f"{PROFILE_VARIABLE}={name}"
    return _found(file, reason, [Attempt(place, "used")], wanted)


def load(
    path: str | os.PathLike[str],
    scopes: Iterable[str] | None = None,
    *,
    impersonate: str | Iterable[str] | None = None,
    lifetime: int | None = None,
    subject: str | None = None,
    self_signed: bool = False,
    quota_project: str | None = None,
    emulator: str | None = None,
    endpoints: Endpoints | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Found:
    """Return the credentials of one file: what `--credentials FILE` names.

    Arguments and errors are those of `default`; no other place is looked at. The one word `gcloud`
    is no file: it asks for the sign-in of an installed gcloud (`client/sources/gcloud.py`).

    Raises:
        NotFoundError: there is no such file, or no gcloud.
        DataError: it is no credential file.
        UsageError: as `default`'s of a file.
        CredentialError: it belongs to the other side (real, emulator).
    """
    how = {
        "acting": _chain(impersonate),
        "lifetime": lifetime,
        "subject": subject,
        "self_signed": self_signed,
    }
    wanted = _wanted(scopes, quota_project, emulator, endpoints, environ, **how)
    if path == GCLOUD:
        return _of_gcloud(wanted)
    file = adc.find(Path(path), named=True)
    if file is None:
        raise NotFoundError(
            f"There is no credential file at {os.fspath(path)}.",
            next_step="Name a service account's key or an ADC file.",
        )
    tried = [Attempt(os.fspath(path), "used")]
    return _found(file, "It was named.", tried, wanted)


def _of_gcloud(wanted: Wanted) -> Found:
    from gemauth.client.sources import gcloud  # loads what starts programs

    found = files.acting(gcloud.credentials(wanted), wanted, None)
    reason = "gcloud's sign-in was asked for."
    if wanted.acting is None:
        reason = f"{reason} {gcloud.OPENS}"
    else:  # gcloud's project pays for what is asked of IAM; the account's own for what it calls
        found = found.with_quota_project(wanted.quota_project)
    return Found(found, "gcloud", reason, (Attempt("gcloud", "used"),))


def from_token(
    token: str,
    scopes: Iterable[str] | None = None,
    *,
    impersonate: str | Iterable[str] | None = None,
    lifetime: int | None = None,
    quota_project: str | None = None,
    emulator: str | None = None,
    endpoints: Endpoints | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Found:
    """Return the credentials that an access token is, for as long as it lives: nothing renews it.

    It is looked for nowhere: `default` never takes one, since no Google library does.

    Args:
        token: as another program got it (`gcloud auth print-access-token`, a vault).
        scopes: of the tokens of the account to act as; the token itself has those that it has.
        impersonate: a service account to act as, as in `default`.
        lifetime: seconds that its tokens are to live, as there.
        quota_project: goes before GOOGLE_CLOUD_QUOTA_PROJECT.
        emulator: an emulator's address; goes before GEMAUTH_EMULATOR.
        endpoints: goes before both.
        environ: the environment variables.

    Raises:
        UsageError: it is no token, or scopes are asked for and nobody to act as.
        CredentialError: it belongs to the other side (real, emulator).
    """
    chain = _chain(impersonate)
    how = {"acting": chain, "lifetime": lifetime}
    wanted = _wanted(scopes, quota_project, emulator, endpoints, environ, **how)
    if wanted.scopes and chain is None:
        raise UsageError(
            "An access token has the scopes that it has.",
            next_step="Leave the scopes out, or name a service account to act as.",
        )
    credentials = files.acting(given.credentials(token, wanted), wanted, None)
    return Found(credentials, "an access token", "It was given.", (Attempt("it", "used"),))


def of_file(
    file: CredentialFile, *, endpoints: Endpoints, environ: Mapping[str, str] = os.environ
) -> Credentials:
    """Return the credentials of a file that has been read or written already.

    Whatever is at its path by now: another sign-in may have written there since. Errors are those
    of `load`.
    """
    return files.credentials(file, _wanted(None, None, None, endpoints, environ))


def _wanted(
    scopes: Iterable[str] | None,
    quota_project: str | None,
    emulator: str | None,
    endpoints: Endpoints | None,
    environ: Mapping[str, str],
    **how: Any,  # noqa: ANN401  # Wanted's
) -> Wanted:
    if endpoints is None and (emulator or environ.get(EMULATOR_VARIABLE)):
        endpoints = target(environ, emulator)
    asked = None if scopes is None else google_scopes.expand(scopes) or None
    quota_project = quota_project or environ.get(QUOTA_VARIABLE)
    if how.get("lifetime") is not None and how["acting"] is None:
        raise UsageError(
            "Only the tokens of a service account that is impersonated live as long as is asked.",
            next_step="Leave --lifetime out, or name the account: --impersonate-service-account "
            "EMAIL",
        )
    return Wanted(asked, quota_project, endpoints, environ, **how)


def _chain(accounts: str | Iterable[str] | None) -> tuple[tuple[str, ...], str] | None:
    if accounts is None:
        return None
    from gemauth.client.sources.impersonated import chain_of  # loads what calls an API

    return chain_of(accounts)


def _found(file: CredentialFile, reason: str, tried: list[Attempt], wanted: Wanted) -> Found:
    return Found(files.credentials(file, wanted), str(file.path), reason, tuple(tried))


def _from_metadata(tried: list[Attempt], wanted: Wanted, transport: Sender | None) -> Found:
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
        credentials = files.of_machine(metadata.host(environ), endpoints, wanted)
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
