from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import pytest

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

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        "The Gemini API answered a first call: models can be listed.\n"
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
        "profile": None,
        "inUse": True,
        "store": "file",
        "granted": [CLOUD, TUNING],
        "missing": ["openid", "https://www.googleapis.com/auth/userinfo.email"],
        "closed": [],
        "added": [],
        "unsure": False,
        "quotaProject": None,
        "billing": None,
        "proof": {"outcome": "accepted", "message": None},
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


def test_nobody_answers(google: Google) -> None:
    """A program that runs it without a person is told of the two steps."""
    there = sign_in(google, typed="")
    assert there.code == 2
    assert "gemauth login --start --client-id-file FILE" in there.err


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
    assert "error: The sign-in was declined on the consent page (access_denied).\n" in err


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


def start(google: Google, *more: str) -> Terminal:
    """Begin a sign-in for another process to finish."""
    there = Terminal(environ=os.environ)
    there.run("login", "--start", "--client-id-file", google.client_file(), *more)
    return there


def end_of(started: Terminal, **more: str) -> str:
    """The address that the browser ends at."""
    told = started.json
    (state,) = parse_qs(urlsplit(told["url"]).query)["state"]
    return f"{told['redirectUri']}?{urlencode({'state': state, **more})}"


def test_in_two_steps(google: Google, home: Path) -> None:
    """--start ends at once with the address as JSON, --finish - reads where the browser ended."""
    started = start(google, "--scopes", SCOPES)
    assert started.code == 0
    told = started.json
    assert told.keys() == {"url", "redirectUri", "expires", "waiting", "next"}
    assert told["next"] == "gemauth login --finish -"
    assert google.lines == []
    (waiting,) = (home / ".config/gemauth/sign-ins").iterdir()
    assert str(waiting) == told["waiting"]
    assert stat.S_IMODE(waiting.stat().st_mode) == 0o600
    kept = json.loads(waiting.read_text())
    for secret in (kept["verifier"], CLIENT_SECRET):
        assert secret not in started.out + started.err

    finished = Terminal(end_of(started, code=CODE) + "\n", environ=os.environ)
    assert finished.run("login", "--finish", "-", "--format", "json") == 0
    assert finished.json["credentials"] == str(adc(home))
    assert finished.json["proof"]["outcome"] == "accepted"
    assert google.form("POST /token")["code_verifier"] == kept["verifier"]
    state = parse_qs(urlsplit(told["url"]).query)["state"][0]
    for secret in (CODE, state, kept["verifier"], REFRESH_TOKEN, ACCESS_TOKEN, CLIENT_SECRET):
        assert secret not in finished.out + finished.err


def test_the_address_as_an_argument(google: Google) -> None:
    """It works, and why it had better not is told, without the code."""
    started = start(google)
    there = Terminal(environ=os.environ)
    assert there.run("login", "--finish", end_of(started, code=CODE), "--no-proof") == 0
    assert "anybody on this machine can read command lines" in there.err
    assert CODE not in there.out + there.err
    assert google.lines == ["POST /token"]


@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        ("", 2, "the input has ended"),
        ("hello\n", 2, "needs a code and a state"),
        (f"{CODE}\n", 2, "needs a code and a state"),
        ("http://127.0.0.1:1/?code=x&state=y\n", 3, "No sign-in waits here for this answer"),
    ],
)
def test_finishing_nothing(home: Path, typed: str, code: int, told: str) -> None:
    """What finishes no sign-in is told with the command to run."""
    there = Terminal(typed, environ=os.environ)
    assert there.run("login", "--finish", "-") == code
    assert told in there.err
    assert "gemauth login --" in there.err or code == 2
    assert not adc(home).exists()


