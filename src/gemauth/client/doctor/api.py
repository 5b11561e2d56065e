"""The doctor on the API: scopes by family, real calls that only read, and who pays for them.

gemini-api.md sections 2, 3 and 10; google-oauth.md 5.4 and 5.7.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from gemauth.client.calls.call import call, send
from gemauth.client.doctor.case import Fixed
from gemauth.client.doctor.finding import Finding, evidence, failed, ok, skipped, warning
from gemauth.client.doctor.remedies import ENABLE, more_scopes, remedy
from gemauth.client.families import FAMILIES
from gemauth.errors import CredentialError, Fault, GemauthError, RefusedError
from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.gemini import methods
from gemauth.google.scopes import CLOUD_PLATFORM
from gemauth.google.status import StatusError
from gemauth.http import Request

if TYPE_CHECKING:
    from gemauth.client.credentials import Credentials
    from gemauth.client.doctor.case import Case
    from gemauth.flow import Flow
    from gemauth.google.gemini.method import Method

__all__ = ["enabled", "models", "quota_project", "scopes", "tuned_models"]

_PATIENCE = 10.0  # seconds, further attempts included: what is wrong now is to be seen now
_NO_TOKEN = "There is no token to call with."  # noqa: S105  # words
_PAYERS = {"USER_PROJECT_DENIED", "CONSUMER_INVALID"}
_NUMBER = re.compile(r"(\d+)-")


def scopes(case: Case) -> Finding:
    """What the token's scopes open, and what they do not."""
    held = case.scopes
    if case.info is None and not held:
        return skipped("The token's scopes are not known.")
    closed = [family.name for family in FAMILIES if not family.opened_by(held)]
    if not closed:
        return ok("The scopes open every family of the Gemini API.")
    if len(closed) == len(FAMILIES):
        alone = " cloud-platform alone opens nothing there." if CLOUD_PLATFORM in held else ""
        error = CredentialError(f"None of the token's scopes opens the Gemini API.{alone}")
        return failed(error, next_step=more_scopes(case))
    return warning(
        f"The scopes do not open: {'; '.join(closed)}.",
        fault=Fault.CALLER,
        next_step=more_scopes(case),
    )


def models(case: Case) -> Flow[Finding]:
    """A real call: one model, which needs any Gemini scope, the API on, and a project to bill."""
    if case.token is None:
        return skipped(_NO_TOKEN)
    try:
        yield from _list(case, methods.LIST_MODELS)
    except GemauthError as error:
        case.listed = error
        return failed(error, next_step=remedy(error, case))
    case.listed = True
    return ok("models.list is answered.")


def tuned_models(case: Case) -> Flow[Finding]:
    """A real call that needs a person or a service account, and a scope of tuned models."""
    if case.token is None:
        return skipped(_NO_TOKEN)
    method = methods.LIST_TUNED_MODELS
    if case.scopes and set(case.scopes).isdisjoint(method.scopes):
        return skipped("The token has no scope for tuned models (see scopes).")
    if isinstance(case.listed, StatusError) and case.listed.status.reason is not None:
        return skipped("It would be refused as models.list was.")
    try:
        yield from _list(case, method)
    except GemauthError as error:
        return failed(error, next_step=remedy(error, case))
    return ok("tunedModels.list is answered.")


def enabled(case: Case) -> Flow[Finding]:
    """Whether the Gemini API is on in the project that calls count against."""
    if case.listed is True:
        return ok("The Gemini API is on: it answered.")
    project = _payer(case)
    if case.token is None or project is None:
        return skipped("Without a token and a project nobody can be asked.")
    if CLOUD_PLATFORM not in case.scopes:
        return skipped("Service Usage needs the scope cloud-platform, which the token lacks.")
    root = case.endpoints.service_usage if case.endpoints is not None else ""
    url = f"{root}/v1/projects/{project}/services/{GEMINI_SERVICE}"
    # Its own project pays for the question: the quota project may be what is wrong.
    answer = yield from send(_caller(case).with_quota_project(None), Request("GET", url))
    if not answer.ok:
        return skipped(f"Service Usage does not say for {project} (HTTP {answer.status}).")
    state = answer.json().get("state")
    if state == "ENABLED":
        return ok(
            f"Service Usage says that the Gemini API is on in {project}. If a call said that it is "
            "off, wait a few minutes.",
            evidence=f"state={state}",
        )
    return failed(
        RefusedError(
            f"The Gemini API is off in {project}.", fault=Fault.PROJECT, evidence=f"state={state}"
        ),
        next_step=ENABLE.on(emulated=case.emulated, project=project, service=GEMINI_SERVICE),
    )


def quota_project(case: Case) -> Finding:
    """Which project pays, and whether it may be made to."""
    if case.found is None:
        return skipped("There are no credentials.")
    payer = case.found.quota_project
    if isinstance(case.listed, StatusError) and case.listed.status.reason in _PAYERS:
        return failed(
            case.listed,
            message=f"Calls cannot be counted against {payer}, the quota project.",
            next_step=remedy(case.listed, case),
        )
    if payer is None:
        return ok("No quota project is set: the project of the OAuth client or account pays.")
    if case.listed is True:
        return ok(f"Calls count against {payer}, the quota project.")
    told = evidence(case.listed) if isinstance(case.listed, GemauthError) else None
    return skipped(
        f"No call got so far as to count against {payer}" + (f" ({told})." if told else ".")
    )


def _list(case: Case, method: Method) -> Flow[None]:
    yield from call(_caller(case), method, {"pageSize": 1}, "v1beta", timeout=_PATIENCE)


def _caller(case: Case) -> Credentials:
    assert case.found is not None
    assert case.token is not None
    return replace(case.found, source=Fixed(case.token))


def _payer(case: Case) -> str | None:
    """Return the project that calls count against: its id, or the number in the client's id."""
    if case.found is None:
        return None
    number = _NUMBER.match((case.info.audience or "") if case.info is not None else "")
    named = case.found.quota_project or case.found.project
    return named or (number[1] if number else None)
