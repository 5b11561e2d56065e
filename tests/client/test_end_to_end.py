"""The library against the emulator: real sockets, and the emulator's clock turned by hand."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

import gemauth
from gemauth.client.calls.refusal import NotAuthenticatedError
from gemauth.client.credentials import Credentials
from gemauth.client.flows.exchange import TokenRefused
from gemauth.client.sources.cached import Remembered
from gemauth.client.sources.service_account import SelfSigned
from gemauth.client.transport import Transport
from gemauth.errors import CredentialError, UnreachableError, UsageError
from gemauth.google import scopes
from gemauth.google.credentials import ServiceAccountKey
from gemauth.google.endpoints import emulator as emulator_at
from gemauth.google.status import StatusError
from gemauth.http import JSON, Headers, Request
from gemauth.testing.clock import FakeClock
from gemauth.testing.emulator import EmulatorServer
from gemauth.testing.person import Person, SignInBlockedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ADA, BOB = "ada@example.com", "bob@example.com"
API = "generativelanguage.googleapis.com"
SEED = {
    "accounts": [{"email": ADA}, {"email": BOB}],
    "projects": [
        {
            "projectId": "my-project",
            "owner": ADA,
            "services": [API, "iam.googleapis.com"],
            "consentScreen": {"appName": "Demo", "supportEmail": ADA},
            "testUsers": [ADA],
            "clients": [{"kind": "desktop", "name": "cli"}],
        }
    ],
    "tunedModels": [
        {
            "id": "my-model",
            "owner": ADA,
            "project": "my-project",
            "resource": {"displayName": "My model"},
        }
    ],
}


class Machine:
    """An emulator with a project, and a home with its client file."""

    def __init__(self, server: EmulatorServer, clock: FakeClock, home: Path) -> None:
        self.server, self.clock, self.home = server, clock, home
        self.environ = {"HOME": str(home), "GEMAUTH_EMULATOR": server.address}
        self.client_file = home / "client_secret.json"
        seeded = server.control.seed(SEED)
        self.client_file.write_text(json.dumps(seeded["clients"][0]["file"]))

    def login(self, email: str = ADA, *, browser: bool = True, **more: Any) -> gemauth.SignedIn:
        """Sign in: a browser on another thread, or a pasted address."""
        walk = {name: more.pop(name) for name in ("untick", "decline") if name in more}
        shown: list[str] = []

        def browse(url: str) -> bool:
            def visit() -> None:
                end = Person(email).consent(url, **walk)
                with Transport({}) as transport:
                    transport.send(Request("GET", end))

            threading.Thread(target=visit).start()
            return True

        def paste(_: str) -> str:
            url = next(word for word in shown[-1].split() if "client_id=" in word)
            return Person(email).consent(url, **walk)

        return gemauth.login(
            self.client_file,
            browser=browser,
            environ=self.environ,
            show=shown.append,
            ask=paste,
            open_url=browse,
            clock=self.clock,
            **more,
        )

    def default(self, *names: str) -> Credentials:
        """Find the credentials, for fewer scopes if named."""
        return gemauth.default(names or None, environ=self.environ).credentials


@pytest.fixture
def machine(home: Path) -> Iterator[Machine]:
    """A machine whose emulator's clock stands at now."""
    import time

    clock = FakeClock(time.time())
    with EmulatorServer(clock=clock) as server:
        yield Machine(server, clock, home)


@pytest.mark.parametrize("browser", [True, False])
def test_sign_in_and_use(machine: Machine, *, browser: bool) -> None:
    """Loopback or paste, ADC, models, tuned models, sharing, raw REST, sign-out."""
    signed_in = machine.login(browser=browser, account=ADA)
    assert signed_in.account == ADA
    assert signed_in.missing == ()
    assert signed_in.refresh_until is not None
    assert 604_700 < signed_in.refresh_until - machine.clock.now() <= 604_800
    with gemauth.Gemini(machine.default()) as gemini:
        assert len(list(gemini.models.list(page_size=1))) > 1
        assert gemini.tuned_models.patch("my-model", {"displayName": "Mine"}).display_name == "Mine"
        shared = gemini.share("my-model", user=BOB)
        assert gemini.share("my-model", "writer", user=BOB).name == shared.name
        assert len(list(gemini.permissions.list("my-model"))) == 2
        gemini.permissions.delete(shared.name)
        answer = gemini.request("GET", "/v1/models?pageSize=1")
        assert "models" in answer.json()
    done = gemauth.revoke(environ=machine.environ)
    assert (done.at_server, done.deleted) == (True, True)


