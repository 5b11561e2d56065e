from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.credentials import Credentials
from gemauth.client.login.proof import Proof, prove
from gemauth.client.world import Network
from gemauth.errors import CredentialError, UnreachableError
from gemauth.flow import Send, run
from gemauth.google import scopes
from gemauth.google.endpoints import GOOGLE
from gemauth.testing.clock import FakeClock
from tests.client.test_credentials import Fixed
from tests.client.transcript import Sender, answer, play, sent

if TYPE_CHECKING:
    from gemauth.http import Response

MINE = Credentials("authorized_user", Fixed(), GOOGLE, quota_project="billed")


def refusal(code: int, status: str, reason: str = "") -> Response:
    """An error of the API's."""
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}
    return answer(code, error={"code": code, "message": "No.", "status": status, "details": [info]})


def proof(*answers: Response | Exception) -> Proof | None:
    """How a first call ends that is answered so."""
    clock = FakeClock()
    world = Network(Sender(*answers), clock=clock, sleep=clock.advance)
    return run(prove(MINE, scopes.DEFAULT), world)


def test_one_model_is_listed() -> None:
    """The call is GET models?pageSize=1, and names the project that is billed."""

    def check(step: Send) -> Response:
        request = sent(step)
        assert (request.method, request.url) == ("GET", f"{GOOGLE.gemini}/v1beta/models?pageSize=1")
        assert request.headers["x-goog-user-project"] == "billed"
        assert request.headers["authorization"].startswith("Bearer ")
        return answer(models=[])

    found = play(prove(MINE, scopes.DEFAULT), (Send, check))
    assert found == Proof()
    assert not found.refused


@pytest.mark.parametrize(
    ("status", "name", "reason"),
    [
        (403, "PERMISSION_DENIED", "SERVICE_DISABLED"),
        (403, "PERMISSION_DENIED", "USER_PROJECT_DENIED"),
        (403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
        (400, "INVALID_ARGUMENT", ""),
    ],
)
def test_a_refusal(status: int, name: str, reason: str) -> None:
    """What the API said is kept, with its next step."""
    found = proof(refusal(status, name, reason))
    assert found is not None
    assert found.refused
    assert found.error is not None
    assert found.error.exit_code == 4


@pytest.mark.parametrize(
    "given",
    [
        [UnreachableError("Nothing there.")] * 99,
        [refusal(503, "UNAVAILABLE")] * 99,
        [refusal(429, "RESOURCE_EXHAUSTED")] * 99,
        [refusal(500, "INTERNAL")] * 99,
    ],
)
def test_no_answer_is_no_refusal(given: list[Any]) -> None:
    """A server that is down, busy or broken says nothing of the credentials."""
    found = proof(*given)
    assert found is not None
    assert found.error is not None
    assert not found.refused


def test_a_token_that_is_not_accepted() -> None:
    """401 twice, after a new token too, is a refusal."""
    found = proof(*[refusal(401, "UNAUTHENTICATED")] * 2)
    assert found is not None
    assert found.refused
    assert isinstance(found.error, CredentialError)


@pytest.mark.parametrize("asked", [(scopes.CLOUD_PLATFORM,), scopes.SIGN_IN, ()])
def test_what_was_not_asked_for_is_not_tried(asked: tuple[str, ...]) -> None:
    """Without a scope for listing models in the request there is nothing to prove."""
    assert play(prove(MINE, asked)) is None