def test_declined_in_two_steps(google: Google, home: Path) -> None:
    """A decline, given once or twice: each its own sentence, and exit 3."""
    ended = end_of(start(google), error="access_denied")
    once, twice = (Terminal(ended + "\n", environ=os.environ) for _ in range(2))
    assert once.run("login", "--finish", "-") == 3
    assert "declined on the consent page" in once.err
    assert twice.run("login", "--finish", "-") == 3
    assert "used already" in twice.err
    assert not adc(home).exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--finish", "-", "--account", "a@example.com"), "--finish takes no --account"),
        (
            ("--finish", "-", "--scopes", "tuning", "--quota-project", "p"),
            "takes no --scopes, --quota-project",
        ),
        (("--start", "--finish", "-"), "not allowed with"),
        (("--start", "--port", "8080", "--client-id-file", "c.json"), "Leave --port out"),
        (("--start",), "needs the file of an OAuth client"),
        ((), "needs the file of an OAuth client"),
        (("--client-id-file", "c.json", "--output", "-"), "never printed"),
        (("--client-id-file", "c.json", "--quota-project", "My Project"), "no project's id"),
        (("--start", "--client-id-file", "c.json", "--quota-project", "a\nb"), "no project's id"),
        (("--add-scopes", "tuning", "--quota-project", "\udcff"), "no project's id"),
        (("--add-scopes", "tuning", "--client-id-file", "c.json"), "Scopes are added"),
        (("--start", "--timeout", "7200", "--client-id-file", "c.json"), "cannot wait for 7200"),
    ],
)
def test_what_does_not_go_together(words: tuple[str, ...], told: str) -> None:
    """Said at once, with exit 2."""
    there = Terminal(environ=os.environ)
    assert there.run("login", *words) == 2
    assert told in there.err


def test_more_scopes(google: Google, home: Path) -> None:
    """--add-scopes needs no client file, names what is new and what becomes of the old token."""
    ada = id_token("ada@example.com")
    google.answers["POST /token"] = (200, tokens(CLOUD, id_token=ada))
    assert sign_in(google).code == 0
    answer = tokens(refresh_token="1//emu-newer", id_token=ada)
    google.answers["POST /token"] = (200, answer)
    there = Terminal(f"{CODE}\n", environ=os.environ)
    assert there.run("login", "--add-scopes", "tuning", "--no-browser") == 0
    assert "include_granted_scopes=true" in there.err
    assert "Signed in as ada@example.com." in there.err
    assert "  granted      cloud-platform\n  added        generative-language.tuning\n" in there.err
    assert "replaced and not revoked" in there.err
    assert json.loads(adc(home).read_text())["refresh_token"] == "1//emu-newer"


def test_more_scopes_in_two_steps(google: Google) -> None:
    """--add-scopes goes with --start too; of whose sign-in it is nobody knows, that is told."""
    google.answers["POST /token"] = (200, tokens(CLOUD))
    sign_in(google)
    google.answers["POST /token"] = (200, tokens())
    started = Terminal(environ=os.environ)
    assert started.run("login", "--add-scopes", "tuning", "--start") == 0
    assert "Nobody knows whose sign-in" in started.json["warning"]
    assert f"warning: {started.json['warning']}" in started.err
    finished = Terminal(end_of(started, code=CODE) + "\n", environ=os.environ)
    assert finished.run("login", "--finish", "-", "--format", "json") == 0
    assert (finished.json["added"], finished.json["unsure"]) == ([TUNING], True)
    assert "this one has taken its place" in finished.err


REFUSED = {
    "error": {
        "code": 403,
        "message": "Gemini API has not been used in project 1 before or it is disabled.",
        "status": "PERMISSION_DENIED",
        "details": [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "SERVICE_DISABLED",
                "domain": "googleapis.com",
                "metadata": {"consumer": "projects/1", "service": "x.googleapis.com"},
            }
        ],
    }
}


