"""The self-test's steps at the Gemini API and its neighbours (gemini-api.md sections 3 and 10)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gemauth.client.selftest.fact import Fact, Sure, body, has, reason, status, text
from gemauth.client.selftest.walk import Step, Walk, get
from gemauth.google.endpoints import GEMINI_SERVICE
from gemauth.google.scopes import ANY_GEMINI

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow
    from gemauth.http import Response

__all__ = ["STEPS"]

_UNREGISTERED = "Method doesn't allow unregistered callers"
_UNAUTHENTICATED = "Request had invalid authentication credentials."
_NARROW = "Request had insufficient authentication scopes."
_NO_PROJECT = "gemauth-selftest-no-project"
_BILLED = "serviceusage.services.use"
_NAME = re.compile(r"(?:models|tunedModels)/[\w.-]+")


def _with_token(path: str) -> Callable[[Walk], Flow[Response | None]]:
    def ask(walk: Walk) -> Flow[Response | None]:
        if walk.token is None:
            return None
        return (yield from get(f"{walk.gemini}/{path}", walk.token))

    return ask


def no_credential(walk: Walk) -> Flow[Response | None]:
    """List models as nobody."""
    return (yield from get(f"{walk.gemini}/models"))


def no_token(walk: Walk) -> Flow[Response | None]:
    """List models with a token that is none."""
    return (yield from get(f"{walk.gemini}/models", "ya29.gemauth-selftest"))


def models(walk: Walk) -> Flow[Response | None]:
    """List a model; its name serves a later step."""
    answer = yield from _with_token("models?pageSize=1")(walk)
    walk.model = _first(answer, "models")
    return answer


def models_v1(walk: Walk) -> Flow[Response | None]:
    """List a model in the API's stable version."""
    if walk.token is None:
        return None
    return (yield from get(f"{walk.endpoints.gemini}/v1/models?pageSize=1", walk.token))


def model(walk: Walk) -> Flow[Response | None]:
    """Read the model that was listed."""
    if walk.token is None or walk.model is None:
        return None
    return (yield from get(f"{walk.gemini}/{walk.model}", walk.token))


def tuned_models(walk: Walk) -> Flow[Response | None]:
    """List a tuned model; its name serves later steps."""
    answer = yield from _with_token("tunedModels?pageSize=1")(walk)
    walk.tuned = _first(answer, "tunedModels")
    return answer


def _of_tuned(rest: str) -> Callable[[Walk], Flow[Response | None]]:
    def ask(walk: Walk) -> Flow[Response | None]:
        if walk.token is None or walk.tuned is None:
            return None
        return (yield from get(f"{walk.gemini}/{walk.tuned}{rest}", walk.token))

    return ask


def quota_project(walk: Walk) -> Flow[Response | None]:
    """List models at the expense of the project that the credentials name."""
    if walk.token is None or walk.project is None:
        return None
    url = f"{walk.gemini}/models?pageSize=1"
    return (yield from get(url, walk.token, x_goog_user_project=walk.project))


def enabled(walk: Walk) -> Flow[Response | None]:
    """Ask Service Usage whether the API is on."""
    if walk.narrow is None or walk.project is None:
        return None
    root = walk.endpoints.service_usage
    url = f"{root}/v1/projects/{walk.project}/services/{GEMINI_SERVICE}"
    return (yield from get(url, walk.narrow))


def may_bill(walk: Walk) -> Flow[Response | None]:
    """Ask whether the person may have the project billed; nothing is changed by that."""
    if walk.narrow is None or walk.project is None:
        return None
    url = f"{walk.endpoints.resource_manager}/v1/projects/{walk.project}:testIamPermissions"
    return (yield from walk.ask(url, {"permissions": [_BILLED]}, walk.narrow))


def narrow(walk: Walk) -> Flow[Response | None]:
    """List models with cloud-platform alone."""
    if walk.narrow is None:
        return None
    return (yield from get(f"{walk.gemini}/models", walk.narrow))


def no_project(walk: Walk) -> Flow[Response | None]:
    """List models at the expense of a project that does not exist."""
    if walk.token is None:
        return None
    url = f"{walk.gemini}/models?pageSize=1"
    return (yield from get(url, walk.token, x_goog_user_project=_NO_PROJECT))


def _names_all_five(answer: Response) -> bool:
    return all(scope in answer.headers.get("WWW-Authenticate", "") for scope in ANY_GEMINI)


def _or_refused(answer: Response) -> bool:
    """Whether a list came, or a refusal for the token's scopes: not everybody has all of them."""
    return answer.status == 200 or (answer.status == 403 and "scopes" in answer.body.decode())


