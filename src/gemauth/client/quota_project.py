"""The quota project of a credential file: whether its account may bill it, and writing it there.

`gemauth set-quota-project` is this module, and a sign-in asks `check` before it takes the client's
own project as the default; google-oauth.md sections 5.5, 5.7 and 7.4.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gemauth.client.advice import CONSOLE, Advice
from gemauth.client.cache import adc, grants, tokens
from gemauth.client.calls.call import send
from gemauth.client.calls.refusal import refusal
from gemauth.client.profiles import store, using
from gemauth.client.sources import chain
from gemauth.client.target import EMULATOR_VARIABLE
from gemauth.client.transport import lent
from gemauth.client.world import Network
from gemauth.errors import (
    DataError,
    Fault,
    GemauthError,
    RefusedError,
    UnreachableError,
    UsageError,
)
from gemauth.flow import run
from gemauth.google import scopes
from gemauth.google.credentials import (
    AuthorizedUser,
    ExternalAccount,
    ExternalAccountAuthorizedUser,
    ImpersonatedServiceAccount,
)
from gemauth.google.status import Code, StatusError
from gemauth.http import JSON, Headers, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.cache.adc import CredentialFile
    from gemauth.client.credentials import Credentials
    from gemauth.client.world import Sender
    from gemauth.flow import Flow

__all__ = [
    "PERMISSION",
    "ROLE",
    "Check",
    "UncheckedError",
    "Written",
    "check",
    "clear",
    "permissions",
    "put",
    "require_project",
    "write",
]

PERMISSION = "serviceusage.services.use"
ROLE = "roles/serviceusage.serviceUsageConsumer"
_CARRIERS = (
    AuthorizedUser,
    ImpersonatedServiceAccount,
    ExternalAccount,
    ExternalAccountAuthorizedUser,
)
# An id, with an organization's domain before it in old ones, or a number.
_PROJECT = re.compile(r"(?:[a-z0-9.-]+:)?[a-z0-9-]+", re.ASCII)
_OF_PROJECTS = ("cloud-platform", "cloudplatformprojects")  # what scopes of 5.5's API begin with
_DENIALS = (None, "IAM_PERMISSION_DENIED")  # the ErrorInfo reasons of a plain 403
_UNASKED = {
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": "that takes the scope cloud-platform",
    "SERVICE_DISABLED": "cloudresourcemanager.googleapis.com, which knows, is off in the project "
    "that asks",
}
_GRANT = Advice(
    google="An owner of the project can grant it: gcloud projects add-iam-policy-binding {project} "
    f"--member={{member}} --role={{role}}, or at {CONSOLE}/iam-admin/iam?project={{project}}",
    emulator="An owner of the project can grant it: gemauth emulator iam add {project} {role} "
    "{member}",
)


class UncheckedError(GemauthError):
    """The question cannot be asked with these credentials; asking again would not help."""


@dataclass(frozen=True, slots=True)
class Check:
    """Whether an account may have a project billed.

    Attributes:
        project: the project's id or number.
        allowed: None where the question could not be asked, or got no answer.
        problem: why not, or why nobody knows; None where it may.
    """

    project: str
    allowed: bool | None
    problem: GemauthError | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What was done to a credential file.

    Attributes:
        path: the file.
        project: its quota project now, None for none.
        before: the one that it had.
        check: what was found out about the new one first, None where nothing was asked.
    """

    path: str
    project: str | None
    before: str | None
    check: Check | None = None


def check(credentials: Credentials, project: str, *, timeout: float | None = None) -> Flow[Check]:
    """Return the flow that asks Resource Manager whether an account may have a project billed.

    It raises no `GemauthError`: what keeps it from an answer is the result's `problem`.

    Args:
        credentials: the account's, with the scope cloud-platform; without it nothing is asked.
        project: its id or number.
        timeout: seconds to wait for the answer; None is the transport's own.
    """
    short = [scope.removeprefix(scopes.PREFIX) for scope in credentials.scopes]
    if short and not any(scope.startswith(_OF_PROJECTS) for scope in short):
        why = _UNASKED["ACCESS_TOKEN_SCOPE_INSUFFICIENT"]
        return Check(project, None, _unchecked(project, why))
    try:
        held = yield from permissions(credentials, project, timeout=timeout)
    except StatusError as error:
        return _refused(credentials, project, error)
    except GemauthError as error:
        return Check(project, None, error)
    allowed = PERMISSION in held
    return Check(project, allowed, None if allowed else _denied(credentials, project))


