"""The doctor's next steps where a refusal has one: one command each, or one page to open.

google-oauth.md 2.1 and 5.7, gemini-api.md section 10. The sentences around them are in
`client/advice.py`, `client/calls/refusal.py` and `flows/exchange.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.advice import CONSOLE, Advice
from gemauth.client.families import SIGN_IN, ask_for_more
from gemauth.client.flows.exchange import TokenRefused
from gemauth.errors import UnreachableError
from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.status import StatusError

if TYPE_CHECKING:
    from gemauth.client.doctor.case import Case
    from gemauth.errors import GemauthError

__all__ = ["ENABLE", "NEW_CLIENT", "SIGN_IN", "TESTERS", "more_scopes", "remedy"]

TESTERS = Advice(
    google=f"{CONSOLE}/auth/audience?project={{project}}",
    emulator="gemauth emulator test-users list {project}",
)
NEW_CLIENT = Advice(
    google=f"{CONSOLE}/auth/clients",
    emulator="gemauth emulator clients list {project}",
)
ENABLE = Advice(
    google="gemauth request POST https://serviceusage.googleapis.com/v1/projects/{project}/"
    "services/{service}:enable",
    emulator="gemauth emulator services enable {project} {service}",
)
_GRANT = Advice(
    google=f"{CONSOLE}/iam-admin/iam?project={{project}}",
    emulator="gemauth emulator iam add {project} roles/serviceusage.serviceUsageConsumer "
    "user:{email}",
)
_PROJECTS = Advice(
    google=f"{CONSOLE}/cloud-resource-manager",
    emulator="gemauth emulator projects list",
)
_BY_REASON: dict[str, str | Advice] = {
    "SERVICE_DISABLED": ENABLE,
    "USER_PROJECT_DENIED": _GRANT,
    "CONSUMER_INVALID": _PROJECTS,
}
_BY_ERROR: dict[str, str | Advice] = {
    "invalid_grant": SIGN_IN,
    "unauthorized_client": SIGN_IN,
    "invalid_client": NEW_CLIENT,
    "deleted_client": NEW_CLIENT,
    "disabled_client": NEW_CLIENT,
}


def remedy(error: GemauthError, case: Case) -> str | None:
    """Return the one next step after a refusal, or None where its own is the best there is."""
    if isinstance(error, UnreachableError):
        return "gemauth emulator start" if case.emulated else None
    step: str | Advice | None = None
    project = None if case.found is None else case.found.project
    if isinstance(error, StatusError):
        if error.status.reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
            return more_scopes(case)
        step = _BY_REASON.get(error.status.reason or "")
        metadata = error.status.info.get("metadata")
        consumer = metadata.get("consumer") if isinstance(metadata, dict) else None
        if isinstance(consumer, str):
            project = consumer.removeprefix("projects/")
    elif isinstance(error, TokenRefused) and case.file is not None:
        step = _BY_ERROR.get(error.body.error)
        if step == SIGN_IN and _is_key(case):
            return None
    if not isinstance(step, Advice):
        return step
    email = None if case.found is None else case.found.account
    return step.on(emulated=case.emulated, project=project, service=GEMINI_SERVICE, email=email)


def more_scopes(case: Case) -> str:
    """Return the command that asks for the scopes that the token lacks."""
    path = None if case.file is None else str(case.file.path)
    return ask_for_more(case.environ, path, case.scopes)


def _is_key(case: Case) -> bool:
    return case.found is not None and case.found.kind != "authorized_user"
