from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.client.cache import adc
from gemauth.client.flows.dead_end import DeadEnd
from gemauth.client.flows.exchange import TokenRefused
from gemauth.client.login import login_finish, login_start
from gemauth.errors import CredentialError, DataError, UnreachableError, UsageError
from gemauth.google import scopes
from gemauth.google.error_page import ErrorPage
from gemauth.http import parse_form
from gemauth.testing.clock import FakeClock
from tests.client.flows.test_sign_in import id_token
from tests.client.transcript import CLIENT, Sender, answer, tokens

if TYPE_CHECKING:
    from pathlib import Path

    from gemauth.client.login import SignedIn, Started

GRANTED = tokens(refresh_token="1//0real", scope=" ".join(scopes.DEFAULT), id_token=id_token())


class Agent:
    """A program that signs a person in by two processes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ = {"HOME": str(home)}
        self.client_file = home / "client_secret.json"
        self.client_file.write_text(json.dumps(CLIENT.to_json()))
        self.clock = FakeClock(1_000_000.0)
        self.sender = Sender()

    def start(self, **options: Any) -> Started:
        """Begin a sign-in."""
        return login_start(
            self.client_file,
            environ=self.environ,
            clock=self.clock,
            transport=self.sender,
            **options,
        )

    def finish(self, url: str, *answers: Any, **options: Any) -> SignedIn:
        """End one."""
        self.sender = Sender(*answers)
        return login_finish(
            url,
            environ=self.environ,
            clock=self.clock,
            transport=self.sender,
            **{"proof": False, **options},
        )

    @property
    def waiting(self) -> list[bytes]:
        """What the files of waiting sign-ins hold."""
        return [path.read_bytes() for path in (self.home / ".config/gemauth/sign-ins").iterdir()]


def query(started: Started) -> dict[str, str]:
    """The parameters of the address to open."""
    return {name: values[0] for name, values in parse_qs(urlsplit(started.url).query).items()}


def end(started: Started, **more: str) -> str:
    """The address that the browser ends at."""
    return f"{started.redirect_uri}?{urlencode({'state': query(started)['state'], **more})}"


@pytest.fixture
def agent(home: Path) -> Agent:
    """One with a home of its own."""
    return Agent(home)


def test_two_steps(agent: Agent) -> None:
    """The second step needs nothing of the first but its file; the code goes with its verifier."""
    started = agent.start(quota_project="billed")
    assert started.expires_at == 1_000_000.0 + 1800
    asked = query(started)
    assert asked["redirect_uri"] == started.redirect_uri
    assert asked["code_challenge_method"] == "S256"
    (kept,) = agent.waiting
    verifier = json.loads(kept)["verifier"]
    assert verifier not in started.url
    assert asked["state"] not in repr(started)

    agent.client_file.unlink()
    signed_in = agent.finish(end(started, code="4/0A"), GRANTED)
    form = parse_form(agent.sender.requests[0].body)
    assert (form["code"], form["code_verifier"]) == ("4/0A", verifier)
    assert form["redirect_uri"] == started.redirect_uri
    assert signed_in.account == "ada@example.com"
    assert signed_in.path == str(adc.well_known(agent.environ))
    assert signed_in.credentials.quota_project == "billed"
    assert agent.waiting == [b""]


def test_several_wait_beside_each_other(agent: Agent) -> None:
    """Each answer finds its own, in any order."""
    first = agent.start(output=agent.home / "first.json")
    second = agent.start(output=agent.home / "second.json")
    assert agent.finish(end(second, code="4/0B"), GRANTED).path.endswith("second.json")
    assert agent.finish(end(first, code="4/0A"), GRANTED).path.endswith("first.json")


def test_relative_places_are_those_of_the_first_step(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second process may stand in another folder."""
    monkeypatch.chdir(agent.home)
    started = agent.start(output="mine.json")
    monkeypatch.chdir("/")
    assert agent.finish(end(started, code="4/0A"), GRANTED).path == str(agent.home / "mine.json")


def test_an_answer_serves_once(agent: Agent) -> None:
    """A replay is refused before anything is sent."""
    started = agent.start()
    agent.finish(end(started, code="4/0A"), GRANTED)
    with pytest.raises(CredentialError, match="used already"):
        agent.finish(end(started, code="4/0A"))
    assert agent.sender.requests == []


def test_a_late_answer(agent: Agent) -> None:
    """After its time it is refused, and the next start deletes what is over."""
    started, _ = agent.start(lifetime=60), agent.start(lifetime=60)
    agent.clock.advance(60)
    with pytest.raises(CredentialError, match="waited for too long"):
        agent.finish(end(started, code="4/0A"))
    agent.start()
    assert len(agent.waiting) == 1


def test_what_nobody_finished_goes_with_the_next_sign_in(agent: Agent) -> None:
    """What has ended leaves no client's secret and no verifier behind, without another --start."""
    agent.start()
    agent.clock.advance(1000)
    later = agent.start()
    agent.clock.advance(1000)
    agent.finish(end(later, code="4/0A"), GRANTED)
    assert agent.waiting == [b""]


def test_an_answer_to_nobody(agent: Agent) -> None:
    """A state that was never sent from here leads nowhere."""
    agent.start()
    with pytest.raises(CredentialError, match="No sign-in waits here"):
        agent.finish("http://127.0.0.1:50000/?code=4/0A&state=evil")
    assert len(agent.waiting) == 1


def test_a_declined_consent(agent: Agent) -> None:
    """It is told as such, and is over."""
    started = agent.start()
    with pytest.raises(DeadEnd, match="declined"):
        agent.finish(end(started, error="access_denied"))
    assert agent.waiting == [b""]


