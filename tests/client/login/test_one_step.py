from __future__ import annotations

import asyncio
import inspect
import json
import threading
import time
import urllib.error
import urllib.request
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from gemauth.client.cache import adc, grants
from gemauth.client.cache.tokens import cached
from gemauth.client.login import login, login_async
from gemauth.client.sources.chain import default
from gemauth.errors import CredentialError, UsageError
from gemauth.google import scopes
from gemauth.http import parse_form
from gemauth.testing.clock import FakeClock
from tests.client.flows.test_assertion import KEY
from tests.client.flows.test_sign_in import id_token
from tests.client.transcript import CLIENT, EMULATED_CLIENT, EMULATOR, Sender, tokens

if TYPE_CHECKING:
    from pathlib import Path

    from gemauth.client.login import SignedIn
    from gemauth.google.client_secret import ClientSecret
    from gemauth.google.credentials import AuthorizedUser

GRANTED = tokens(
    refresh_token="1//0real",
    scope=f"{scopes.CLOUD_PLATFORM} {scopes.TUNING}",
    refresh_token_expires_in=604_799,
    id_token=id_token(),
)
EMULATED = tokens(access_token="ya29.emu-a", refresh_token="1//emu-r", scope=scopes.TUNING)


class Desk:
    """A person with a client file: at a browser, or pasting."""

    def __init__(self, folder: Path, client: ClientSecret = CLIENT) -> None:
        self.client_file = folder / "client_secret.json"
        self.client_file.write_text(json.dumps(client.to_json()))
        self.environ = {"HOME": str(folder)}
        self.shown: list[str] = []
        self.clock = FakeClock(1_000_000.0)

    def answer(self, url: str) -> str:
        """Consent, and return the address the browser ends at."""
        query = {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}
        more = urlencode({"code": "4/0A", "state": query["state"], "scope": "x"})
        return f"{query['redirect_uri']}?{more}"

    def browse(self, url: str) -> bool:
        """Consent in a browser on another thread."""

        def visit() -> None:
            urllib.request.urlopen(self.answer(url), timeout=5).close()

        threading.Thread(target=visit).start()
        return True

    def paste(self, _: str) -> str:
        """Consent elsewhere and paste the address."""
        url = next(
            word for text in self.shown[::-1] for word in text.split() if "client_id=" in word
        )
        return self.answer(url)

    def login(self, *answers: Any, **options: Any) -> SignedIn:
        """Sign in."""
        given: dict[str, Any] = {
            "browser": False,
            "proof": False,
            "environ": self.environ,
            "show": self.shown.append,
            "ask": self.paste,
            "open_url": self.browse,
            "transport": Sender(*answers),
            "clock": self.clock,
        }
        return login(self.client_file, **(given | options))


@pytest.mark.parametrize("browser", [True, False])
def test_a_sign_in(home: Path, *, browser: bool) -> None:
    """By loopback or by paste: the ADC file is written, and what was granted is told."""
    desk = Desk(home)
    signed_in = desk.login(GRANTED, browser=browser)
    assert signed_in.granted == (scopes.CLOUD_PLATFORM, scopes.TUNING)
    assert signed_in.missing == (scopes.RETRIEVER,)
    assert signed_in.account == "ada@example.com"
    assert signed_in.refresh_until == 1_000_000.0 + 604_799
    path = adc.well_known(desk.environ)
    assert signed_in.path == str(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text()) == {
        "account": "ada@example.com",
        "client_id": CLIENT.client_id,
        "client_secret": CLIENT.client_secret,
        "refresh_token": "1//0real",
        "type": "authorized_user",
        "universe_domain": "googleapis.com",
    }


def test_what_follows_needs_no_network(home: Path) -> None:
    """The first access token is kept: default() and the fast path find it, and the remarks."""
    desk = Desk(home)
    signed_in = desk.login(GRANTED)
    assert cached(desk.environ, 1_000_000.0) == "ya29.a0"
    found = default(environ=desk.environ).credentials
    assert found == replace(signed_in.credentials, source=found.source)
    assert (found.scopes, found.project) == (signed_in.granted, "demo")
    assert grants.recall(desk.environ, "1//0real") is not None


