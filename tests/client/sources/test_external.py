"""External accounts with a google-auth of our own making: only what `external.py` touches of it.

That the real one takes the files and the transport is judged in
`tests/interop/test_credential_sources.py`.
"""

from __future__ import annotations

import asyncio
import importlib.util
import sys
import threading
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.sources import external
from gemauth.client.sources.external import External
from gemauth.client.world import AsyncNetwork
from gemauth.errors import CredentialError, GemauthError, UnreachableError, UsageError
from gemauth.flow import Send, Step, arun
from gemauth.google.credentials import ExternalAccount
from gemauth.google.endpoints import GOOGLE
from gemauth.http import Request, Response
from gemauth.testing.clock import FakeClock
from tests.client.test_identity import URL, id_token
from tests.client.transcript import NOON, AsyncSender, Sender, answer, play, sent

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = ExternalAccount(
    "//iam.googleapis.com/p", "urn:ietf:params:oauth:token-type:jwt", {"file": "t"}
)
AWS = replace(FILE, subject_token_type="urn:ietf:params:aws:token-type:aws4_request")
COMMAND = replace(FILE, credential_source={"executable": {"command": "/bin/token"}})
ALLOWED = {"GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES": "1"}


class GoogleAuthError(Exception):
    """As google-auth's."""


class TransportError(GoogleAuthError):
    """As google-auth's."""


class Engine:
    """Exchanges with one request, and notes what it was made of and where it ran."""

    made: Any = None
    thread: Any = None
    fails: Exception | None = None
    end: datetime | None = datetime(2030, 1, 1)  # noqa: DTZ001  # naive, as google-auth's is

    def __init__(self, module: str, info: dict[str, Any], scopes: list[str]) -> None:
        type(self).made = (module, info, scopes)
        self.token, self.expiry = "", self.end

    def refresh(self, request: Callable[..., Any]) -> None:
        """Ask once, as `google.oauth2.sts` does."""
        type(self).thread = threading.current_thread()
        if self.fails is not None:
            raise self.fails
        response = request(url=FILE.token_url, method="POST", headers={"A": "b"}, body=b"form")
        assert (response.status, response.headers["x-seen"]) == (200, "yes")
        self.token = response.data.decode()


@pytest.fixture(autouse=True)
def google_auth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A google-auth that is there for the length of a test."""
    exceptions: Any = ModuleType("google.auth.exceptions")
    exceptions.GoogleAuthError, exceptions.TransportError = GoogleAuthError, TransportError
    modules = {"google": ModuleType("google"), "google.auth": ModuleType("google.auth")}
    for name in ("aws", "pluggable", "identity_pool"):
        module: Any = ModuleType(f"google.auth.{name}")

        class Credentials:
            """What each of the three modules calls its class."""

            _module = name

            @classmethod
            def from_info(cls, info: dict[str, Any], scopes: list[str]) -> Engine:
                """Return the engine."""
                return Engine(cls._module, info, scopes)

        module.Credentials = Credentials
        modules[module.__name__] = module
    modules["google.auth.exceptions"] = exceptions
    auth: Any = modules["google.auth"]
    auth.exceptions = exceptions
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(external, "find_spec", lambda name: name)
    monkeypatch.setattr(Engine, "fails", None)


def source(account: ExternalAccount = FILE, *answers: Response | Exception) -> External:
    """Return a source whose transport answers so."""
    sender = Sender(*answers)
    return External(account, GOOGLE, ("a",), ALLOWED, lambda: nullcontext(sender))


GOOD = Response(200, answer(headers={"x-seen": "yes"}).headers, b"ya29.d.token")


@pytest.mark.parametrize(
    ("account", "module"), [(FILE, "identity_pool"), (AWS, "aws"), (COMMAND, "pluggable")]
)
def test_google_auth_makes_the_token(account: ExternalAccount, module: str) -> None:
    """The class that its own loader would take, the file, the scopes, our transport."""
    token = play(source(account, GOOD).token())
    assert (token.value, token.expires_at, token.scopes) == ("ya29.d.token", 1893456000.0, ("a",))
    assert token.issued_at == NOON
    assert Engine.made == (module, account.to_json(), ["a"])


def test_no_event_loop_waits_for_it() -> None:
    """On an event loop a thread does it."""
    world = AsyncNetwork(AsyncSender(), clock=FakeClock(NOON))
    token = asyncio.run(arun(source(FILE, GOOD).token(), world))
    assert token.value == "ya29.d.token"
    assert Engine.thread is not threading.current_thread()


def test_an_end_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a token is not kept."""
    monkeypatch.setattr(Engine, "end", None)
    assert play(source(FILE, GOOD).token()).expires_at is None