def test_async(machine: Machine) -> None:
    """The same operations on an event loop."""
    machine.login()

    async def go() -> list[str]:
        async with gemauth.AsyncGemini(machine.default()) as gemini:
            await gemini.share("my-model", everyone=True)
            return [model.name async for model in gemini.tuned_models.list(filter="owner:me")]

    assert asyncio.run(go()) == ["tunedModels/my-model"]


def test_an_unticked_box(machine: Machine) -> None:
    """What was not granted is named, and the refusal names the scopes that would do."""
    signed_in = machine.login(untick=["tuning", "retriever"])
    assert signed_in.granted == (scopes.CLOUD_PLATFORM,)
    assert signed_in.missing == (scopes.TUNING, scopes.RETRIEVER)
    with gemauth.Gemini(signed_in.credentials) as gemini, pytest.raises(StatusError) as caught:
        list(gemini.models.list())
    assert caught.value.status.reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert "generative-language.tuning" in (caught.value.next_step or "")


def test_declined(machine: Machine) -> None:
    """Cancel on the consent page ends in one sentence, and nothing is written."""
    with pytest.raises(CredentialError, match="declined"):
        machine.login(decline=True)
    assert not (machine.home / ".config").exists()


def test_not_a_tester(machine: Machine) -> None:
    """The page never redirects: by paste the person has nothing to paste."""
    with pytest.raises(SignInBlockedError) as caught:
        machine.login(BOB, browser=False)
    assert caught.value.reason == "not_a_tester"


def test_the_wrong_account(machine: Machine) -> None:
    """--account holds the sign-in to one address."""
    machine.server.control.add_test_user("my-project", BOB)
    with pytest.raises(CredentialError, match=f"{BOB} signed in instead of {ADA}"):
        machine.login(BOB, account=ADA)


def refusal(machine: Machine, act: Callable[[gemauth.Gemini], Any]) -> StatusError:
    """Return how the API refuses a call of the signed-in person."""
    with gemauth.Gemini(machine.default()) as gemini, pytest.raises(StatusError) as caught:
        act(gemini)
    return caught.value


def test_the_api_is_off(machine: Machine) -> None:
    """The project's setting, with its number in the next step."""
    machine.login()
    number = machine.server.control.project("my-project")["projectNumber"]
    machine.server.control.disable_service("my-project", API)
    error = refusal(machine, lambda gemini: gemini.models.get("gemini-2.5-flash"))
    assert error.status.reason == "SERVICE_DISABLED"
    assert error.fault is gemauth.Fault.PROJECT
    assert str(number) in (error.next_step or "")


def test_a_quota_project_that_is_not_ours(machine: Machine) -> None:
    """An unknown one and one without the permission are told apart."""
    machine.login()
    machine.server.control.create_project("foreign", owner=BOB)
    for project, reason in (
        ("gone-project", "CONSUMER_INVALID"),
        ("foreign", "USER_PROJECT_DENIED"),
    ):
        mine = machine.default().with_quota_project(project)
        with gemauth.Gemini(mine) as gemini, pytest.raises(StatusError) as caught:
            list(gemini.models.list())
        assert caught.value.status.reason == reason
        assert project in (caught.value.next_step or "")


def test_seven_days_later(machine: Machine) -> None:
    """In Testing the sign-in is over; the refusal says why and what to do."""
    machine.login()
    machine.clock.advance(8 * 86_400)
    with gemauth.Gemini(machine.default()) as gemini, pytest.raises(TokenRefused) as caught:
        list(gemini.models.list())
    assert caught.value.body.error == "invalid_grant"
    assert "7 days" in (caught.value.next_step or "")


def test_an_expired_token_is_renewed(machine: Machine) -> None:
    """The server's clock is ahead: a 401 leads to one refresh, and the call succeeds."""
    machine.login()
    before = machine.default().token().value
    machine.clock.advance(4000)
    with gemauth.Gemini(machine.default()) as gemini:
        assert list(gemini.models.list())
    assert machine.default().token().value != before