def _first(answer: Response | None, key: str) -> str | None:
    """Return the name of the first resource of a list, None where it is none to ask for."""
    listed = [] if answer is None else body(answer).get(key)
    first = listed[0] if isinstance(listed, list) and listed else None
    name = first.get("name") if isinstance(first, dict) else None
    return name if isinstance(name, str) and _NAME.fullmatch(name) else None


def _or_reason(*names: str) -> Callable[[Response], bool]:
    """Return whether a success came, or a refusal for one of these reasons."""
    refused = reason(*names)
    return lambda answer: answer.status == 200 or (answer.status == 403 and refused.holds(answer))


STEPS = (
    Step(
        "models.list with nothing",
        "gemini-api.md 10, row 1",
        no_credential,
        (status(403, sure=Sure.REPORTED), text("PERMISSION_DENIED", _UNREGISTERED)),
    ),
    Step(
        "models.list with no token",
        "gemini-api.md 10, row 5",
        no_token,
        (
            status(401, sure=Sure.REPORTED),
            text("UNAUTHENTICATED", _UNAUTHENTICATED),
            reason("ACCESS_TOKEN_TYPE_UNSUPPORTED"),
        ),
    ),
    Step(
        "models.list",
        "gemini-api.md 4",
        models,
        (status(200), has("models", "nextPageToken")),
    ),
    Step("models.list in v1", "gemini-api.md 4", models_v1, (status(200), has("models"))),
    Step(
        "models.get",
        "gemini-api.md 4",
        model,
        (status(200), has("name", "version", "displayName", "supportedGenerationMethods")),
    ),
    Step(
        "models.list at the quota project's expense",
        "gemini-api.md 2, and google-oauth.md 5.7",
        quota_project,
        (
            Fact(
                "200, or 403 USER_PROJECT_DENIED",
                Sure.REPORTED,
                _or_reason("USER_PROJECT_DENIED"),
            ),
        ),
    ),
    Step(
        "models.list with cloud-platform alone",
        "gemini-api.md 0, fact 1, and 10, row 7",
        narrow,
        (
            status(403, sure=Sure.REPORTED),
            text("PERMISSION_DENIED", _NARROW),
            reason("ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
            Fact("WWW-Authenticate names all five scopes", Sure.REPORTED, _names_all_five),
        ),
    ),
    Step(
        "a model that is none",
        "gemini-api.md 10, row 15",
        _with_token("models/gemauth-selftest"),
        (
            status(404, sure=Sure.REPORTED),
            Fact(
                "NOT_FOUND",
                Sure.REPORTED,
                lambda answer: body(answer).get("error", {}).get("status") == "NOT_FOUND",
            ),
        ),
    ),
    Step(
        "tunedModels.list",
        "gemini-api.md 3 and 5",
        tuned_models,
        (Fact("200, or 403 for the scopes", Sure.DOCUMENTED, _or_refused),),
    ),
    Step(
        "tunedModels.get",
        "gemini-api.md 5",
        _of_tuned(""),
        (status(200), has("name", "state", "tuningTask")),
    ),
    Step(
        "tunedModels.permissions.list",
        "gemini-api.md 6",
        _of_tuned("/permissions?pageSize=1"),
        (
            # Of a model that is only shared with the person, nobody has said who may list them.
            Fact(
                "200 with permissions, or 403",
                Sure.INFERRED,
                lambda answer: (
                    "permissions" in body(answer) if answer.status == 200 else answer.status == 403
                ),
            ),
        ),
    ),
    Step(
        "files.list",
        "gemini-api.md 3 and 9",
        _with_token("files?pageSize=1"),
        (status(200),),
    ),
    Step(
        "corpora.list",
        "gemini-api.md 3, and 9 (the public surface)",
        _with_token("corpora?pageSize=1"),
        (Fact("200, or 403 for the scopes", Sure.DOCUMENTED, _or_refused),),
    ),
    Step(
        "a quota project that is none",
        "google-oauth.md 5.7",
        no_project,
        (
            status(403, sure=Sure.REPORTED),
            reason("CONSUMER_INVALID", "USER_PROJECT_DENIED"),
        ),
    ),
    Step(
        "the API's state at Service Usage",
        "google-oauth.md 5.4",
        enabled,
        (
            Fact(
                "200 with a state, or 403",
                Sure.DOCUMENTED,
                lambda answer: (
                    body(answer).get("state") in {"ENABLED", "DISABLED"}
                    if answer.status == 200
                    else answer.status == 403
                ),
            ),
        ),
    ),
    Step(
        "who is billed at Resource Manager",
        "google-oauth.md 5.5",
        may_bill,
        (
            Fact(
                "200 with permissions or nothing, or 403",
                Sure.DOCUMENTED,
                lambda answer: (
                    body(answer) in ({}, {"permissions": [_BILLED]})
                    if answer.status == 200
                    else answer.status == 403
                ),
            ),
        ),
    ),
)
