from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.doctor import api, credentials
from gemauth.client.doctor.finding import State
from gemauth.client.flows.tokeninfo import TokenInfo
from gemauth.client.token import AccessToken
from gemauth.errors import Fault, UnreachableError
from gemauth.flow import Send
from gemauth.google import scopes
from tests.client.doctor.google import case, refused
from tests.client.transcript import NOON, answer, play, sent

if TYPE_CHECKING:
    from pathlib import Path

    from gemauth.client.doctor.case import Case

OFF = {
    "reason": "SERVICE_DISABLED",
    "metadata": {"service": "generativelanguage.googleapis.com", "consumer": "projects/12345"},
}


@pytest.fixture
def ready(home: Path) -> Case:
    """A case with credentials and a token that opens everything."""
    there = case(home)
    credentials.source(there)
    there.token = AccessToken("ya29.a0", NOON + 3599, scopes.DEFAULT)
    there.info = TokenInfo(scopes.DEFAULT, "12345-x.apps.googleusercontent.com")
    return there


def test_calls(ready: Case) -> None:
    """One model and one tuned model are read, with the token that the doctor has."""

    def reply(step: Any) -> Any:
        request = sent(step)
        assert (request.method, request.headers["authorization"]) == ("GET", "Bearer ya29.a0")
        assert request.url.endswith("?pageSize=1")
        return answer()

    assert play(api.models(ready), (Send, reply)).state is State.OK
    assert play(api.tuned_models(ready), (Send, reply)).state is State.OK
    assert play(api.enabled(ready)).state is State.OK


def test_the_api_is_off_at_google(ready: Case) -> None:
    """The project is the one that the answer names, and one request turns the API on."""
    found = play(api.models(ready), (Send, refused(403, "PERMISSION_DENIED", **OFF)))
    assert found.fault is Fault.PROJECT
    assert found.next_step == (
        "gemauth request POST https://serviceusage.googleapis.com/v1/projects/12345/services/"
        "generativelanguage.googleapis.com:enable"
    )
    assert "consumer=projects/12345" in str(found.evidence)
    assert play(api.tuned_models(ready)).state is State.SKIPPED


def test_service_usage(ready: Case) -> None:
    """Asked only where models.list was refused; on, off, and where it does not say."""
    play(api.models(ready), (Send, refused(403, "PERMISSION_DENIED", **OFF)))

    def asked(step: Any, state: str) -> Any:
        url = "https://serviceusage.googleapis.com/v1/projects/demo/services/"
        assert sent(step).url == f"{url}generativelanguage.googleapis.com"
        assert "x-goog-user-project" not in sent(step).headers
        return answer(state=state)

    on = play(api.enabled(ready), (Send, lambda step: asked(step, "ENABLED")))
    assert (on.state, "wait a few minutes" in on.message) == (State.OK, True)
    off = play(api.enabled(ready), (Send, lambda step: asked(step, "DISABLED")))
    assert (off.state, off.exit_code, off.fault) == (State.FAILED, 4, Fault.PROJECT)
    assert ":enable" in str(off.next_step)
    silent = play(api.enabled(ready), (Send, refused(403, "PERMISSION_DENIED")))
    assert silent.state is State.SKIPPED


def test_service_usage_needs_its_scope(ready: Case) -> None:
    """A token without cloud-platform does not ask, nor does nobody."""
    ready.info = TokenInfo((scopes.TUNING,))
    assert "cloud-platform" in play(api.enabled(ready)).message
    ready.token = None
    assert play(api.enabled(ready)).state is State.SKIPPED
    ready.found = None
    assert play(api.enabled(ready)).state is State.SKIPPED


def test_the_project_in_the_client_s_id(ready: Case) -> None:
    """Where nobody names a project, the OAuth client's number does."""
    from dataclasses import replace

    assert ready.found is not None
    ready.found = replace(ready.found, project=None)

    def asked(step: Any) -> Any:
        assert "/projects/12345/services/" in sent(step).url
        return answer(state="ENABLED")

    assert play(api.enabled(ready), (Send, asked)).state is State.OK


def test_a_refusal_of_its_own(ready: Case) -> None:
    """Tuned models may be refused where models are not."""
    play(api.models(ready), (Send, answer()))
    found = play(api.tuned_models(ready), (Send, refused(404, "NOT_FOUND")))
    assert (found.state, found.exit_code) == (State.FAILED, 6)


def test_quota_project(ready: Case) -> None:
    """Who pays: the client's project, the quota project, or nobody got so far as to ask."""
    assert "No quota project is set" in api.quota_project(ready).message
    assert ready.found is not None
    ready.found = ready.found.with_quota_project("paying")
    assert api.quota_project(ready).state is State.SKIPPED
    ready.listed = True
    assert "count against paying" in api.quota_project(ready).message
    ready.listed = UnreachableError("down")
    assert api.quota_project(ready).state is State.SKIPPED
    reason = {"reason": "USER_PROJECT_DENIED", "metadata": {"consumer": "projects/paying"}}
    play(api.models(ready), (Send, refused(403, "PERMISSION_DENIED", **reason)))
    found = api.quota_project(ready)
    assert found.state is State.FAILED
    assert found.next_step == "https://console.cloud.google.com/iam-admin/iam?project=paying"
    ready.found = None
    assert api.quota_project(ready).state is State.SKIPPED


def test_scopes_that_nobody_knows(ready: Case) -> None:
    """Unknown is not missing."""
    from dataclasses import replace

    assert ready.found is not None
    ready.info, ready.found = None, replace(ready.found, scopes=())
    assert api.scopes(ready).state is State.SKIPPED
    ready.info = TokenInfo(())
    assert api.scopes(ready).state is State.FAILED
