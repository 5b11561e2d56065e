"""Signing in at the emulator: what a fake cannot decide."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

import gemauth
from gemauth.client.cache import adc, grants
from gemauth.client.flows.dead_end import DeadEnd
from gemauth.errors import CredentialError, UnreachableError
from gemauth.google import scopes
from gemauth.google.credentials import AuthorizedUser
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, RETRIEVER, TUNING
from gemauth.google.status import StatusError
from gemauth.testing.clock import FakeClock
from gemauth.testing.emulator import EmulatorServer
from gemauth.testing.person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADA, BOB = "ada@example.com", "bob@example.com"
API = "generativelanguage.googleapis.com"


class Machine:
    """An emulator with a project, and a home with its client file."""

    def __init__(self, server: EmulatorServer, clock: FakeClock, home: Path) -> None:
        self.server, self.clock, self.home = server, clock, home
        self.environ = {"HOME": str(home)}
        self.client_file = home / "client_secret.json"
        seeded = server.control.seed(
            {
                "accounts": [{"email": ADA}, {"email": BOB}],
                "projects": [
                    {
                        "projectId": "my-project",
                        "owner": ADA,
                        "services": [API],
                        "consentScreen": {"appName": "Demo", "supportEmail": ADA},
                        "testUsers": [ADA, BOB],
                        "clients": [{"kind": "desktop", "name": "cli"}],
                    },
                    {"projectId": "others", "owner": BOB, "services": [API]},
                ],
            }
        )
        self.client_file.write_text(json.dumps(seeded["clients"][0]["file"]))

    def start(self, **more: Any) -> gemauth.Started:
        """Begin a sign-in in two steps."""
        file = None if "add_scopes" in more else self.client_file
        return gemauth.login_start(file, environ=self.environ, clock=self.clock, **more)

    def finish(self, url: str, **more: Any) -> gemauth.SignedIn:
        """End it."""
        return gemauth.login_finish(url, environ=self.environ, clock=self.clock, **more)

    def sign_in(self, email: str = ADA, *, untick: Any = (), **more: Any) -> gemauth.SignedIn:
        """Do both."""
        return self.finish(Person(email).consent(self.start(**more).url, untick=untick))

    @property
    def kept(self) -> AuthorizedUser:
        """The person's credentials in the well-known file."""
        kept = adc.read(adc.well_known(self.environ)).credentials
        assert isinstance(kept, AuthorizedUser)
        return kept

    def token(self) -> str:
        """A new access token of the credentials that are kept."""
        return gemauth.default(environ=self.environ | self.here).credentials.token(fresh=True).value

    @property
    def here(self) -> dict[str, str]:
        """What leads to the emulator."""
        return {"GEMAUTH_EMULATOR": self.server.address}


@pytest.fixture
def machine(home: Path) -> Iterator[Machine]:
    """A machine whose emulator's clock stands at now."""
    clock = FakeClock(time.time())
    with EmulatorServer(clock=clock) as server:
        yield Machine(server, clock, home)


def test_two_steps(machine: Machine) -> None:
    """The emulator takes the code with the verifier of the first step; the API answers."""
    signed_in = machine.sign_in(account=ADA)
    assert signed_in.account == ADA
    assert signed_in.proof == gemauth.Proof()
    assert signed_in.refresh_until is not None
    assert machine.token().startswith("ya29.emu-")


def test_two_people_at_once(machine: Machine) -> None:
    """Two sign-ins wait beside each other, and each answer finds its own."""
    ada = machine.start(account=ADA, output=machine.home / "ada.json")
    bob = machine.start(account=BOB, output=machine.home / "bob.json")
    from_bob, from_ada = Person(BOB).consent(bob.url), Person(ADA).consent(ada.url)
    assert machine.finish(from_bob).account == BOB
    assert machine.finish(from_ada).account == ADA


def test_anothers_code_under_ones_own_state(machine: Machine) -> None:
    """The code was given for another verifier: a code that is slipped in is worth nothing."""
    mine, evil = machine.start(), machine.start()
    answers = [urlsplit(Person(ADA).consent(one.url)) for one in (mine, evil)]
    first, second = (dict(parse_qsl(answer.query)) for answer in answers)
    mixed = answers[0]._replace(query=urlencode(first | {"code": second["code"]}))
    with pytest.raises(CredentialError, match="invalid_grant"):
        machine.finish(mixed.geturl())
    assert not adc.well_known(machine.environ).exists()


def test_a_stolen_answer(machine: Machine, tmp_path: Path) -> None:
    """Whoever sees the address elsewhere has neither verifier nor sign-in to finish."""
    answer = Person(ADA).consent(machine.start().url)
    thief = {"HOME": str(tmp_path)}
    with pytest.raises(CredentialError, match="No sign-in waits here"):
        gemauth.login_finish(answer, environ=thief)
    machine.finish(answer)


