"""The doctor on the credential file: which one wins, who may read it, whose OAuth client it has.

google-oauth.md 6.3, 6.5 and 5.7. Only a metadata server is asked, and only where there is no file.
"""

from __future__ import annotations

import shlex
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client import status
from gemauth.client.cache import adc
from gemauth.client.cache.places import PROFILE_VARIABLE
from gemauth.client.doctor.finding import Finding, failed, ok, skipped, warning
from gemauth.client.doctor.remedies import SIGN_IN
from gemauth.client.profiles import copies
from gemauth.client.sources import chain
from gemauth.errors import CredentialError, Fault, UsageError
from gemauth.google.client_secret import refuse_first_party
from gemauth.google.credentials import AuthorizedUser

if TYPE_CHECKING:
    from gemauth.client.doctor.case import Case
    from gemauth.client.sources.chain import Found

__all__ = ["client", "file", "profile", "source"]


def source(case: Case) -> Finding:
    """Which credentials win, and whether they can be used at all: format, type, side."""
    looked = status.places(
        case.environ, case.credentials, profile=case.profile, token_file=case.token_file
    )
    try:
        found = _find(case)
    except CredentialError as error:
        # Where there are none at all, signing in is what helps; else the error knows better.
        return failed(error, next_step=None if any(p.state == "used" for p in looked) else SIGN_IN)
    case.found = found.credentials
    before, case.endpoints = case.endpoints, found.credentials.endpoints
    path = found.credentials.path
    if path is None and found.credentials.kind == AuthorizedUser.type:
        path = found.source  # the file that points into a keyring
    if path is not None and Path(path).is_file():  # a pipe can be read but once
        case.file = adc.find(Path(path))
    whose = found.credentials.account or "an account that the file does not name"
    message = f"{found.source} ({found.credentials.kind}, {whose}): {found.reason}"
    if before is not None and before != case.endpoints:  # an emulator's key says where it is
        message += f" It is for the emulator at {case.endpoints.gemini}: calls go there."
    used = next((place.name for place in looked if place.state == "used"), None)
    for place in looked:
        if used == chain.VARIABLE and place.state == "shadowed" and place.path is not None:
            return warning(
                f"{message} {place.path} ({place.holds}) is not used.",
                fault=Fault.CALLER,
                next_step=f"unset {chain.VARIABLE}",
            )
    return ok(message)


def profile(case: Case) -> Finding:
    """Whether gemauth and every other Google library use the same sign-in, and nothing is lost."""
    named = case.profile or case.environ.get(PROFILE_VARIABLE)
    if named and case.found is None:
        return skipped(f"The profile {named} is not in use: see credentials.")
    copied = copies.in_use(case.environ)
    elsewhere = case.credentials or case.token_file
    if copied is None or elsewhere or (case.environ.get(chain.VARIABLE) and not named):
        return skipped("The well-known ADC file is not what is used here.")
    if named and copied.profile != named:
        others = copied.profile or "credentials that are in no profile"
        return warning(
            f"gemauth uses the profile {named}, and every other Google library {copied.path}: "
            f"{others}.",
            fault=Fault.CALLER,
            next_step=f"gemauth profiles use {named}",
        )
    if copied.state == "changed":
        return warning(
            f"Another program has changed {copied.path} since the profile {copied.profile} was "
            "put there.",
            fault=Fault.CALLER,
            next_step=f"gemauth profiles save {copied.profile}",
        )
    if copied.state == "behind":
        return warning(
            f"{copied.path} is an earlier state of the profile {copied.profile}: a change was cut "
            "short.",
            fault=Fault.MACHINE,
            next_step=f"gemauth profiles use {copied.profile}",
        )
    which = "in no profile" if copied.profile is None else f"the profile {copied.profile}"
    return ok(f"{copied.path} is {which}.")


def file(case: Case) -> Finding:
    """Whether others may read or replace the credential file."""
    if case.found is None or case.found.path is None or case.file is None:
        return skipped("There is no credential file to look at.")
    path = Path(case.found.path)
    if case.platform == "win32":
        return skipped("Windows keeps permissions in lists that are not read here.")
    there, folder = path.stat(), path.absolute().parent.stat()
    quoted = shlex.quote(str(path))
    if case.user is not None and there.st_uid != case.user:
        return warning(
            f"{path} belongs to another user, who can change it.",
            fault=Fault.MACHINE,
            evidence=f"owner {there.st_uid}, you are {case.user}",
            next_step=f"sudo chown {case.user} {quoted}",
        )
    if there.st_mode & 0o077:
        return warning(
            f"{path} can be read or written by others: it is as good as a password.",
            fault=Fault.MACHINE,
            evidence=f"mode {stat.S_IMODE(there.st_mode):04o} instead of 0600",
            next_step=f"chmod 600 {quoted}",
        )
    if folder.st_mode & 0o022 and not folder.st_mode & stat.S_ISVTX:
        return warning(
            f"Others may write to {path.absolute().parent}, and so replace the file in it.",
            fault=Fault.MACHINE,
            evidence=f"mode {stat.S_IMODE(folder.st_mode):04o}",
            next_step=f"chmod go-w {shlex.quote(str(path.absolute().parent))}",
        )
    return ok(f"{path} can be read by you alone.")


def client(case: Case) -> Finding:
    """Whether the OAuth client is one's own: Google's own do not work with the Gemini API."""
    kept = None if case.file is None else case.file.credentials
    if not isinstance(kept, AuthorizedUser):
        return skipped("These credentials have no OAuth client.")
    try:
        refuse_first_party(kept.client_id)
    except UsageError as error:
        return failed(
            error,
            message=f"{error.message} Its project has no Gemini API, and Google gives it no scope "
            "of that API.",
            next_step=SIGN_IN,
        )
    return ok(f"The OAuth client is not Google's own: {kept.client_id}.")


def _find(case: Case) -> Found:
    if case.find is not None:
        return case.find()
    if case.credentials is None:
        return chain.default(
            quota_project=case.quota_project,
            emulator=case.emulator,
            environ=case.environ,
            transport=case.transport,
            profile=case.profile,
        )
    return chain.load(
        case.credentials,
        quota_project=case.quota_project,
        emulator=case.emulator,
        environ=case.environ,
    )