def write(
    project: str,
    path: str | os.PathLike[str] | None = None,
    *,
    profile: str | None = None,
    checked: bool = True,
    emulator: str | None = None,
    environ: Mapping[str, str] = os.environ,
    transport: Sender | None = None,
) -> Written:
    """Write the project that is to be billed into a credential file, and into its copies.

    Everything else in the file stays, also what gemauth does not know. Where the question cannot be
    asked (the scope is missing, the API is off) it is written all the same: the result's `check`
    has an `UncheckedError`.

    Args:
        project: its id or number.
        path: the file; None takes the profile's, or the ADC place.
        profile: its name; goes before GEMAUTH_PROFILE.
        checked: ask first whether the credentials in the file may have it billed.
        emulator: an emulator's address; goes before GEMAUTH_EMULATOR.
        environ: the environment variables.
        transport: sends the question; None opens one for it.

    Raises:
        NotFoundError: there is no such file or profile.
        UsageError: it is no project's name, or the file's type carries no quota project.
        RefusedError: the account may not have the project billed; the file is as it was.
        CredentialError: the credentials are over, or of the other side (real, emulator).
        UnreachableError: nobody could be asked.
        DataError: the file cannot be read or written, or was changed meanwhile.
        KeyringError: it points to a keyring that cannot be asked.
    """
    require_project(project)
    file = _read(path, profile, environ)
    found = None
    if checked:
        found = _asked(file, project, emulator, environ, transport)
        if found.problem is not None and not isinstance(found.problem, UncheckedError):
            raise found.problem
    return _put(file, project, environ, found, emulator)


def put(
    file: CredentialFile,
    project: str | None,
    environ: Mapping[str, str],
    emulator: str | None = None,
) -> CredentialFile:
    """Write a project, unchecked, into a file that has been read, and return the file as it is now.

    The cached token is kept: the sign-in is the same.

    Raises:
        UsageError: it is no project's name.
        DataError: the file is not the one that was read any more, or cannot be written.
    """
    if project is not None:
        require_project(project)
    body: dict[str, Any] = {**json.loads(file.raw), "quota_project_id": project}
    if project is None:
        del body["quota_project_id"]
    raw = adc.form(body)
    using.rewrite(environ, file, raw)
    with suppress(DataError):  # a cache: it costs a refresh
        _move_tokens(file, raw, environ, emulator)
    credentials: Any = file.credentials  # one of _CARRIERS
    pointer = file.pointer and replace(file.pointer, quota_project_id=project)
    return adc.CredentialFile(
        file.path, replace(credentials, quota_project_id=project), raw, pointer
    )