def test_options(home: Path) -> None:
    """Scopes by short names, the account, the quota project and the file."""
    desk = Desk(home)
    signed_in = desk.login(
        tokens(
            refresh_token="1//0",
            id_token=id_token(),
            scope=f"openid {scopes.EMAIL} {scopes.TUNING}",
        ),
        scopes=["tuning"],
        account="ada@example.com",
        quota_project="billed",
        output=home / "mine.json",
    )
    assert signed_in.missing == ()
    assert signed_in.credentials.quota_project == "billed"
    assert signed_in.path == str(home / "mine.json")
    assert not adc.well_known(desk.environ).exists()
    assert "login_hint=ada%40example.com" in desk.shown[0]


def test_at_an_emulator(home: Path) -> None:
    """The client file says where it is; another address may be given."""
    desk = Desk(home, EMULATED_CLIENT)
    sender = Sender(EMULATED)
    signed_in = desk.login(transport=sender)
    assert sender.requests[0].url == EMULATOR.token
    assert signed_in.credentials.endpoints == EMULATOR
    known = grants.recall(desk.environ, "1//emu-r")
    assert known is not None
    assert known.emulator == EMULATOR.gemini
    assert cached(desk.environ, 1_000_000.0, emulator=EMULATOR.gemini) == "ya29.emu-a"
    sender = Sender(EMULATED)
    desk.login(transport=sender, emulator="http://127.0.0.1:9999")
    assert sender.requests[0].url == "http://127.0.0.1:9999/token"


def test_googles_credentials_are_not_overwritten_by_an_emulators(home: Path) -> None:
    """Refused before the person is asked for anything, and the file is as it was."""
    Desk(home).login(GRANTED)
    path = adc.well_known({"HOME": str(home)})
    before = path.read_bytes()
    desk = Desk(home, EMULATED_CLIENT)
    with pytest.raises(UsageError, match="would be lost"):
        desk.login()
    assert desk.shown == []
    assert path.read_bytes() == before
    desk.login(EMULATED, replace=True)
    assert path.read_bytes() != before


def test_a_sign_in_that_fails_writes_nothing(home: Path) -> None:
    """Neither a file nor a remark."""
    desk = Desk(home)
    with pytest.raises(CredentialError, match="no refresh token"):
        desk.login(tokens())
    assert not (home / ".config").exists()


def test_a_cache_that_cannot_be_written_does_no_harm(home: Path) -> None:
    """The credentials count; the cache is a convenience."""
    desk = Desk(home)
    (home / "blocked").touch()
    desk.environ["XDG_CONFIG_HOME"] = str(home / "blocked")
    assert desk.login(GRANTED).path == str(adc.well_known(desk.environ))


def test_a_token_of_unknown_life_is_not_kept(home: Path) -> None:
    """Without `expires_in` the next process asks for a token of its own."""
    desk = Desk(home)
    desk.login(tokens(refresh_token="1//0real", expires_in=None))
    assert cached(desk.environ, 0.0) is None


def test_the_machine_decides_about_the_browser(home: Path) -> None:
    """Without a display the address is to be pasted."""
    desk = Desk(home)
    desk.login(GRANTED, browser=None)
    assert "paste it here" in desk.shown[0]


def test_a_sign_in_opens_its_own_transport(home: Path) -> None:
    """Without one given: here it finds no emulator."""
    from gemauth.errors import UnreachableError

    desk = Desk(home, EMULATED_CLIENT)
    with pytest.raises(UnreachableError, match="Nothing accepts"):
        desk.login(transport=None, emulator="http://127.0.0.1:9")


def test_an_unknown_scope(home: Path) -> None:
    """Named before anything starts."""
    with pytest.raises(UsageError, match="no scope"):
        Desk(home).login(scopes=["everything"])


def test_no_secret_is_shown(home: Path) -> None:
    """What is shown and returned holds no token, code or client secret."""
    desk = Desk(home)
    signed_in = desk.login(GRANTED)
    text = " ".join(desk.shown) + repr(signed_in)
    for secret in ("1//0real", "ya29.a0", "GOCSPX", "4/0A"):
        assert secret not in text


