"""The real gcloud is played by a shell script; `tests/interop/test_gcloud.py` has it itself."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gemauth.errors import NotFoundError, UsageError
from gemauth.google.client_secret import GCLOUD_CLIENT_ID, GCLOUD_CODE_PAGES
from gemauth.run import gcloud_system
from gemauth.run.person import SignInBlockedError
from gemauth.testing.emulator import EmulatorServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.processes

ADA = "ada@example.com"
QUERY = (
    f"response_type=code&client_id={GCLOUD_CLIENT_ID}&scope=openid&state=s&access_type=offline"
    "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
)
GOOGLE = "https://accounts.google.com/o/oauth2/auth"


@pytest.fixture(scope="module")
def emulator() -> Iterator[EmulatorServer]:
    """An emulator with one person."""
    with EmulatorServer() as server:
        server.control.create_account(ADA)
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run's folder, and that of a run around it: their own gcloud is never what is found."""
    for name in ("run", "outer"):
        own = tmp_path / name / "bin"
        own.mkdir(parents=True)
        script(own / "gcloud", "echo this is the run's own; exit 99")
        script(own / "gemauth-browser", "exit 99")
    (tmp_path / "system").mkdir()
    return tmp_path


def script(path: Path, text: str) -> None:
    """Write a shell script."""
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o700)


@pytest.fixture
def run(folder: Path, emulator: EmulatorServer) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a gcloud that is this shell script."""

    def run(
        text: str, *words: str, consenting: str | None = ADA
    ) -> subprocess.CompletedProcess[str]:
        script(folder / "system" / "gcloud", text)
        environ = {
            **os.environ,
            "GEMAUTH_EMULATOR": emulator.address,
            "GEMAUTH_RUN": str(folder / "run"),
            "PATH": ":".join(
                (
                    *(str(folder / name / "bin") for name in ("run", "outer")),
                    str(folder / "system"),
                    os.environ["PATH"],
                )
            ),
        }
        if consenting is not None:
            environ["GEMAUTH_AUTO_CONSENT"] = consenting
        return subprocess.run(
            [sys.executable, "-P", "-m", "gemauth.run.gcloud_system", *words],
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return run


class TestRun:
    def test_other_commands_are_handed_over(
        self, run: Callable[..., subprocess.CompletedProcess[str]]
    ) -> None:
        """Whatever is no login becomes the real gcloud, with its streams and exit code."""
        done = run('echo "got $*"; echo warned >&2; exit 3', "projects", "list", "--format=json")
        assert (done.returncode, done.stdout, done.stderr) == (
            3,
            "got projects list --format=json\n",
            "warned\n",
        )

    def test_a_login_without_auto_consent_is_handed_over(
        self, run: Callable[..., subprocess.CompletedProcess[str]]
    ) -> None:
        """Then the person answers, as always."""
        done = run("cat; echo prompts: $CLOUDSDK_CORE_DISABLE_PROMPTS", "auth", "login",
                   consenting=None)  # fmt: skip
        assert done.stdout == "prompts:\n"

    def test_the_redirect_is_pasted(
        self, run: Callable[..., subprocess.CompletedProcess[str]]
    ) -> None:
        """--no-browser: the URL has no address, and the redirect is pasted with https."""
        done = run(
            f'echo \'gcloud auth login --remote-bootstrap="{GOOGLE}?{QUERY}"\' >&2\n'
            'printf "Enter: "; read -r line; echo "[$line] $CLOUDSDK_CORE_DISABLE_PROMPTS"; exit 5',
            "auth", "login", "--no-browser",
        )  # fmt: skip
        assert done.returncode == 5
        assert done.stdout.startswith("Enter: [https://localhost:8085/?")
        assert "code=4%2F0Aemu-" in done.stdout
        assert done.stdout.endswith("] 1\n")
        assert done.stderr.startswith("gcloud auth login --remote-bootstrap=")

    def test_the_code_is_pasted(self, run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
        """--no-launch-browser: the page is the emulator's, and its code is pasted."""
        page = f"redirect_uri={GCLOUD_CODE_PAGES[0]}"
        done = run(
            f'echo "    {GOOGLE}?{QUERY}&{page}" >&2; read -r line; echo "[$line]"',
            "auth", "application-default", "login", "--no-launch-browser",
        )  # fmt: skip
        assert done.stdout.startswith("[4/0Aemu-")

    def test_the_browser_s_part_is_left_to_it(
        self, run: Callable[..., subprocess.CompletedProcess[str]]
    ) -> None:
        """A redirect to a listener is BROWSER's matter: nothing is pasted."""
        there = "redirect_uri=http%3A%2F%2Flocalhost%3A8085%2F"
        done = run(f'echo "{GOOGLE}?{QUERY}&{there}" >&2; echo done', "auth", "login")
        assert (done.returncode, done.stdout) == (0, "done\n")

    def test_a_sign_in_that_is_blocked_ends_it(
        self, run: Callable[..., subprocess.CompletedProcess[str]]
    ) -> None:
        """Gcloud is ended, and the reason is told."""
        done = run(
            f'echo "--remote-bootstrap=\\"{GOOGLE}?{QUERY}\\"" >&2; read -r line; echo "[$line]"',
            "auth", "login", "--no-browser", consenting="eve@example.com",
        )  # fmt: skip
        assert done.returncode == 1
        assert "eve@example.com" in done.stderr
        assert done.stdout == ""

    def test_what_it_writes_is_not_held_back(
        self, run: Callable[..., subprocess.CompletedProcess[str]]
    ) -> None:
        """Megabytes on both streams come through whole, and do not lock."""
        text = "head -c 3000000 /dev/zero | tr '\\0' x; head -c 3000000 /dev/zero | tr '\\0' y >&2"
        done = run(text, "auth", "login")
        assert (done.stdout, done.stderr) == ("x" * 3_000_000, "y" * 3_000_000)

    def test_a_gcloud_that_a_signal_ends(
        self, run: Callable[..., subprocess.CompletedProcess[str]]
    ) -> None:
        """128 and the signal's number, as shells say it."""
        assert run("kill -TERM $$", "auth", "login").returncode == 143

    def test_no_gcloud(self, folder: Path) -> None:
        """Without a real one the exit code is a shell's 127."""
        environ = {"PATH": str(folder / "run" / "bin"), "GEMAUTH_RUN": str(folder / "run")}
        with pytest.raises(NotFoundError, match="no gcloud"):
            gcloud_system.real_gcloud(environ)
        assert gcloud_system.main(["auth", "login"], environ) == 127


