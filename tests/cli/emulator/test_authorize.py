from __future__ import annotations

import stat
import sys
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

from gemauth.cli.emulator import authorize
from gemauth.google.scopes import TUNING
from gemauth.oauth.authorization import AuthorizationResponse
from gemauth.run.person import Person
from tests.cli.terminal import Terminal
from tests.run.sign_in import ADA, EVE, App, Lab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """An emulator with an app and a tester."""
    with Lab() as lab:
        yield lab


def run(lab: Lab, *words: str, code: int = 0, environ: dict[str, str] | None = None) -> Terminal:
    """Run the command against the lab's emulator."""
    terminal = Terminal(environ={"GEMAUTH_EMULATOR": lab.address} | (environ or {}))
    assert terminal.run("emulator", "authorize", *words) == code, terminal.err
    return terminal


def test_the_program_gets_its_answer(lab: Lab) -> None:
    """The address that a program shows is all that is needed; stdout stays empty."""
    with App() as app:
        terminal = run(lab, lab.url(app.url), "--as", ADA)
        (path,) = app.paths
    answer = AuthorizationResponse.from_url(path)
    assert answer.code is not None
    assert answer.state == "secret-state"
    assert terminal.out == ""
    assert answer.code not in terminal.err
    with App() as app:
        told = run(lab, lab.url(app.url), "--as", ADA, "--format", "json").json
        assert told == {"delivered": True, "redirectUri": app.url}


def test_where_nobody_listens_it_is_printed_for_pasting(lab: Lab) -> None:
    """The redirect URL alone stands on stdout, and its danger on stderr."""
    terminal = run(lab, lab.url("http://localhost:1/"), "--as", ADA)
    assert AuthorizationResponse.from_url(terminal.out.strip()).code is not None
    assert terminal.out.startswith("http://localhost:1/?")
    assert "authorization code" in terminal.err
    told = run(lab, lab.url("http://localhost:1/"), "--as", ADA, "--format", "json").json
    assert told["delivered"] is False
    assert AuthorizationResponse.from_url(told["redirectUrl"]).code == told["code"]


def test_gclouds_command_is_answered_for_pasting(lab: Lab) -> None:
    """A --remote-bootstrap URL has no listener: its answer is printed, whoever listens there."""
    command = f'gcloud auth application-default login --remote-bootstrap="{lab.url(None)}"'
    terminal = run(lab, command, "--as", ADA)
    assert terminal.out.startswith("http://localhost:8085/?")


def test_untick_and_decline(lab: Lab) -> None:
    """What the person leaves out is left out, and Cancel goes to the program."""
    url = lab.url("http://localhost:1/", prompt="consent")
    some = run(lab, url, "--as", ADA, "--untick", "cloud-platform").out
    assert AuthorizationResponse.from_url(some.strip()).scopes == (TUNING,)
    none = run(lab, url, "--as", ADA, "--decline").out
    assert AuthorizationResponse.from_url(none.strip()).error == "access_denied"
    for words in (["--decline"], ["--untick", "tuning"]):
        assert "--as EMAIL" in run(lab, url, *words, code=2).err


def test_a_stranger(lab: Lab) -> None:
    """A page that refuses is an error with the page's advice."""
    terminal = run(lab, lab.url("http://localhost:1/"), "--as", EVE, code=4)
    assert f"gemauth emulator test-users add my-project {EVE}" in terminal.err


@pytest.mark.parametrize("words", [["--as", ADA], []])
def test_other_addresses(lab: Lab, words: list[str]) -> None:
    """Whatever is no sign-in is refused without its query."""
    terminal = run(lab, "https://example.com/?code=secret", *words, code=2)
    assert "https://example.com/ is no sign-in page" in terminal.err
    assert "secret" not in terminal.err


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A BROWSER that notes the page that it is given."""
    noted = tmp_path / "noted"
    script = tmp_path / "browser"
    script.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        f"pathlib.Path({str(noted) + '.new'!r}).write_text(sys.argv[1])\n"
        f"pathlib.Path({str(noted) + '.new'!r}).rename({str(noted)!r})\n"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("BROWSER", str(script))
    return noted


def opened(noted: Path) -> str:
    """Wait for the page that the browser was given."""
    deadline = time.monotonic() + 20
    while not noted.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return noted.read_text()


def test_by_hand(lab: Lab, browser: Path) -> None:
    """Without --as the emulator's page opens in the person's browser."""
    environ = {"BROWSER": str(browser.with_name("browser"))}
    terminal = run(lab, lab.url("http://localhost:1/"), environ=environ)
    page = opened(browser)
    assert page.startswith(f"{lab.address}/o/oauth2/")
    assert f"Opened: {page}" in terminal.err


def test_by_hand_without_a_browser(lab: Lab) -> None:
    """Where there is none, the page is told."""
    terminal = run(lab, lab.url("http://localhost:1/"))
    assert f"Open this page: {lab.address}/o/oauth2/" in terminal.err


def test_gclouds_command_by_hand(lab: Lab, browser: Path) -> None:
    """For --remote-bootstrap the command listens itself, as gcloud's own helper does."""

    def person() -> None:
        redirect = Person(ADA).consent(opened(browser))
        with urlopen(redirect) as answer:
            assert b"go back" in answer.read()

    thread = threading.Thread(target=person)
    thread.start()
    terminal = run(lab, lab.url(None), environ={"BROWSER": str(browser.with_name("browser"))})
    thread.join()
    assert parse_qs(urlsplit(terminal.out.strip()).query)["code"]
    assert "localhost:8085" not in terminal.out


def test_a_person_who_never_comes(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait for a browser ends."""
    monkeypatch.setattr(authorize, "_WAIT", 0.05)
    assert "No answer came" in run(lab, lab.url(None), code=5).err