def test_what_failed_is_begun_anew(agent: Agent) -> None:
    """Each failure ends with the command for another try: same account, same scopes, same place."""

    def told(started: Started, *answers: Any, **query: str) -> str:
        with pytest.raises(CredentialError) as caught:
            agent.finish(end(started, **query), *answers)
        return caught.value.next_step or ""

    first = agent.start(account="bob@example.com")
    assert told(first, GRANTED, code="4/0A").endswith(
        "Begin anew: gemauth login --start --client-id-file FILE --account bob@example.com"
    )
    declined = told(agent.start(), error="access_denied")
    assert declined.endswith("Begin anew: gemauth login --start --client-id-file FILE")
    work = told(agent.start(profile="work", scopes=["tuning"]), error="access_denied")
    assert work.endswith("FILE --scopes generative-language.tuning --profile work")
    there = told(agent.start(output="/tmp/my adc.json"), error="access_denied")
    assert there.endswith("--client-id-file FILE --output '/tmp/my adc.json'")
    few = tokens(refresh_token="1//0few", scope=scopes.CLOUD_PLATFORM)
    agent.finish(end(agent.start(), code="4/0A"), few)
    more = login_start(
        add_scopes=["tuning", "https://mail.google.com/"], environ=agent.environ, clock=agent.clock
    )
    assert told(more, error="access_denied").endswith(
        "gemauth login --start --add-scopes generative-language.tuning,https://mail.google.com/"
    )


def test_another_issuer(agent: Agent) -> None:
    """The issuer in the answer is checked as in one step (RFC 9207)."""
    started = agent.start()
    with pytest.raises(CredentialError, match="another issuer"):
        agent.finish(end(started, code="4/0A", iss="https://evil.example"))


def test_another_account(agent: Agent) -> None:
    """Both are named, and nothing is kept."""
    started = agent.start(account="bob@example.com")
    assert query(started)["login_hint"] == "bob@example.com"
    with pytest.raises(CredentialError, match=r"ada@example\.com signed in instead of bob@"):
        agent.finish(end(started, code="4/0A"), GRANTED)
    assert not adc.well_known(agent.environ).exists()


def test_a_code_that_is_refused(agent: Agent) -> None:
    """It was spent: the sign-in is over."""
    started = agent.start()
    with pytest.raises(TokenRefused):
        agent.finish(end(started, code="4/0A"), answer(400, error="invalid_grant"))
    assert agent.waiting == [b""]


def test_without_a_network_it_waits_on(agent: Agent) -> None:
    """Where the token endpoint was not reached, the same address may be given once more."""
    started = agent.start()
    with pytest.raises(UnreachableError):
        agent.finish(end(started, code="4/0A"), UnreachableError("Nothing there."))
    assert agent.finish(end(started, code="4/0A"), GRANTED).account == "ada@example.com"


def test_a_place_that_was_taken_meanwhile(agent: Agent) -> None:
    """Nothing is spent for credentials that could not be kept; another start is not needed."""
    started = agent.start()
    place = adc.well_known(agent.environ)
    place.parent.mkdir(parents=True)
    place.write_text("{")
    with pytest.raises(DataError, match="no JSON"):
        agent.finish(end(started, code="4/0A"))
    place.unlink()
    agent.finish(end(started, code="4/0A"), GRANTED)


@pytest.mark.parametrize(
    "line",
    ["", "4/0Abare", "http://127.0.0.1:50000/", "http://127.0.0.1:50000/?code=4/0A", "code=x"],
)
def test_what_is_no_such_address(agent: Agent, line: str) -> None:
    """Without a state nobody knows which sign-in it is for, and a bare code has none."""
    with pytest.raises(UsageError, match="needs a code and a state"):
        agent.finish(line)


@given(st.text())
def test_any_text_is_refused_as_such(text: str) -> None:
    """Whatever stands on standard input ends in an error of ours."""
    for line in (
        text,
        f"http://127.0.0.1:1/?code={text}&state={text}",
        f"{text}\udcff&code=\udcff",
    ):
        with pytest.raises((UsageError, CredentialError)):
            login_finish(line, environ={"HOME": "/nonexistent"}, transport=Sender())


def test_a_page_of_googles(agent: Agent) -> None:
    """Where the browser ended at Google, what stands there is told."""
    page = ErrorPage("access_denied", "The app is currently being tested", status=403).to_url()
    with pytest.raises(DeadEnd, match="in Testing"):
        agent.finish(page)


@pytest.mark.parametrize("lifetime", [0, -1, 3601, float("nan")])
def test_a_time_that_is_none(agent: Agent, lifetime: float) -> None:
    """A verifier does not lie about for longer than an hour."""
    with pytest.raises(UsageError, match="cannot wait"):
        agent.start(lifetime=lifetime)


def test_what_fails_at_once(agent: Agent) -> None:
    """Before anybody is asked: a place that would be lost, a scope that is none."""
    with pytest.raises(UsageError, match="no scope"):
        agent.start(scopes=["everything"])
    (key := agent.home / "key.json").write_text('{"type": "external_account"}')
    with pytest.raises((UsageError, DataError)):
        agent.start(output=key)
    assert not (agent.home / ".config").exists()


def test_the_proof_is_made_at_the_end(agent: Agent) -> None:
    """The second step makes the first call, after the question who is billed for it."""
    started = agent.start()
    may = answer(permissions=["serviceusage.services.use"])
    answers = (GRANTED, may, answer(models=[]))
    signed_in = agent.finish(end(started, code="4/0A"), *answers, proof=True)
    assert signed_in.proof is not None
    assert signed_in.proof.error is None
    assert agent.sender.requests[1].url.endswith("/projects/demo:testIamPermissions")
    assert agent.sender.requests[2].url.endswith("/v1beta/models?pageSize=1")
    assert agent.sender.requests[2].headers["x-goog-user-project"] == "demo"
