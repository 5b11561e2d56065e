"""From the API's error answer to an error: what it said, whose fault it is, and the next step.

The table is gemini-api.md section 10 and google-oauth.md 5.7. Google's own text stays the
message; what to do is ours. Used by `client/calls/call.py` and `gemauth request`.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

from gemauth.client import advice
from gemauth.client.advice import Advice
from gemauth.client.calls.retry import asked_for
from gemauth.errors import CredentialError, Fault, GemauthError, NotFoundError, UnreachableError
from gemauth.google.client_secret import GCLOUD_LOGIN_PROJECT_NUMBER, GCLOUD_PROJECT_NUMBER
from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.scopes import DEFAULT, short
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from gemauth.http import Response

__all__ = ["NotAuthenticatedError", "ResourceNotFoundError", "refusal"]


class NotAuthenticatedError(StatusError, CredentialError):
    """The API did not accept the credential (401), after a refresh too."""

    exit_code = CredentialError.exit_code


class ResourceNotFoundError(StatusError, NotFoundError):
    """The API knows no such resource (404)."""

    exit_code = NotFoundError.exit_code


_CLASSES = {Code.UNAUTHENTICATED: NotAuthenticatedError, Code.NOT_FOUND: ResourceNotFoundError}
_LOGIN = "gemauth login --client-id-file FILE"
# The projects of gcloud's shared clients: no API is ever enabled there (google-oauth.md 5.7).
_GCLOUD_PROJECTS = {
    f"projects/{number}" for number in (GCLOUD_PROJECT_NUMBER, GCLOUD_LOGIN_PROJECT_NUMBER)
}

_YOU, _PROJECT, _SERVER = Fault.CALLER, Fault.PROJECT, Fault.SERVER
_ADD = "Ask for one, and tick its box: gemauth login --add-scopes {scope}{where}"
_HAVE = "Use credentials that have one: whoever asks for their tokens names it (--scopes {scope})."
# By ErrorInfo's reason; {scopes}, {scope} and {project} come from the answer.
_BY_REASON: dict[str, tuple[Fault, str | Advice]] = {
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": (
        _YOU,
        "Any one of these scopes is enough: {scopes}. {ask}",
    ),
    "ACCESS_TOKEN_EXPIRED": (_YOU, f"Sign in again: {_LOGIN}"),
    "ACCESS_TOKEN_TYPE_UNSUPPORTED": (
        _YOU,
        f"This is no access token that the API knows. Sign in again: {_LOGIN}",
    ),
    "CREDENTIALS_MISSING": (
        _YOU,
        f"This call needs a person or a service account, not an API key: {_LOGIN}",
    ),
    "OVERLOADED_CREDENTIALS": (
        _YOU,
        "Send either an API key or a token: unset GOOGLE_API_KEY and GEMINI_API_KEY.",
    ),
    "API_KEY_INVALID": (_YOU, "Unset GOOGLE_API_KEY and GEMINI_API_KEY, or correct the key."),
    "SERVICE_DISABLED": (_PROJECT, advice.ENABLE_API),
    "USER_PROJECT_DENIED": (_PROJECT, advice.USE_PROJECT),
    "CONSUMER_INVALID": (
        _PROJECT,
        (
            "There may be no project {project}: correct --quota-project, "
            "GOOGLE_CLOUD_QUOTA_PROJECT or the credential file's quota_project_id."
        ),
    ),
    "CONSUMER_SUSPENDED": (_PROJECT, "Write to Google Cloud support, or use another project."),
}
_NO_QUOTA_PROJECT = (
    _YOU,
    (
        "gcloud's own client has no project to bill. Sign in with a client of your own "
        f"({_LOGIN}), or name a project: --quota-project PROJECT"
    ),
)
_BY_CODE = {
    Code.UNAUTHENTICATED: (_YOU, f"Sign in again: {_LOGIN}"),
    Code.RESOURCE_EXHAUSTED: (_PROJECT, "Wait a minute, or raise the project's quota."),
    Code.NOT_FOUND: (_YOU, "List what there is: gemauth models list, gemauth tuned-models list"),
    Code.ALREADY_EXISTS: (_YOU, "Change what is there, or give the new one another name."),
    Code.UNIMPLEMENTED: (_SERVER, None),
    Code.UNAVAILABLE: (_SERVER, "Try again in a minute."),
    Code.INTERNAL: (_SERVER, "Try again in a minute."),
}
_UNREGISTERED = "Method doesn't allow unregistered callers"
_NOT_SHARED = re.compile(r"permission to access tuned model (?:tunedModels/)?([\w-]+)")
_CHALLENGED_SCOPES = re.compile(r'\bscope="([^"]*)"')


def refusal(answer: Response, *, emulated: bool = False, where: str | None = "") -> GemauthError:
    """Return the error that an answer which is no success means.

    A `StatusError` wherever the answer holds Google's envelope: `NotAuthenticatedError` for 401,
    `ResourceNotFoundError` for 404. A 404 without it is the front's, for a path that no API has:
    `NotFoundError`. Anything else did not come from the API: `UnreachableError`.

    Args:
        answer: as it came.
        emulated: whether an emulator was asked.
        where: of the credentials it was asked with (`Credentials.where`).
    """
    try:
        status = Status.from_json(json.loads(answer.body))
    except ValueError:
        status = None
    if status is None and answer.status == 404:
        return NotFoundError(
            "No API answers at this path (HTTP 404).",
            next_step="Check the path and its version, such as /v1beta/models; docs/coverage.md "
            "has those of the Gemini API.",
            evidence=answer.body[:200].decode("utf-8", "replace").strip(),
        )
    if status is None:
        return UnreachableError(
            f"The server answered HTTP {answer.status} without Google's error envelope.",
            fault=Fault.SERVER,
            next_step="Check the address, and that no proxy answers in its place.",
            evidence=answer.body[:200].decode("utf-8", "replace"),
        )
    challenge = answer.headers.get("WWW-Authenticate")
    fault, next_step = _advice(status, challenge, emulated=emulated, where=where)
    pause = asked_for(answer)
    if pause is not None and status.code in {Code.RESOURCE_EXHAUSTED, Code.UNAVAILABLE}:
        next_step = f"Try again in {math.ceil(pause)} seconds: so long it asks to be left alone."
    return _CLASSES.get(status.code, StatusError)(
        status, www_authenticate=challenge, retry_after=pause, next_step=next_step, fault=fault
    )


def _advice(
    status: Status, challenge: str | None, *, emulated: bool, where: str | None
) -> tuple[Fault, str | None]:
    metadata = status.info.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    consumer = str(metadata.get("consumer", ""))
    reason = status.reason or ""
    if reason == "SERVICE_DISABLED" and consumer in _GCLOUD_PROJECTS:
        return _NO_QUOTA_PROJECT
    if reason in _BY_REASON:
        fault, step = _BY_REASON[reason]
        project = consumer.removeprefix("projects/")
        if isinstance(step, Advice):
            service = str(metadata.get("service") or GEMINI_SERVICE)
            return fault, step.on(emulated=emulated, project=project, service=service)
        challenged = _CHALLENGED_SCOPES.search(challenge or "")
        scopes = challenged[1].split() if challenged else []
        # Not any one: Google grants the bare generative-language to nobody (section 0.1).
        scope = next((short(scope) for scope in DEFAULT if scope in scopes), "SCOPE")
        return fault, step.format(
            scopes=", ".join(map(short, scopes)) or "see the API's reference",
            ask=(_HAVE if where is None else _ADD).format(scope=scope, where=where),
            project=project or "PROJECT",
        )
    if status.message.startswith(_UNREGISTERED):
        return _YOU, f"No credential was sent. Sign in: {_LOGIN}"
    hidden = _NOT_SHARED.search(status.message)
    if hidden:
        return _YOU, (
            "Ask its owner to share it with you: "
            f"gemauth share tunedModels/{hidden[1]} --user YOUR-ADDRESS --role reader"
        )
    return _BY_CODE.get(status.code, (_YOU, None))