def test_the_form_that_was_sent(home: Path) -> None:
    """Code, verifier and client go to the token endpoint in one body."""
    sender = Sender(GRANTED)
    Desk(home).login(transport=sender)
    assert set(parse_form(sender.requests[0].body)) == {
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "client_id",
        "client_secret",
    }


def test_on_an_event_loop(home: Path) -> None:
    """login_async is the same flow: while it waits, the loop runs on; its signature is login's."""
    desk, ticks = Desk(home), 0

    async def both() -> SignedIn:
        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.001)
                ticks += 1

        beside = asyncio.create_task(tick())
        try:
            return await login_async(
                desk.client_file,
                browser=True,
                proof=False,
                environ=desk.environ,
                show=desk.shown.append,
                open_url=desk.browse,
                transport=Sender(GRANTED),
                clock=desk.clock,
            )
        finally:
            beside.cancel()

    signed_in = asyncio.run(both())
    assert signed_in.account == "ada@example.com"
    assert ticks
    assert default(environ=desk.environ).source == signed_in.path
    assert inspect.signature(login_async) == inspect.signature(login)


def test_a_cancelled_sign_in_leaves_no_listener(home: Path) -> None:
    """The task ends at once, and nothing listens any more."""
    desk = Desk(home)
    opened: list[str] = []

    def open_url(url: str) -> bool:
        opened.append(url)
        return True

    async def cancelled() -> None:
        async with asyncio.timeout(0.3):
            await login_async(
                desk.client_file,
                browser=True,
                environ=desk.environ,
                show=desk.shown.append,
                open_url=open_url,
                transport=Sender(),
            )

    with pytest.raises(TimeoutError):
        asyncio.run(cancelled())
    query = parse_qs(urlsplit(opened[0]).query)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(query["redirect_uri"][0], timeout=5)


def test_many_sign_ins_at_once(home: Path) -> None:
    """Each gets its own credentials; the file is one of theirs, whole, and so is its cache."""
    desk = Desk(home)
    desk.clock = FakeClock(time.time())
    signed_in: dict[str, SignedIn] = {}

    def sign_in(number: str) -> None:
        own = Desk.__new__(Desk)
        own.__dict__ |= vars(desk) | {"shown": []}
        given = tokens(access_token=f"ya29.a{number}", refresh_token=f"1//0r{number}", scope="x")
        signed_in[number] = own.login(given, account=None)

    threads = [threading.Thread(target=sign_in, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, one in signed_in.items():  # the tokens of those whose file gave way are deleted
        sender = Sender(tokens(access_token=f"ya29.b{number}"))
        value = one.credentials.token(transport=sender).value
        assert value == f"ya29.{'b' if sender.requests else 'a'}{number}"
        assert all(f"1%2F%2F0r{number}".encode() in sent.body for sent in sender.requests)
    assert len(signed_in) == 8
    path = adc.well_known(desk.environ)
    winner = json.loads(path.read_text())["refresh_token"].removeprefix("1//0r")
    assert cached(desk.environ, time.time()) == f"ya29.a{winner}"
    assert [*path.parent.iterdir()] == [path]


def test_what_came_while_the_person_signed_in(home: Path) -> None:
    """A key that another program put there in these minutes is not overwritten."""
    desk = Desk(home)
    path = adc.well_known(desk.environ)

    def paste(prompt: str) -> str:
        adc.write(path, KEY)
        return desk.paste(prompt)

    with pytest.raises(UsageError, match="would be lost"):
        desk.login(GRANTED, browser=False, ask=paste)
    assert adc.read(path).credentials == KEY


def test_another_sign_in_in_between(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's file a moment later does not make this sign-in theirs."""
    desk = Desk(home)
    desk.clock = FakeClock(time.time())
    write = adc.write

    def overtaken(path: Path, user: AuthorizedUser) -> adc.CredentialFile:
        ours = write(path, user)
        write(path, replace(user, refresh_token="1//0theirs"))
        return ours

    monkeypatch.setattr(adc, "write", overtaken)
    signed_in = desk.login(GRANTED)
    assert signed_in.credentials.token(transport=Sender()).value == "ya29.a0"
    assert cached(desk.environ, time.time()) is None
