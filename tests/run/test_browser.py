from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from gemauth.oauth.authorization import AuthorizationResponse
from gemauth.run import browser
from tests.run.sign_in import ADA, EVE, App, Lab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """An emulator with an app and a tester."""
    with Lab() as lab:
        yield lab


class Run:
    """What `gemauth emulator run` gives to its program, and what the browser's part left there."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        self.environ = os.environ | {"GEMAUTH_EMULATOR": lab.address, "GEMAUTH_RUN": str(folder)}

    def consenting(self, email: str = ADA) -> Run:
        """With --auto-consent."""
        self.environ["GEMAUTH_AUTO_CONSENT"] = email
        return self

    def now(self, *urls: str) -> int:
        """Do what the process that stays behind does."""
        return browser.main(["--now", *urls], self.environ)

    @property
    def log(self) -> str:
        """What was noted so far."""
        file = self.folder / browser.LOG
        return file.read_text("utf-8") if file.exists() else ""


@pytest.fixture
def run(lab: Lab, tmp_path: Path) -> Run:
    """A run without --auto-consent."""
    return Run(lab, tmp_path)


def until(true: Callable[[], object]) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_returns_at_once_and_signs_in(run: Run) -> None:
    """An app may listen only after its browser command has ended: the answer still comes."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = run.lab.url(f"http://localhost:{port}/callback")
    before = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "gemauth.run.browser", url],
        env=run.consenting().environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    took = time.monotonic() - before
    assert done.returncode == 0
    assert run.log == ""
    with App(port) as app:
        until(lambda: app.paths)
    assert took < 1
    answer = AuthorizationResponse.from_url(app.paths[0])
    assert answer.code is not None
    until(lambda: run.log)
    assert f"{ADA} signed in for http://localhost:{port}/callback" in run.log
    assert "?" not in run.log


def test_the_log_is_the_owners(run: Run) -> None:
    """Nobody else on the machine reads who signed in where."""
    with App() as app:
        assert run.consenting().now(run.lab.url(app.url)) == 0
    assert stat.S_IMODE((run.folder / browser.LOG).stat().st_mode) == 0o600


def test_a_stranger_is_named_in_the_log(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    """A sign-in that is refused says why, with the command that helps, and without its query."""
    with App() as app:
        assert run.consenting(EVE).now(run.lab.url(app.url)) == 1
        assert app.paths == []
    assert "not_a_tester" in run.log
    assert "secret-state" not in run.log
    told = capfd.readouterr().err
    assert "not_a_tester" in told
    assert f"gemauth emulator test-users add my-project {EVE}" in told


def test_nobody_listens(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program that asked is gone: noted without the code."""
    monkeypatch.setattr(browser, "PATIENCE", 0.0)
    assert run.consenting().now(run.lab.url("http://localhost:1/")) == 1
    assert "Nothing listens at http://localhost:1/: the program" in run.log
    assert "code" not in run.log


def test_a_redirect_elsewhere_is_not_followed(run: Run) -> None:
    """A web app's redirect would leave the machine."""
    away = "https://app.example.com/callback"
    made = run.lab.emulator.control.create_client(
        "my-project", "web", kind="web", redirect_uris=[away]
    )
    url = run.lab.url(away, client_id=made["clientId"])
    assert run.consenting().now(url) == 1
    assert f"ends at {away}, and --auto-consent only" in run.log


@pytest.mark.parametrize(
    "url", ["https://example.com/page?code=secret", "http://[::1/?code=secret"]
)
def test_with_auto_consent_other_pages_are_refused(
    run: Run, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nobody is there to look at them; `webbrowser.open` learns it from the exit code."""
    assert browser.main([url], run.consenting().environ) == 1
    assert "is no sign-in page" in run.log
    assert "is no sign-in page" in capfd.readouterr().err
    assert "secret" not in run.log


@pytest.mark.parametrize("urls", [[], ["http://a/", "http://b/"]])
def test_one_address(run: Run, urls: list[str]) -> None:
    """It opens exactly one."""
    assert browser.main(urls, run.environ) == 1
    assert "opens one address" in run.log


@pytest.mark.parametrize("address", [None, "", "https://accounts.google.com"])
def test_without_an_emulator(
    run: Run, address: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    """Outside of a run nothing is opened: the page would be Google's own."""
    environ = {k: v for k, v in run.environ.items() if not k.startswith("GEMAUTH_")}
    if address is not None:
        environ["GEMAUTH_EMULATOR"] = address
    assert browser.main([run.lab.url("http://localhost:1/")], environ) == 1
    assert "gemauth emulator run" in capfd.readouterr().err
    assert run.log == ""


@pytest.fixture
def real(run: Run) -> Path:
    """The person's own browser: it notes its page and its environment."""
    noted, script = run.folder / "noted", run.folder / "real"
    script.write_text(
        f"#!{sys.executable}\nimport os, pathlib, sys\n"
        f"new = pathlib.Path({str(noted) + '.new'!r})\n"
        "new.write_text(sys.argv[1] + ' ' + ' '.join(os.environ))\n"
        f"new.rename({str(noted)!r})\n"
    )
    script.chmod(0o700)
    run.environ |= {"GEMAUTH_RUN_BROWSER": str(script), "BROWSER": "/nowhere"}
    return noted


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://accounts.google.com/o/oauth2/auth?a=b", "{address}/o/oauth2/auth?a=b"),
        ("https://example.com/page?a=b", "https://example.com/page?a=b"),
    ],
)
def test_the_real_browser(run: Run, real: Path, url: str, page: str) -> None:
    """Sign-ins open at the emulator, other pages where they are, in the browser of before."""
    run.environ |= {"HTTPS_PROXY": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1"}
    assert run.now(url) == 0
    until(real.exists)
    opened, *names = real.read_text().split()
    assert opened == page.format(address=run.lab.address)
    assert not [name for name in names if name.startswith("GEMAUTH_")]
    assert not {"HTTPS_PROXY", "https_proxy", "PYTHONPATH"} & set(names)
    assert "?" not in run.log


def test_no_browser_starts(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    """The person is given the emulator's page to open; the log has no query."""
    run.environ["GEMAUTH_RUN_BROWSER"] = "/nowhere/browser"
    assert run.now(run.lab.url("http://localhost:1/")) == 1
    assert f"Open this page yourself: {run.lab.address}/o/oauth2/" in capfd.readouterr().err
    assert "No browser could be opened." in run.log
    assert "?" not in run.log


def test_it_never_hangs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign-in that does not end is left."""

    def make(*_: object) -> str:
        time.sleep(0.3)
        return "too late"

    monkeypatch.setattr(browser, "_LIMIT", 0.05)
    monkeypatch.setattr(browser.Visit, "make", make)
    assert run.consenting().now(run.lab.url("http://localhost:1/")) == 1
    assert "did not end within" in run.log
    until(lambda: "too late" in run.log)  # the thread is a daemon: the process would have ended


def test_python_does_not_start(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that should stay behind cannot be made: that is a failure at once."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert browser.main([run.lab.url("http://localhost:1/")], run.consenting().environ) == 1
    assert "/nowhere/python does not start" in run.log


def test_a_folder_that_is_gone(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    """Where nothing can be noted, stderr has it all the same."""
    run.environ["GEMAUTH_RUN"] = str(run.folder / "gone")
    assert browser.main([], run.environ) == 1
    assert "opens one address" in capfd.readouterr().err
