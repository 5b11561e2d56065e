from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import pytest

from gemauth.cli.login import story
from gemauth.client.credentials import Credentials
from gemauth.client.login import SignedIn
from gemauth.google.endpoints import GOOGLE
from tests.cli.google import (
    ACCESS_TOKEN,
    CLIENT_SECRET,
    CLOUD,
    REFRESH_TOKEN,
    TUNING,
    Google,
    id_token,
    tokens,
)
from tests.cli.terminal import Terminal
from tests.client.test_credentials import Fixed
from tests.client.transcript import EMULATOR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gemauth.google.endpoints import Endpoints

CODE = "4/0emu-code"
SCOPES = "cloud-platform,tuning"
WEEK = 604_799


def adc(home: Path) -> Path:
    """Where the credentials go when nobody says otherwise."""
    return home / ".config/gcloud/application_default_credentials.json"


def sign_in(google: Google, *more: str, typed: str = f"{CODE}\n", **environ: str) -> Terminal:
    """Sign in by pasting a bare code."""
    there = Terminal(typed, environ={**os.environ, **environ})
    words = ("--client-id-file", google.client_file(), "--no-browser", "--scopes", SCOPES)
    there.run("login", *words, *more)
    return there


def test_for_people(google: Google, home: Path) -> None:
    """A sign-in tells what was granted, how long it lasts and where it is kept, all on stderr."""
    there = sign_in(google)
    assert (there.code, there.out) == (0, "")
    assert there.err.endswith(
        "Signed in.\n"
        "  granted      cloud-platform\n"
        "  granted      generative-language.tuning\n"
        "They last until you revoke them (gemauth revoke) or Google ends them.\n"
        f"Credentials saved to {adc(home)}, readable by you alone.\n"
        f"To use them: GEMAUTH_EMULATOR={google.url}\n"
    )
    assert google.form("POST /token")["code"] == CODE


def test_the_file(google: Google, home: Path) -> None:
    """The file is ADC, in the well-known place, for its owner only."""
    sign_in(google, "--quota-project", "my-project")
    kept = json.loads(adc(home).read_text())
    assert kept["type"] == "authorized_user"
    assert kept["refresh_token"] == REFRESH_TOKEN
    assert kept["quota_project_id"] == "my-project"
    assert stat.S_IMODE(adc(home).stat().st_mode) == 0o600


def test_for_programs(google: Google, home: Path) -> None:
    """As json, stdout has the summary, and nowhere is a secret."""
    answer = tokens(id_token=id_token("ada@example.com"), refresh_token_expires_in=WEEK)
    google.answers["POST /token"] = (200, answer)
    there = sign_in(google, "--format", "json", "--account", "ada@example.com")
    summary = there.json
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", summary.pop("refreshUntil"))
    assert summary == {
        "account": "ada@example.com",
        "credentials": str(adc(home)),
        "granted": [CLOUD, TUNING],
        "missing": ["openid", "https://www.googleapis.com/auth/userinfo.email"],
    }
    for secret in (REFRESH_TOKEN, ACCESS_TOKEN, CLIENT_SECRET, CODE):
        assert secret not in there.out + there.err


def test_not_granted(google: Google) -> None:
    """A box left unticked is named, with what will not work and what to do."""
    google.answers["POST /token"] = (200, tokens(CLOUD))
    there = sign_in(google)
    assert there.code == 0
    assert (
        "  NOT granted  generative-language.tuning – Create, change and share your tuned Gemini "
        "models\n"
    ) in there.err
    assert "refused with 403" in there.err


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(WEEK, "an app in Testing gets 7 days"), (15_551_999, "then sign in again")],
)
def test_how_long(google: Google, seconds: int, told: str) -> None:
    """The end of the sign-in is told when the server names it, with Testing's rule for 7 days."""
    google.answers["POST /token"] = (200, tokens(refresh_token_expires_in=seconds))
    there = sign_in(google)
    assert re.search(r"They last until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", there.err)
    assert told in there.err