def test_after_a_sign_out_elsewhere(machine: Machine) -> None:
    """A cached token of a revoked grant: 401, a refused refresh, and the reason."""
    machine.login()
    adc = json.loads(
        (machine.home / ".config/gcloud/application_default_credentials.json").read_text()
    )
    kept = machine.default()
    gemauth.revoke(environ=machine.environ)
    (machine.home / "copy.json").write_text(json.dumps(adc))
    copy = gemauth.load(machine.home / "copy.json", environ=machine.environ)
    for credentials in (kept, copy.credentials):
        with (
            gemauth.Gemini(credentials) as gemini,
            pytest.raises(TokenRefused, match="invalid_grant"),
        ):
            list(gemini.models.list())


def key_of(machine: Machine) -> dict[str, Any]:
    """Create a service account and return its key file, through Google's own REST API."""
    import base64

    mine = machine.default()

    def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = Request(
            "POST",
            f"{mine.endpoints.iam}/v1/projects/my-project/serviceAccounts{path}",
            Headers({"Content-Type": JSON}),
            json.dumps(body).encode(),
        )
        with Transport({}) as transport:
            answer = transport.send(mine.authorize(request, transport=transport))
        assert answer.ok, answer.body
        return answer.json()

    account = post("", {"accountId": "robot-1"})
    made = post(f"/{account['email']}/keys", {})
    key: dict[str, Any] = json.loads(base64.b64decode(made["privateKeyData"]))
    return key


def test_a_service_account(machine: Machine) -> None:
    """Its key by token exchange, and self-signed; sharing decides what it may use."""
    machine.login()
    path = machine.home / "key.json"
    path.write_text(json.dumps(key_of(machine)))
    found = gemauth.load(path, environ={"HOME": str(machine.home)})
    assert found.credentials.endpoints.gemini == machine.server.address
    robot = found.credentials.account
    with gemauth.Gemini(found.credentials) as gemini:
        assert list(gemini.models.list())
        with pytest.raises(StatusError, match="permission") as caught:
            gemini.tuned_models.get("my-model")
        assert "gemauth share tunedModels/my-model" in (caught.value.next_step or "")
        with gemauth.Gemini(machine.default()) as owner:
            owner.share("my-model", user=robot)
        assert gemini.tuned_models.get("my-model").display_name == "My model"
    endpoints = emulator_at(machine.server.address)
    key = ServiceAccountKey.from_json(json.loads(path.read_text()))
    signed = Credentials("service_account", Remembered(SelfSigned(key, endpoints)), endpoints)
    with gemauth.Gemini(signed) as gemini:
        assert gemini.tuned_models.get("my-model").name == "tunedModels/my-model"


def test_nothing_of_the_emulators_goes_to_google(machine: Machine) -> None:
    """Without GEMAUTH_EMULATOR the sign-in is refused here; the outbound guard watches."""
    machine.login()
    del machine.environ["GEMAUTH_EMULATOR"]
    with pytest.raises(CredentialError) as caught:
        machine.default()
    assert machine.server.address in (caught.value.next_step or "")
    assert gemauth.revoke(environ=machine.environ).at_server  # at the one that it came from


def test_an_emulator_that_is_gone(home: Path) -> None:
    """The address and the way to start one are named."""
    with EmulatorServer() as server:
        machine = Machine(server, FakeClock(), home)
        machine.login()
    with gemauth.Gemini(machine.default()) as gemini, pytest.raises(UnreachableError) as caught:
        list(gemini.models.list())
    assert "gemauth emulator start" in (caught.value.next_step or "")


def test_a_web_client(machine: Machine) -> None:
    """Refused before any page is opened."""
    made = machine.server.control.create_client(
        "my-project", "web", kind="web", redirect_uris=["https://example.com/back"]
    )
    machine.client_file.write_text(json.dumps(made["file"]))
    with pytest.raises(UsageError, match="web client"):
        machine.login()


def test_a_client_that_was_deleted(machine: Machine) -> None:
    """The refresh's refusal names the client and where to get another."""
    machine.login()
    client_id = json.loads(machine.client_file.read_text())["installed"]["client_id"]
    machine.server.control.delete_client(client_id)
    with pytest.raises(TokenRefused) as caught:
        machine.default().token(fresh=True)
    assert "gemauth emulator clients create" in (caught.value.next_step or "")


def test_a_token_nobody_knows(machine: Machine) -> None:
    """A made-up token of the right shape is a 401, after one attempt to renew it."""
    machine.login()
    from tests.client.test_credentials import Fixed

    made_up = Credentials("authorized_user", Fixed("ya29.emu-x"), machine.default().endpoints)
    with gemauth.Gemini(made_up) as gemini, pytest.raises(NotAuthenticatedError):
        list(gemini.models.list())
