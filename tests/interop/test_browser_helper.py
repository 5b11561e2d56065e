"""InstalledAppFlow and `webbrowser` with the browser's part of a run as BROWSER."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.google.endpoints import GOOGLE
from gemauth.google.scopes import CLOUD_PLATFORM, RETRIEVER
from tests.interop.local_google import ADA, EVE

if TYPE_CHECKING:
    from tests.interop.local_google import Google

pytestmark = pytest.mark.interop

# gemauth's own, which is not the program's.
_PYTHON = Path(__file__).parents[2] / ".venv" / "bin" / "python"

# As a program signs in: the downloaded file, a free port, the machine's browser.
SIGN_IN = """
import json, sys
from google_auth_oauthlib.flow import InstalledAppFlow, WSGITimeoutError
flow = InstalledAppFlow.from_client_secrets_file(sys.argv[1], sys.argv[2].split())
try:
    credentials = flow.run_local_server(port=0, timeout_seconds=int(sys.argv[3]))
except WSGITimeoutError:
    print("null")
else:
    print(json.dumps([credentials.valid, credentials.refresh_token, credentials.granted_scopes]),
          file=sys.__stdout__)
"""


class Run:
    """A program with the environment of `gemauth emulator run --auto-consent EMAIL`."""

    def __init__(self, google: Google, folder: Path) -> None:
        self.google = google
        self.folder = folder
        script = folder / "gemauth-browser"
        script.write_text(f'#!/bin/sh\nexec {_PYTHON} -P -m gemauth.run.browser "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        self.environ = os.environ | {
            "BROWSER": str(script),
            "GEMAUTH_EMULATOR": google.address,
            "GEMAUTH_RUN": str(folder),
        }
        # The file as Google gives it: its sign-in page is Google's. The token endpoint is the
        # emulator's here, since no proxy stands before this program.
        file = json.loads(json.dumps(google.client_file))
        file["installed"]["auth_uri"] = GOOGLE.authorization.replace("/v2", "")
        self.file = folder / "client_secret.json"
        self.file.write_text(json.dumps(file))

    def python(self, code: str, *arguments: str, email: str | None = ADA) -> Any:
        """Run a program, and return the last line that it prints, which is JSON."""
        consent = {} if email is None else {"GEMAUTH_AUTO_CONSENT": email}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code, *arguments],
            env=self.environ | consent,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    @property
    def log(self) -> str:
        """What the browser's part noted."""
        return (self.folder / "browser.log").read_text()


@pytest.fixture
def run(google: Google, tmp_path: Path) -> Run:
    """A run."""
    return Run(google, tmp_path)


def test_a_sign_in_without_anybody(run: Run) -> None:
    """`run_local_server` opens a browser and gets its credentials, with no input at all."""
    before = _last(run)
    scopes = [CLOUD_PLATFORM, RETRIEVER]
    valid, refresh, granted = run.python(SIGN_IN, str(run.file), " ".join(scopes), "30")
    assert valid
    assert refresh.startswith("1//emu-")
    assert sorted(granted) == sorted(scopes)
    entries = run.google.control.call("GET", "requests")["requests"]
    (token,) = [e for e in entries if e["number"] > before and e["path"] == "/token"]
    assert token["grantType"] == "authorization_code"
    assert token["principal"] == ADA
    assert sorted(token["scopes"]) == sorted(scopes)
    assert f"{ADA} signed in" in run.log
    assert "code=" not in run.log


def test_somebody_who_is_no_tester(run: Run) -> None:
    """Google shows a page and never redirects: the app waits in vain, and the log says why."""
    assert run.python(SIGN_IN, str(run.file), CLOUD_PLATFORM, "3", email=EVE) is None
    assert "not_a_tester" in run.log


OPEN = """
import json, socket, sys, time, webbrowser
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
before = time.monotonic()
opened = webbrowser.open(sys.argv[1] + f"&redirect_uri=http://localhost:{port}/back")
seconds, line = time.monotonic() - before, ""
if opened:
    with socket.create_server(("127.0.0.1", port)) as listener:
        connection, _ = listener.accept()
        with connection:
            line = connection.recv(65536).decode().splitlines()[0]
print(json.dumps([opened, seconds, line]))
"""


def test_webbrowser_returns_at_once(run: Run) -> None:
    """`webbrowser.open` waits for its command, and an app may listen only after that."""
    url = f"{GOOGLE.authorization}?client_id={run.google.client_id}&response_type=code"
    opened, seconds, line = run.python(OPEN, f"{url}&scope={CLOUD_PLATFORM}&state=s")
    assert opened
    assert seconds < 1
    assert line.startswith("GET /back?")
    assert "code=" in line


def test_webbrowser_learns_of_other_pages(run: Run) -> None:
    """With --auto-consent nobody looks at pages, and `webbrowser.open` says so."""
    opened, _, _ = run.python(OPEN, "https://example.com/?a=b")
    assert not opened
    assert "is no sign-in page" in run.log


def _last(run: Run) -> int:
    entries = run.google.control.call("GET", "requests")["requests"]
    return entries[-1]["number"] if entries else 0