@pytest.mark.parametrize(
    ("endpoints", "elsewhere", "more", "use"),
    [
        (GOOGLE, False, "console.cloud.google.com/auth/audience", "Every library that looks for"),
        (GOOGLE, True, "project=mine", "--credentials adc.json, or GOOGLE_APPLICATION_CREDENTIALS"),
        (
            EMULATOR,
            False,
            "consent-screen set mine",
            f"use them: GEMAUTH_EMULATOR={EMULATOR.gemini}",
        ),
        (EMULATOR, True, "--publishing-status", "--credentials adc.json and GEMAUTH_EMULATOR="),
    ],
)
def test_each_side_has_its_story(
    endpoints: Endpoints, more: str, use: str, *, elsewhere: bool
) -> None:
    """Only Google's own sign-ins are said to work in every library."""
    mine = Credentials("authorized_user", Fixed(), endpoints, project="mine")
    signed_in = SignedIn(mine, "adc.json", None, (), (), float(WEEK))
    *_, until, _, last = story(signed_in, 0.0, elsewhere=elsewhere)
    assert more in until
    assert use in last


def test_shadowed(google: Google, home: Path) -> None:
    """GOOGLE_APPLICATION_CREDENTIALS goes before the sign-in in every library: that is told."""
    there = sign_in(google, GOOGLE_APPLICATION_CREDENTIALS="/etc/key.json")
    assert "warning: GOOGLE_APPLICATION_CREDENTIALS names /etc/key.json" in there.err
    same = sign_in(google, GOOGLE_APPLICATION_CREDENTIALS=str(adc(home)))
    assert "warning" not in same.err


def test_quiet(google: Google) -> None:
    """--quiet leaves the address to open, and no more."""
    there = sign_in(google, "--quiet")
    assert there.err.startswith("Open this address")
    assert "Signed in" not in there.err


def test_output(google: Google, home: Path) -> None:
    """--output keeps them elsewhere."""
    mine = str(home / "mine.json")
    told = sign_in(google, "--output", mine).err
    assert told.endswith(f"To use them: --credentials {mine} and GEMAUTH_EMULATOR={google.url}\n")
    assert (home / "mine.json").exists()
    assert not adc(home).exists()


@pytest.mark.parametrize(
    ("more", "typed", "code", "told"),
    [
        (("--scopes", "tunning"), "", 2, "'tunning' is no scope"),
        (("--client-id-file", "nowhere.json"), "", 6, "There is no OAuth client file"),
        ((), "", 2, "the input has ended"),
        ((), "http://127.0.0.1:1/?code=x&state=wrong\n" * 3, 3, "belongs to another sign-in"),
        (("--account", "eve@example.com"), f"{CODE}\n", 3, "instead of eve@example.com"),
        (("--emulator", "https://accounts.google.com"), "", 2, "is not an emulator's address"),
    ],
)
def test_failures(
    google: Google, home: Path, more: tuple[str, ...], typed: str, code: int, told: str
) -> None:
    """Whatever goes wrong ends in one sentence and its exit code, and keeps no file."""
    there = sign_in(google, *more, typed=typed)
    assert there.code == code
    assert told in there.err
    assert there.out == ""
    assert not adc(home).exists()


def test_web_client(google: Google) -> None:
    """A web client's file is refused before anybody is asked."""
    there = Terminal(environ=os.environ)
    assert there.run("login", "--client-id-file", google.client_file("web")) == 2
    assert "a sign-in on this machine needs a desktop client" in there.err