def test_two_who_finish_at_once(machine: Machine) -> None:
    """One has it; the code is sent once, or the emulator would revoke what it gave for it."""
    answer = Person(ADA).consent(machine.start().url)
    ends: list[str] = []

    def finish() -> None:
        try:
            ends.append(str(machine.finish(answer, proof=False).granted))
        except CredentialError as error:
            ends.append(error.message)

    threads = [threading.Thread(target=finish) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("used already" in one for one in ends) == 5
    assert machine.token()


def test_a_code_that_is_too_old(machine: Machine) -> None:
    """The sign-in may wait for longer than its code lives; the token endpoint says so."""
    answer = Person(ADA).consent(machine.start().url)
    machine.clock.advance(1200)
    with pytest.raises(CredentialError, match="invalid_grant"):
        machine.finish(answer)


def test_declined(machine: Machine) -> None:
    """The Cancel button's redirect ends it."""
    with pytest.raises(DeadEnd, match="declined"):
        machine.finish(Person(ADA).consent(machine.start().url, decline=True))


def test_the_emulator_is_away(machine: Machine, home: Path) -> None:
    """The answer is good for another try when it is back."""
    answer = Person(ADA).consent(machine.start().url)
    (waiting,) = (home / ".config/gemauth/sign-ins").iterdir()
    good = waiting.read_text()
    waiting.write_text(good.replace(machine.server.address, "http://127.0.0.1:9"))
    with pytest.raises(UnreachableError):
        machine.finish(answer)
    assert waiting.exists()
    waiting.write_text(good)
    assert machine.finish(answer).proof == gemauth.Proof()


def test_an_unticked_box(machine: Machine) -> None:
    """What was granted is kept, recorded and used; a refresh asks for no more than that."""
    signed_in = machine.sign_in(untick=["retriever"])
    assert signed_in.missing == (RETRIEVER,)
    assert signed_in.closed == ("see and query corpora", "create and change corpora")
    known = grants.recall(machine.environ, machine.kept.refresh_token)
    assert known is not None
    assert set(known.scopes) == {CLOUD_PLATFORM, TUNING}
    found = gemauth.default(environ=machine.environ | machine.here).credentials
    assert set(found.token(fresh=True).scopes) == {CLOUD_PLATFORM, TUNING}
    narrow = gemauth.default(["retriever"], environ=machine.environ | machine.here).credentials
    with pytest.raises(CredentialError, match=r"not granted generative-language\.retriever"):
        narrow.token()


def test_later_the_box_is_ticked(machine: Machine) -> None:
    """More scopes for the same sign-in, no client file: the new grant has them all."""
    machine.sign_in(untick=["retriever"], account=ADA)
    machine.client_file.unlink()
    before = machine.kept
    signed_in = machine.sign_in(add_scopes=["retriever"])
    assert signed_in.account == ADA
    assert set(signed_in.granted) == {OPENID, EMAIL, CLOUD_PLATFORM, TUNING, RETRIEVER}
    assert signed_in.missing == ()
    assert signed_in.replaced
    assert machine.kept.refresh_token != before.refresh_token
    assert machine.kept.client_id == before.client_id
    wider = gemauth.default(["retriever"], environ=machine.environ | machine.here).credentials
    assert wider.token().scopes == (RETRIEVER,)


def test_the_old_refresh_token_lives_on(machine: Machine) -> None:
    """As `gemauth login` tells: it is not revoked, it has no new scopes, and revoking ends both."""
    machine.sign_in(scopes=["tuning"], output=machine.home / "adc.json")
    copy = machine.home / "copy.json"
    copy.write_bytes((machine.home / "adc.json").read_bytes())
    machine.sign_in(add_scopes=["retriever"], output=machine.home / "adc.json")

    def scopes_of(name: str) -> set[str]:
        found = gemauth.load(machine.home / name, environ=machine.environ | machine.here)
        return set(found.credentials.token(fresh=True).scopes)

    assert scopes_of("copy.json") == {TUNING}
    assert {TUNING, RETRIEVER} <= scopes_of("adc.json")
    gemauth.revoke(machine.home / "adc.json", environ=machine.environ | machine.here)
    with pytest.raises(CredentialError):
        scopes_of("copy.json")


def test_another_account_adds_nothing(machine: Machine) -> None:
    """Both are named, and what is kept is as it was."""
    machine.sign_in(scopes=["tuning"], account=ADA)
    before = machine.kept
    with pytest.raises(CredentialError, match=r"bob@example\.com signed in instead of ada@"):
        machine.sign_in(BOB, add_scopes=["retriever"])
    assert machine.kept == before


@pytest.mark.parametrize(
    ("off", "quota_project", "asked", "reason"),
    [
        (True, None, scopes.DEFAULT, "SERVICE_DISABLED"),
        (False, "others", scopes.DEFAULT, "USER_PROJECT_DENIED"),
        (False, None, (CLOUD_PLATFORM, TUNING), "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
    ],
)
def test_what_keeps_calls_from_working(
    machine: Machine,
    asked: tuple[str, ...],
    quota_project: str | None,
    reason: str,
    *,
    off: bool,
) -> None:
    """The API is off, the project may not be billed, the scope is not there: kept, and told."""
    if off:
        machine.server.control.disable_service("my-project", API)
    untick = ["tuning"] if reason.endswith("INSUFFICIENT") else []
    signed_in = machine.sign_in(scopes=asked, quota_project=quota_project, untick=untick)
    assert signed_in.proof is not None
    assert signed_in.proof.refused
    error = signed_in.proof.error
    assert isinstance(error, StatusError)
    assert error.status.reason == reason
    assert error.next_step
    assert machine.kept.refresh_token