def test_a_first_call_that_is_refused(google: Google, home: Path) -> None:
    """The credentials are kept, both halves are told, and the refusal decides the exit code."""
    google.answers["GET /v1beta/models"] = (403, REFUSED)
    there = sign_in(google, "--quota-project", "billed")
    assert there.code == 4
    assert "the Gemini API refuses a first call; the credentials are kept:" in there.err
    assert f"Credentials saved to {adc(home)}" in there.err
    assert "error: Gemini API has not been used in project 1" in there.err
    assert "  next: Enable it: gemauth emulator services enable 1" in there.err
    assert adc(home).exists()
    line, headers, _ = google.asked[-1]
    assert (line, headers["x-goog-user-project"]) == ("GET /v1beta/models?pageSize=1", "billed")

    as_json = sign_in(google, "--format", "json")
    assert as_json.code == 4
    assert as_json.json["proof"]["outcome"] == "refused"


def test_a_first_call_that_gets_no_answer(google: Google) -> None:
    """A warning: the sign-in is good as far as anybody knows."""
    google.answers["GET /v1beta/models"] = (200, b"<html>a captive portal</html>")
    there = sign_in(google)
    assert there.code == 0
    assert "Signed in.\n" in there.err
    assert "warning: whether the API takes them could not be seen:" in there.err
    error = {"code": 503, "status": "UNAVAILABLE", "message": "busy with ya29.emu-secret"}
    google.answers["GET /v1beta/models"] = (503, {"error": error})
    again = sign_in(google)
    assert "could not be seen: busy with [secret]" in again.err
    assert "answered a first call" not in there.err


def test_no_proof(google: Google) -> None:
    """--no-proof sends nothing but the code."""
    there = sign_in(google, "--no-proof")
    assert there.code == 0
    assert google.lines == ["POST /token"]
    assert "answered a first call" not in there.err


def test_to_a_profile(google: Google, home: Path) -> None:
    """It says how it is used, and what to run for the boxes left unticked."""
    google.answers["POST /token"] = (200, tokens(CLOUD))
    there = sign_in(google, "--profile", "work")
    assert there.code == 0
    assert "gemauth login --add-scopes generative-language.tuning --profile work\n" in there.err
    assert there.err.endswith(
        "Credentials saved as the profile work, readable by you alone.\n"
        f"To use them: --profile work and GEMAUTH_EMULATOR={google.url}\n"
    )
    assert not adc(home).exists()
    there = sign_in(google, "--format", "json", GEMAUTH_PROFILE="work")
    assert (there.json["profile"], there.json["inUse"]) == ("work", False)
    path = home / ".config/gemauth/profiles/work.json"
    assert (there.json["credentials"], there.json["store"]) == (str(path), "file")


def test_into_a_keyring(google: Google, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says where the secrets are, and a command finds them there, in a process of its own."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.client.cache.keyrings.OnDisk")
    monkeypatch.setenv("KEYRING_FILE", str(home / "keyring"))
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    there = sign_in(google, "--profile", "safe", "--store", "keyring")
    assert "in the keyring (tests.client.cache.keyrings.OnDisk)" in there.err
    assert "No other Google library can read it." in there.err
    assert REFRESH_TOKEN in (home / "keyring").read_text()
    pointer = (home / ".config/gemauth/profiles/safe.json").read_text()
    assert REFRESH_TOKEN not in pointer
    assert CLIENT_SECRET not in pointer
    google.asked.clear()
    words = ("print-access-token", "--fresh", "--profile", "safe", "--emulator", google.url)
    environ = {**os.environ, "PYTHONPATH": f"{os.environ['PYTHONPATH']}:{Path.cwd()}"}
    command = [sys.executable, "-m", "gemauth", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    assert (done.stdout, done.stderr) == (f"{ACCESS_TOKEN}\n", "")
    assert google.form("POST /token")["refresh_token"] == REFRESH_TOKEN


def test_no_keyring_and_no_file_in_its_stead(
    google: Google, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is none, nobody is asked to sign in."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    there = sign_in(google, "--profile", "safe", "--store", "keyring")
    assert there.code == 2
    assert "no keyring that can be trusted with a secret" in there.err
    assert "Open this address" not in there.err
    assert not (home / ".config/gemauth/profiles/safe.json").exists()
    assert "is a profile" in sign_in(google, "--store", "keyring").err