class Login:
    """`gemauth login` in a process of its own, up to the address to open."""

    def __init__(self, google: Google, *more: str, **environ: str) -> None:
        words = ("login", "--client-id-file", google.client_file(), "--scopes", SCOPES, *more)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gemauth", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONFAULTHANDLER": "1", **environ},
        )
        assert self.process.stderr
        lines = iter(self.process.stderr.readline, "")
        self.url = next(line.strip() for line in lines if line.startswith("    http"))
        query = parse_qs(urlsplit(self.url).query)
        self.redirect_uri = query["redirect_uri"][0]
        self.state = query["state"][0]

    def end(self, typed: str | None = None) -> tuple[int, str, str]:
        """Wait for the end; its exit code, stdout and the rest of stderr."""
        try:
            out, err = self.process.communicate(typed, timeout=20)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)  # PYTHONFAULTHANDLER tells where it was
            pytest.fail(f"no end within 20 seconds: {self.process.communicate()}")
        return self.process.returncode, out, err

    def come_back(self, **query: str) -> tuple[int, str]:
        """Do what the browser does at the end: the listener's status and page."""
        try:
            with urlopen(f"{self.redirect_uri}?{urlencode(query)}") as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def listens(self) -> bool:
        """Whether anything accepts connections at the redirect's port."""
        port = urlsplit(self.redirect_uri).port
        assert port
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def with_browser(google: Google) -> Iterator[Login]:
    """A sign-in that waits for the browser: `true` is the browser, the test is the person."""
    login = Login(google, DISPLAY=":0", BROWSER="true")
    yield login
    login.process.kill()
    login.process.communicate()


def test_browser(with_browser: Login, home: Path) -> None:
    """The browser's redirect ends the sign-in; stray requests before it do not."""
    assert urlsplit(with_browser.redirect_uri).hostname == "127.0.0.1"
    with pytest.raises(HTTPError, match="404") as stray:
        urlopen(f"{with_browser.redirect_uri}favicon.ico")
    stray.value.close()
    status, page = with_browser.come_back(code=CODE, state=with_browser.state)
    assert (status, "Signed in" in page) == (200, True)
    code, out, err = with_browser.end()
    assert (code, out) == (0, "")
    assert f"Credentials saved to {adc(home)}" in err
    assert not with_browser.listens()


def test_declined(with_browser: Login) -> None:
    """A decline on the consent page exits with 3 and says so."""
    with_browser.come_back(error="access_denied", state=with_browser.state)
    code, out, err = with_browser.end()
    assert (code, out) == (3, "")
    assert "error: The sign-in was declined on the consent page.\n" in err


def test_interrupted(with_browser: Login, home: Path) -> None:
    """Ctrl-C ends with 130 and one word, leaves no listener and no file."""
    assert with_browser.listens()
    with_browser.process.send_signal(signal.SIGINT)
    code, out, err = with_browser.end()
    assert (code, out) == (130, "")
    assert err.strip() == "Stopped."
    assert not with_browser.listens()
    assert not adc(home).exists()


def test_timeout(google: Google) -> None:
    """Nobody coming back within --timeout exits with 3, and leaves no listener."""
    login = Login(google, "--timeout", "0.3", DISPLAY=":0", BROWSER="true")
    code, _, err = login.end()
    assert code == 3
    assert "No sign-in came back within 0.3 seconds." in err
    assert not login.listens()


def test_port_in_use(google: Google) -> None:
    """A port in use is told at once."""
    port = google.url.rpartition(":")[2]
    words = ("login", "--client-id-file", google.client_file(), "--port", port)
    done = subprocess.run(
        [sys.executable, "-m", "gemauth", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DISPLAY": ":0", "BROWSER": "true"},
    )
    assert done.returncode == 2
    assert f"Port {port} on 127.0.0.1 is in use" in done.stderr


def test_pasted_through_a_pipe(google: Google, home: Path) -> None:
    """Without a browser, a program may paste the address for the person."""
    login = Login(google, "--no-browser")
    assert not login.listens()
    pasted = f"{login.redirect_uri}?{urlencode({'code': CODE, 'state': login.state})}\n"
    code, out, _ = login.end(pasted)
    assert (code, out) == (0, "")
    assert adc(home).exists()