def clear(
    path: str | os.PathLike[str] | None = None,
    *,
    profile: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Written:
    """Take the quota project out of a credential file: the client's own project is billed again.

    Arguments and errors are those of `write`.
    """
    return _put(_read(path, profile, environ), None, environ, None)


def require_project(project: str) -> None:
    """See that a text may be a project's id or number.

    Raises:
        UsageError: it is none.
    """
    if not _PROJECT.fullmatch(project):
        raise UsageError(
            f"{project!r} is no project's id or number.",
            next_step="Ids are 6 to 30 lowercase letters, digits and hyphens, such as "
            "my-project-123.",
        )


def permissions(
    credentials: Credentials, project: str, *, timeout: float | None = None
) -> Flow[list[str]]:
    """Return the flow that asks which of the permissions to have a project billed an account has.

    The new quota project need not have the API on: the account asks without one, as gcloud (7.4).

    Args:
        credentials: the account's.
        project: its id or number.
        timeout: seconds to wait for the answer; None is the transport's own.

    Raises:
        GemauthError: there is no answer.
    """
    from urllib.parse import quote

    url = f"{credentials.endpoints.resource_manager}/v1/projects/{quote(project, safe='')}"
    body = json.dumps({"permissions": [PERMISSION]}).encode()
    headers = Headers({"Accept": JSON, "Content-Type": JSON})
    question = Request("POST", f"{url}:testIamPermissions", headers, body)
    answer = yield from send(credentials.with_quota_project(None), question, timeout=timeout)
    if not answer.ok:
        raise refusal(answer, emulated=credentials.endpoints.is_emulator)
    told: Any = answer.json()
    held = told.get("permissions", []) if isinstance(told, dict) else None
    if not isinstance(held, list):
        raise UnreachableError(
            "Resource Manager's answer is not in its form.",
            fault=Fault.SERVER,
            evidence=answer.body[:200].decode("utf-8", "replace"),
        )
    return held


def _refused(credentials: Credentials, project: str, error: StatusError) -> Check:
    code, reason = error.status.code, error.status.reason
    if reason in _UNASKED:
        return Check(project, None, _unchecked(project, _UNASKED[reason], error.status.message))
    if code is Code.NOT_FOUND or (code is Code.PERMISSION_DENIED and reason in _DENIALS):
        return Check(project, allowed=False, problem=_denied(credentials, project, error))
    return Check(project, None, error)


def _denied(
    credentials: Credentials, project: str, cause: StatusError | None = None
) -> RefusedError:
    account = credentials.account
    kind = "serviceAccount" if (account or "").endswith(".gserviceaccount.com") else "user"
    emulated = credentials.endpoints.is_emulator
    member = f"{kind}:{account}" if account else None
    return RefusedError(
        f"{account or 'The account'} may not have the project {project} billed: it lacks "
        f"{PERMISSION} there{'.' if cause is None else ', or there is no such project.'}",
        next_step=_GRANT.on(emulated=emulated, project=project, role=ROLE, member=member),
        fault=Fault.PROJECT,
        evidence=None if cause is None else cause.status.message,
    )


def _unchecked(project: str, why: str, evidence: str | None = None) -> UncheckedError:
    return UncheckedError(
        f"Whether the account may have {project} billed is unchecked: {why}.",
        next_step="A call tells: gemauth models list",
        fault=Fault.PROJECT,
        evidence=evidence,
    )


def _asked(
    file: CredentialFile,
    project: str,
    emulator: str | None,
    environ: Mapping[str, str],
    transport: Sender | None,
) -> Check:
    # A person's token has what was granted; others' have what is asked for.
    person = isinstance(file.credentials, AuthorizedUser | ExternalAccountAuthorizedUser)
    asked = None if person else (scopes.CLOUD_PLATFORM,)
    credentials = chain.load(file.path, asked, emulator=emulator, environ=environ).credentials
    with lent(transport, environ) as sender:
        return run(check(credentials, project), Network(sender))


def _read(
    path: str | os.PathLike[str] | None, profile: str | None, environ: Mapping[str, str]
) -> CredentialFile:
    file = adc.read(store.locate(environ, path, profile))
    if not isinstance(file.credentials, _CARRIERS):
        raise UsageError(
            f"{file.path} holds {file.credentials.type} credentials; no library reads a quota "
            "project from such a file.",
            next_step="Name it where they are used: GOOGLE_CLOUD_QUOTA_PROJECT, --quota-project. A "
            "service account's own project is billed otherwise.",
        )
    return file


def _put(
    file: CredentialFile,
    project: str | None,
    environ: Mapping[str, str],
    found: Check | None,
    emulator: str | None = None,
) -> Written:
    """Write the project, if it is another one."""
    before = json.loads(file.raw).get("quota_project_id") or None
    if before != project:
        put(file, project, environ, emulator)
    return Written(str(file.path), project, before, found)


def _move_tokens(
    file: CredentialFile, raw: bytes, environ: Mapping[str, str], emulator: str | None
) -> None:
    """Keep the token that the file's usual calls go out with under its new content too."""
    address = emulator or environ.get(EMULATOR_VARIABLE)
    if not address and isinstance(file.credentials, AuthorizedUser):
        known = grants.recall(environ, file.credentials.refresh_token)
        address = None if known is None else known.emulator
    address = (address or "").rstrip("/")
    old, new = (tokens.entry(environ, content, (), address) for content in (file.raw, raw))
    token = None if old is None else tokens.lookup(old)
    if token is not None and new is not None:
        tokens.store(new, token)
    tokens.forget_all(environ, file.raw)