def test_an_emulators_token_from_googles_address() -> None:
    """Where something answers in Google's place, what it gave is not used as Google's."""
    emulated = Response(200, GOOD.headers, b"ya29.d.emu-token")
    with pytest.raises(CredentialError, match="not sent to Google"):
        play(source(FILE, emulated).token())


@pytest.mark.parametrize(
    ("error", "kind", "shown"),
    [
        (GoogleAuthError("refused: because"), CredentialError, "because"),
        (OSError("no such file"), CredentialError, "no such file"),
        (ValueError("malformed"), CredentialError, "malformed"),
        (TransportError("no route"), UnreachableError, "no route"),
    ],
)
def test_failures(
    monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[GemauthError], shown: str
) -> None:
    """As gemauth's own errors, with google-auth's words as evidence."""
    monkeypatch.setattr(Engine, "fails", error)
    with pytest.raises(kind) as caught:
        play(source(FILE, GOOD).token())
    assert shown in (caught.value.evidence or "")


def test_a_commands_output_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be a token in it."""
    monkeypatch.setattr(Engine, "fails", GoogleAuthError("stdout: s3cret"))
    with pytest.raises(CredentialError) as caught:
        play(source(COMMAND, GOOD).token())
    assert "s3cret" not in f"{caught.value} {caught.value.evidence}"


def test_no_answer() -> None:
    """google-auth learns it in its own words, so that it may try again; a query is not repeated."""
    sender = Sender(UnreachableError("no route"))
    with pytest.raises(TransportError, match=r"http://x/y: no route"):
        external._send(sender, "http://x/y?token=s3cret", body="text", timeout=5)
    assert sender.requests == [Request("GET", "http://x/y?token=s3cret", body=b"text")]
    assert sender.timeouts == [5]


@pytest.mark.parametrize("environ", [{}, {"GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES": "0"}])
def test_a_command_that_nobody_allowed(environ: dict[str, str]) -> None:
    """Refused before google-auth sees it; the variable is google-auth's."""
    with pytest.raises(UsageError, match="from a command"):
        External(COMMAND, GOOGLE, (), environ)


def test_what_is_not_done() -> None:
    """Client certificates and other universes are refused, not half served."""
    for account in (
        replace(FILE, credential_source={"certificate": {}}),
        replace(FILE, universe_domain="example.goog"),
    ):
        with pytest.raises(UsageError):
            External(account, GOOGLE, (), {})


def test_without_google_auth(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package to install is named, whether or not anything else is below `google`."""
    for missing in (lambda _: None, importlib.util.find_spec):
        monkeypatch.setattr(external, "find_spec", missing)
        monkeypatch.delitem(sys.modules, "google.auth", raising=False)
        monkeypatch.delitem(sys.modules, "google", raising=False)
        if missing is not importlib.util.find_spec or not _installed():
            with pytest.raises(UsageError) as caught:
                External(FILE, GOOGLE, (), {})
            assert caught.value.next_step == "pip install google-auth"


def _installed() -> bool:
    try:
        return importlib.util.find_spec("google.auth") is not None
    except ModuleNotFoundError:
        return False


def test_an_id_token_of_the_account_that_it_acts_as() -> None:
    """As itself, with the scope iam, the workload has IAM make it; google-auth's requests."""
    url = f"{GOOGLE.iam_credentials}/v1/projects/-/serviceAccounts/robot@x:generateAccessToken"
    acting = replace(FILE, service_account_impersonation_url=url)

    def check(step: Step) -> Response:
        assert sent(step).url == url.replace("AccessToken", "IdToken")
        assert sent(step).headers["Authorization"] == "Bearer ya29.d.token"
        return answer(token=id_token())

    assert play(source(acting, GOOD).identity(URL), (Send, check)).audience == URL
    assert Engine.made == ("identity_pool", FILE.to_json(), ["https://www.googleapis.com/auth/iam"])


def test_no_id_token_of_itself() -> None:
    """Google's token service has access tokens only."""
    with pytest.raises(UsageError, match="no ID tokens") as caught:
        play(source().identity(URL))
    assert "--impersonate-service-account" in (caught.value.next_step or "")
