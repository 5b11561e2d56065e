from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.credentials import Credentials
from gemauth.client.sources.given import Given
from gemauth.client.sources.impersonated import Impersonated, chain_of
from gemauth.client.token import AccessToken
from gemauth.errors import CredentialError, Fault, UnreachableError, UsageError
from gemauth.flow import Send, Wait
from gemauth.google.endpoints import GOOGLE
from gemauth.google.status import StatusError
from tests.client.test_identity import URL, id_token
from tests.client.transcript import EMULATOR, NOON, answer, play, sent

if TYPE_CHECKING:
    from gemauth.http import Response

ROBOT = "robot@demo.iam.gserviceaccount.com"
ASKER = Credentials("authorized_user", Given(AccessToken("ya29.asker")), GOOGLE, "ada@x", "billed")
LOCAL = Credentials("authorized_user", Given(AccessToken("ya29.emu-asker")), EMULATOR)
MADE = answer(accessToken="ya29.c.robot", expireTime="2026-11-19T01:46:40Z")


def refused(status: int, code: str, message: str, reason: str = "") -> Response:
    """Return an API's refusal."""
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}
    error = {"code": status, "message": message, "status": code, "details": [info]}
    return answer(status, error=error)


def test_the_request_is_google_auths() -> None:
    """The body has delegates, scope and lifetime; the quota project is the asker's."""
    source = Impersonated(
        ASKER, ROBOT, ("a", "b"), delegates=("d@x", "projects/-/serviceAccounts/e")
    )

    def check(step: Send) -> Response:
        request = sent(step)
        assert request.method == "POST"
        assert request.url == (
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
            f"{ROBOT}:generateAccessToken"
        )
        assert request.headers["Authorization"] == "Bearer ya29.asker"
        assert request.headers["x-goog-user-project"] == "billed"
        assert json.loads(request.body) == {
            "delegates": ["projects/-/serviceAccounts/d@x", "projects/-/serviceAccounts/e"],
            "scope": ["a", "b"],
            "lifetime": "3600s",
        }
        return MADE

    token = play(source.token(), (Send, check))
    assert token == AccessToken("ya29.c.robot", 1_795_052_800.0, ("a", "b"), NOON)


def test_at_an_emulator() -> None:
    """All APIs are at its address; the token that comes has to be one of its kind."""
    source = Impersonated(LOCAL, ROBOT, ("a",))

    def check(step: Send) -> Response:
        assert sent(step).url.startswith(f"{EMULATOR.gemini}/v1/projects/-/")
        return MADE

    with pytest.raises(CredentialError, match="not sent to an emulator"):
        play(source.token(), (Send, check))


def test_a_busy_server_is_asked_again() -> None:
    """After 429 and 5xx, three attempts in all; a token can be made twice without harm."""
    busy = refused(503, "UNAVAILABLE", "busy")
    token = play(Impersonated(ASKER, ROBOT, ()).token(), (Send, busy), (Wait, None), (Send, MADE))
    assert token.value == "ya29.c.robot"
    with pytest.raises(StatusError, match="busy"):
        play(
            Impersonated(ASKER, ROBOT, ()).token(),
            *((Send, busy), (Wait, None)) * 2,
            (Send, busy),
        )


@pytest.mark.parametrize(
    "no",
    [
        refused(403, "PERMISSION_DENIED", "no", "IAM_PERMISSION_DENIED"),
        refused(403, "PERMISSION_DENIED", "Permission 'iam.serviceAccounts.getAccessToken' denied"),
        refused(404, "NOT_FOUND", "Not found; Gaia id not found for email"),
    ],
)
def test_who_may_not(no: Response) -> None:
    """The role and the account are named; whether the account exists Google does not say."""
    with pytest.raises(StatusError) as caught:
        play(Impersonated(ASKER, ROBOT, ()).token(), (Send, no))
    assert caught.value.fault is Fault.PROJECT
    step = caught.value.next_step or ""
    assert "roles/iam.serviceAccountTokenCreator" in step
    assert ROBOT in step


def test_other_refusals_keep_their_advice() -> None:
    """An API that is off is switched on, not granted."""
    with pytest.raises(StatusError) as caught:
        play(
            Impersonated(ASKER, ROBOT, ()).token(),
            (Send, refused(403, "PERMISSION_DENIED", "off", "SERVICE_DISABLED")),
        )
    assert "TokenCreator" not in (caught.value.next_step or "")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"accessToken": "x"},
        {"accessToken": "x", "expireTime": "soon"},
        {"accessToken": "", "expireTime": "2026-11-19T01:46:40Z"},
    ],
)
def test_an_answer_without_a_token(body: dict[str, Any]) -> None:
    """No token, or one whose end nobody knows, is no answer."""
    with pytest.raises(UnreachableError, match="without an access token"):
        play(Impersonated(ASKER, ROBOT, ()).token(), (Send, answer(**body)))


def test_the_chain() -> None:
    """As in gcloud: the account stands last, its delegates before it."""
    assert chain_of("robot@x") == ((), "robot@x")
    assert chain_of("a@x, b@x,robot@x") == (("a@x", "b@x"), "robot@x")
    assert chain_of(["a@x", "robot@x"]) == (("a@x",), "robot@x")
    nobodies: list[str | list[str]] = ["", " , ", [], "a/b", "a@x:signJwt", "a?x"]
    for nobody in nobodies:
        with pytest.raises(UsageError, match="no service account"):
            chain_of(nobody)


@pytest.mark.parametrize("include_email", [True, False])
def test_an_id_token(*, include_email: bool) -> None:
    """Audience, delegates and includeEmail, with the asker's token and quota project."""
    source = Impersonated(ASKER, ROBOT, ("a",), delegates=("d@x",))

    def check(step: Send) -> Response:
        request = sent(step)
        assert request.url.endswith(f"/v1/projects/-/serviceAccounts/{ROBOT}:generateIdToken")
        assert request.headers["Authorization"] == "Bearer ya29.asker"
        assert request.headers["x-goog-user-project"] == "billed"
        assert json.loads(request.body) == {
            "delegates": ["projects/-/serviceAccounts/d@x"],
            "audience": URL,
            "includeEmail": include_email,
        }
        return answer(token=id_token())

    busy = refused(503, "UNAVAILABLE", "busy")
    asked = source.identity(URL, include_email=include_email)
    token = play(asked, (Send, busy), (Wait, None), (Send, check))
    assert (token.value, token.audience) == (id_token(), URL)


def test_who_may_have_no_id_token() -> None:
    """The same advice as for access tokens; without an audience nothing is asked."""
    source = Impersonated(ASKER, ROBOT, ())
    no = refused(403, "PERMISSION_DENIED", "Permission 'iam.serviceAccounts.getOpenIdToken' denied")
    with pytest.raises(StatusError) as caught:
        play(source.identity(URL), (Send, no))
    assert "roles/iam.serviceAccountTokenCreator" in (caught.value.next_step or "")
    with pytest.raises(UnreachableError, match="without an ID token"):
        play(source.identity(URL), (Send, answer()))
    with pytest.raises(UsageError, match="audience is missing"):
        play(source.identity(None))
