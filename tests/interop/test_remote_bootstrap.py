"""The real gcloud on either side of a sign-in over two machines, and gemauth on the other.

Nothing of gcloud is changed. Its token endpoint is its own setting (CLOUDSDK_AUTH_TOKEN_HOST), and
the page that it opens is the emulator's.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gemauth.google.scopes import CLOUD_PLATFORM
from tests.interop.local_google import ADA

if TYPE_CHECKING:
    from tests.interop.local_google import Google

pytestmark = [
    pytest.mark.interop,
    pytest.mark.timeout(240),
    pytest.mark.skipif(shutil.which("gcloud") is None, reason="the real gcloud is not installed"),
]

_PYTHON = Path(__file__).parents[2] / ".venv" / "bin" / "python"
_GEMAUTH = _PYTHON.with_name("gemauth")
_GCLOUD = ("gcloud", "auth", "application-default", "login")


class Machine:
    """A machine with a browser in which Ada signs in, and a home of its own."""

    def __init__(self, google: Google, folder: Path) -> None:
        self.google = google
        self.folder = folder
        folder.mkdir()
        browser = folder / "browser"
        browser.write_text(f'#!/bin/sh\nexec {_PYTHON} -P -m gemauth.run.browser "$@"\n')
        browser.chmod(0o700)
        folder.joinpath("consent.json").write_text("{}")
        hidden = ("proxy", "GEMAUTH", "GOOGLE", "PYTHONPATH")
        self.environ = {
            name: value
            for name, value in os.environ.items()
            if not any(word.lower() in name.lower() for word in hidden)
        } | {
            "HOME": str(folder),
            "CLOUDSDK_CONFIG": str(folder / "gcloud"),
            "CLOUDSDK_CORE_DISABLE_FILE_LOGGING": "1",
            "CLOUDSDK_AUTH_TOKEN_HOST": f"{google.address}/token",
            "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "0",
            "BROWSER": str(browser),
            "DISPLAY": ":0",
            "GEMAUTH_EMULATOR": google.address,
            "GEMAUTH_RUN": str(folder),
            "GEMAUTH_AUTO_CONSENT": ADA,
        }

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a command."""
        return subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environ,
        )

    def client_file(self, **members: str) -> str:
        """Write the OAuth client's file, with members changed."""
        path = self.folder / "client_secret.json"
        members = self.google.client_file["installed"] | members
        path.write_text(json.dumps({"installed": members}))
        return str(path)

    def kept(self) -> dict[str, str]:
        """Return the credentials that a sign-in left here."""
        path = self.folder / "gcloud" / "application_default_credentials.json"
        kept: dict[str, str] = json.loads(path.read_text())
        return kept


def bootstrap(asks: subprocess.Popen[str], program: str) -> str:
    """Return the URL in the command that is printed for a program."""
    assert asks.stderr is not None
    said = []
    for line in iter(asks.stderr.readline, ""):
        said.append(line)
        found = re.search(rf'{program}.* --remote-bootstrap="([^"]+)"', line)
        if found:
            return found[1]
    raise AssertionError("".join(said))


@pytest.fixture
def here(google: Google, tmp_path: Path) -> Machine:
    """The machine that asks."""
    return Machine(google, tmp_path / "here")


@pytest.fixture
def there(google: Google, tmp_path: Path) -> Machine:
    """The machine that has a browser."""
    return Machine(google, tmp_path / "there")


def test_gcloud_helps_gemauth(here: Machine, there: Machine) -> None:
    """What gemauth asks for gcloud opens, and gemauth takes the line that gcloud prints."""
    asks = here.start(
        str(_GEMAUTH), "login", "--remote", "--client-id-file", here.client_file(), "--no-proof"
    )
    url = bootstrap(asks, "gcloud")
    helps = there.start(*_GCLOUD, f"--remote-bootstrap={url}")
    out, err = helps.communicate("y\n", timeout=90)
    line = re.search(r"^https://\S+code=\S+$", out + err, re.MULTILINE)
    assert line is not None, out + err
    out, err = asks.communicate(f"{line[0]}\n", timeout=60)
    assert asks.returncode == 0, err
    assert here.kept()["refresh_token"].startswith("1//emu-")


@pytest.mark.parametrize("page", ["Google's", "the emulator's"])
def test_gemauth_helps_gcloud(here: Machine, there: Machine, page: str) -> None:
    """What gcloud prints gemauth takes, and gcloud takes the line of gemauth."""
    base = "https://accounts.google.com" if page == "Google's" else here.google.address
    file = here.client_file(auth_uri=f"{base}/o/oauth2/auth")
    asks = here.start(
        *_GCLOUD, "--no-browser", "--client-id-file", file, f"--scopes={CLOUD_PLATFORM}"
    )
    url = bootstrap(asks, "gcloud")
    assert url.startswith(f"{base}/o/oauth2/auth?")
    helps = there.start(str(_GEMAUTH), "login", "--yes", "--remote-bootstrap", url)
    line, err = helps.communicate(timeout=60)
    assert helps.returncode == 0, err
    out, err = asks.communicate(line, timeout=90)
    assert asks.returncode == 0, out + err
    assert here.kept()["refresh_token"].startswith("1//emu-")
