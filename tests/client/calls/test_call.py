from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gemauth.client.calls.call import call, send
from gemauth.client.calls.refusal import NotAuthenticatedError
from gemauth.client.credentials import Credentials
from gemauth.errors import CredentialError, UnreachableError, UsageError
from gemauth.flow import Flow, Now, Send, Wait
from gemauth.google.endpoints import GOOGLE
from gemauth.google.gemini import methods
from gemauth.google.status import Code, Status, StatusError
from gemauth.http import Request, Response
from tests.client.test_credentials import Fixed
from tests.client.transcript import answer, play, sent

if TYPE_CHECKING:
    from gemauth.client.token import AccessToken
    from gemauth.google.gemini.method import Method

MODELS = Request("GET", f"{GOOGLE.gemini}/v1beta/models")
EXPIRED = Response(401, body=json.dumps(Status(Code.UNAUTHENTICATED, "no").to_json()).encode())


def credentials(source: Fixed) -> Credentials:
    """Return credentials toward Google."""
    return Credentials("authorized_user", source, GOOGLE)


def test_a_call() -> None:
    """Verb, path and query come from the method table, the body is JSON."""

    def check(step: Send) -> Response:
        request = sent(step)
        assert request.method == "POST"
        assert request.url == f"{GOOGLE.gemini}/v1/tunedModels/x/permissions"
        assert json.loads(request.body) == {"role": "READER"}
        assert request.headers["content-type"] == "application/json"
        assert request.headers["authorization"] == "Bearer ya29.real"
        return answer(name="tunedModels/x/permissions/1")

    fields = {"parent": "tunedModels/x", "permission": {"role": "READER"}}
    flow = call(credentials(Fixed()), methods.CREATE_PERMISSION, fields, "v1")
    assert play(flow, (Send, check)) == {"name": "tunedModels/x/permissions/1"}


def test_a_get_has_no_body() -> None:
    """Fields that no path takes are the query."""

    def check(step: Send) -> Response:
        assert sent(step).url == f"{GOOGLE.gemini}/v1beta/models?pageSize=5"
        assert sent(step).body == b""
        assert "content-type" not in sent(step).headers
        return answer()

    fields = {"pageSize": 5, "pageToken": None}
    play(call(credentials(Fixed()), methods.LIST_MODELS, fields, "v1beta"), (Send, check))


def test_an_empty_answer() -> None:
    """A success without a body is an empty message."""
    flow = call(credentials(Fixed()), methods.DELETE_TUNED_MODEL, {"name": "tunedModels/x"}, "v1")
    assert play(flow, (Send, Response(200))) == {}


def test_a_401_is_tried_once_more_with_a_new_token() -> None:
    """Once, not for ever (google-oauth.md section 10)."""
    source = Fixed()
    good = play(send(credentials(source), MODELS), (Send, EXPIRED), (Send, answer(models=[])))
    assert good.status == 200
    assert source.asked == [False, True]
    flow = call(credentials(source), methods.LIST_MODELS, {}, "v1beta")
    with pytest.raises(NotAuthenticatedError):
        play(flow, (Send, EXPIRED), (Send, EXPIRED))


def test_a_refresh_that_fails_is_the_error() -> None:
    """After a 401 for a revoked sign-in, the token endpoint's refusal says more."""

    class Revoked(Fixed):
        def token(self, *, fresh: bool = False) -> Flow[AccessToken]:
            if fresh:
                yield Now()
                raise CredentialError("Token has been expired or revoked.")
            return (yield from super().token())

    with pytest.raises(CredentialError, match="revoked"):
        play(send(credentials(Revoked()), MODELS), (Send, EXPIRED))


def test_another_refusal_is_not_tried_again() -> None:
    """A 403 stays one, whatever token asks."""
    body = Status(Code.PERMISSION_DENIED, "no").to_json()
    flow = call(credentials(Fixed()), methods.LIST_MODELS, {}, "v1beta")
    with pytest.raises(StatusError):
        play(flow, (Send, answer(403, **body)))


def test_what_may_pass_is_tried_again() -> None:
    """By the rules of retry.py; each attempt has a 401's second chance of its own."""
    busy = answer(503, **Status(Code.UNAVAILABLE, "busy").to_json())
    flow = call(credentials(Fixed()), methods.LIST_MODELS, {}, "v1beta")
    models = answer(models=[{"name": "models/x"}])
    lines = [(Send, busy), (Wait(0, 1.0), None), (Send, EXPIRED), (Send, models)]
    assert play(flow, *lines) == {"models": [{"name": "models/x"}]}


def test_a_deadline_of_the_callers_own() -> None:
    """It is also the longest silence within one attempt."""

    def check(step: Send) -> Response:
        assert step.timeout == 5
        return answer()

    flow = call(credentials(Fixed()), methods.LIST_MODELS, {}, "v1beta", timeout=5)
    play(flow, (Send, check))


def test_an_answer_that_is_no_json() -> None:
    """A success that is none is an unreachable API."""
    flow = call(credentials(Fixed()), methods.LIST_MODELS, {}, "v1beta")
    with pytest.raises(UnreachableError):
        play(flow, (Send, Response(200, body=b"<html>")))


def test_a_name_that_is_none() -> None:
    """Nothing is sent for a name that fits no path."""
    with pytest.raises(UsageError):
        play(call(credentials(Fixed()), methods.GET_MODEL, {"name": "../x"}, "v1beta"))


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        (methods.GET_MODEL, {"name": "models/\udcff"}),
        (methods.LIST_TUNED_MODELS, {"filter": "\udcff"}),
    ],
)
def test_what_is_no_text_is_not_sent(method: Method, fields: dict[str, str]) -> None:
    """Bytes of an argument that the terminal's encoding does not know are the caller's mistake."""
    with pytest.raises(UsageError, match="no Unicode text"):
        play(call(credentials(Fixed()), method, fields, "v1beta"))
