"""The self-test's steps at the Gemini API and its neighbours (gemini-api.md sections 3 and 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.selftest.fact import Fact, Sure, body, has, reason, status, text
from gemauth.client.selftest.walk import Step, Walk, get
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
        _with_token("models?pageSize=1"),
        (status(200), has("models", "nextPageToken")),
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
        _with_token("tunedModels?pageSize=1"),
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
)
