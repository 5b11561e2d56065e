from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import pytest

from tests.cli.google import CLIENT_ID, Google
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

CODE = "4/0emu-code"
QUERY = {
    "client_id": "1234-real.apps.googleusercontent.com",
    "response_type": "code",
    "scope": "openid",
    "state": "s" * 43,
    "code_challenge": "c" * 43,
    "code_challenge_method": "S256",
}
URL = f"https://accounts.google.com/o/oauth2/auth?{urlencode(QUERY)}"


def lend(*words: str, typed: str = "", tty: bool = False) -> Terminal:
    """Run the helper's command, with a browser that would fail the test if it were opened."""
    there = Terminal(typed, tty=tty, environ={**os.environ, "BROWSER": "false"})
    there.run("login", *words)
    return there


def test_nobody_can_be_asked() -> None:
    """Without a terminal it takes --yes, and says what would be done."""
    there = lend("--remote-bootstrap", URL, typed="y\n")
    assert (there.code, there.out) == (2, "")
    assert "1234-real" in there.err
    assert "--yes" in there.err
    assert "opened at" not in there.err


def test_a_person_says_no() -> None:
    """The default is no; nothing is opened."""
    there = lend("--remote-bootstrap", URL, typed="\n", tty=True)
    assert there.code == 2
    assert "Nothing was opened" in there.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--remote-bootstrap", "https://evil.example/o/oauth2/auth", "--yes"], "leads to evil"),
        (["--remote-bootstrap", URL, "--client-id-file", "x"], "no --client-id-file"),
        (["--remote-bootstrap", URL, "--scopes", "email"], "no --scopes"),
        (["--remote-bootstrap", URL, "--finish", "-"], "not allowed with"),
        (["--remote", "--no-browser"], "not allowed with"),
        (["--remote", "--finish", "-"], "no --remote"),
        (["--remote", "--start"], "not finished by another"),
    ],
)
def test_what_does_not_go_together(words: list[str], told: str) -> None:
    """Exit code 2 and one sentence, before anything is opened."""
    there = lend(*words)
    assert there.code == 2
    assert told in there.err


class Program:
    """A command in a process of its own."""

    def __init__(self, *words: str, **environ: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gemauth", "login", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "DISPLAY": ":0", "BROWSER": "true", **environ},
        )

    def says(self, pattern: str) -> str:
        """Return the group of the first line on stderr that has this pattern."""
        assert self.process.stderr
        for line in iter(self.process.stderr.readline, ""):
            if found := re.search(pattern, line):
                return found[1]
        raise AssertionError(f"it ended with {self.process.wait()}")

    def end(self, typed: str | None = None) -> tuple[int, str, str]:
        """Wait for the end: exit code, stdout, the rest of stderr."""
        out, err = self.process.communicate(typed, timeout=30)
        return self.process.returncode, out, err


@pytest.mark.processes
@pytest.mark.parametrize("format_", ["table", "json"])
def test_two_machines(google: Google, home: Path, format_: str) -> None:
    """One machine asks, the other's browser signs in, and the line makes the credentials."""
    asks = Program(
        "--client-id-file", google.client_file(), "--scopes", "cloud-platform", "--remote"
    )
    url = asks.says(r'gemauth login --emulator \S+ --remote-bootstrap="([^"]+)"')
    lends = Program(
        *("--remote-bootstrap", url, "--yes", "--emulator", google.url, "--format", format_)
    )
    page = lends.says(r"^    (http\S+)$")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    assert asked["client_id"] == CLIENT_ID
    assert asked["redirect_uri"].startswith("http://localhost:")
    with urlopen(f"{asked['redirect_uri']}?code={CODE}&state={asked['state']}") as answer:
        assert "Go back to the terminal" in answer.read().decode()
    code, out, err = lends.end()
    assert code == 0, err
    line = json.loads(out)["answer"] if format_ == "json" else out.removesuffix("\n")
    assert line == f"https{asked['redirect_uri'][4:]}?code={CODE}&state={asked['state']}"
    assert "to no other" in err
    code, out, err = asks.end(f"{line}\n")
    assert (code, out) == (0, ""), err
    assert google.form("POST /token")["redirect_uri"] == asked["redirect_uri"]
    assert (home / ".config/gcloud/application_default_credentials.json").exists()


class AtTerminal:
    """The helper in a pseudo-terminal: what it writes there, and a person's keys."""

    def __init__(self) -> None:
        self.main, there = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gemauth", "login", "--remote-bootstrap", URL],
            stdin=there,
            stdout=subprocess.PIPE,
            stderr=there,
            env={**os.environ, "DISPLAY": ":0", "BROWSER": "true"},
        )
        os.close(there)
        self.seen = b""

    def until(self, words: bytes) -> None:
        """Read until these words stand there."""
        while words not in self.seen:
            self.seen += os.read(self.main, 4096)

    def end(self) -> tuple[int, bytes]:
        """Wait for the end: exit code and stdout."""
        out, _ = self.process.communicate(timeout=30)
        os.close(self.main)
        return self.process.returncode, out


@pytest.mark.processes
def test_at_a_terminal(home: Path) -> None:
    """The client and the warning come before the question; No opens nothing."""
    there = AtTerminal()
    there.until(b"Proceed? [y/N] ")
    assert b"1234-real" in there.seen
    assert b"act as you" in there.seen
    os.write(there.main, b"n\n")
    there.until(b"Nothing was opened")
    assert there.end() == (2, b"")


@pytest.mark.processes
@pytest.mark.parametrize("answer", [None, b"y\n"], ids=["at the question", "while it waits"])
def test_ctrl_c(home: Path, answer: bytes | None) -> None:
    """It ends with 130 and one word, and nothing on stdout."""
    there = AtTerminal()
    there.until(b"Proceed? [y/N] ")
    if answer is not None:
        os.write(there.main, answer)
        there.until(b"redirect_uri=http%3A%2F%2Flocalhost")
    there.process.send_signal(signal.SIGINT)
    there.until(b"Stopped.")
    assert there.end() == (130, b"")