@pytest.mark.parametrize(
    ("words", "is_one"),
    [
        (["auth", "login"], True),
        (["--project", "p", "auth", "application-default", "login", "--no-browser"], True),
        (["auth", "list"], False),
        (["auth", "login", "--help"], False),
        (["auth", "login", "--remote-bootstrap=u"], False),
        (["compute", "os-login", "describe-profile"], False),
    ],
)
def test_is_login(words: list[str], *, is_one: bool) -> None:
    """Only a sign-in can wait for a pasted answer."""
    assert gcloud_system.is_login(words) is is_one


class TestPasted:
    def test_no_sign_in(self, emulator: EmulatorServer) -> None:
        """Other lines, and other addresses, are none."""
        for line in ("", "Credentials saved", "see https://cloud.google.com/docs"):
            assert gcloud_system.pasted(line, ADA, emulator.address) is None

    def test_blocked(self, emulator: EmulatorServer) -> None:
        """A page that ends the sign-in is an error."""
        scope = "https://www.googleapis.com/auth/generative-language.tuning"
        line = f"{GOOGLE}?{QUERY.replace('openid', scope)}"
        with pytest.raises(SignInBlockedError, match="restricted_client"):
            gcloud_system.pasted(line, ADA, emulator.address)

    def test_elsewhere(self, emulator: EmulatorServer) -> None:
        """A sign-in at another server is not answered, and does not hang."""
        with pytest.raises(UsageError, match="no sign-in page"):
            gcloud_system.pasted(f"https://evil.example/o/oauth2/auth?{QUERY}", ADA,
                                 emulator.address)  # fmt: skip
