from __future__ import annotations

import base64
import io
import logging
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from gemauth.emulator.tokens import shape
from gemauth.errors import GemauthError
from gemauth.oauth.token import TokenResponse
from tests.cli.terminal import Terminal
from tests.secrecy import Log, Secrecy, at_terminal

ROOT = Path(__file__).resolve().parent.parent

PLANTED = """
import logging, subprocess, sys, warnings
import pytest
from gemauth.cli.console import Console
from gemauth.emulator.tokens import shape
from gemauth.errors import GemauthError

TOKEN = shape.access_token(__import__("secrets").token_bytes)

def test_keeps_it():
    print("nothing", TOKEN[:20])

def test_prints_it():
    print("a token:", TOKEN)

def test_raises_it():
    with pytest.raises(GemauthError):
        raise GemauthError(f"refused: {TOKEN}")

def test_logs_it():
    logging.getLogger("gemauth.some").warning("sent %s", TOKEN)

def test_says_it():
    Console(sys.stdin, sys.stdout, sys.stderr, {}).say(TOKEN)

@pytest.mark.prints_secrets("to show that it may")
def test_says_why():
    print(TOKEN)
"""


def run_pytest(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder, with the search for secrets in it."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.secrecy", "-q", *words],
        cwd=home,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.processes
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_a_planted_secret_fails_the_run(home: Path, workers: tuple[str, ...]) -> None:
    """Each test that tells a secret fails, on whatever way, and the secret is not told again."""
    (home / "test_planted.py").write_text(PLANTED)
    done = run_pytest(home, *workers, "test_planted.py")
    assert done.returncode == 1, done.stdout
    assert "4 failed, 2 passed" in done.stdout
    for name in ("prints_it", "raises_it", "logs_it", "says_it"):
        assert f"FAILED test_planted.py::test_{name}" in done.stdout
    assert done.stdout.count("a secret was told:") >= 4


@pytest.mark.processes
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_a_secret_that_is_known_too_late_fails_the_run(
    home: Path, workers: tuple[str, ...]
) -> None:
    """What was told before anybody knew that it is a secret is found when the run ends."""
    token = shape.refresh_token(secrets.token_bytes)
    (home / "test_late.py").write_text(
        "from gemauth.oauth.token import RefreshTokenGrant\n"
        f"def test_told():\n    print({token!r})\n    \n"
        f"def test_known():\n    RefreshTokenGrant({token!r})\n"
    )
    together = ("--dist", "loadfile") if workers else ()
    done = run_pytest(home, *workers, *together, "test_late.py")
    assert done.returncode == 1, done.stdout
    assert "2 passed" in done.stdout
    assert "RefreshTokenGrant.refresh_token in Captured stdout call" in done.stdout


@pytest.fixture
def secrecy() -> Secrecy:
    """One of the test's own, which listens to nobody."""
    return Secrecy()


def _random(size: int = 32) -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(size)).rstrip(b"=").decode()


def test_wherever_it_stands(secrecy: Secrecy) -> None:
    """A secret is found inside of longer words, in JSON, in bytes; words and what is short not."""
    secret = _random()
    secrecy.issue(f"ya29.emu-{secret}", "a token")
    for text in (
        secret,
        f"x{secret}y",
        f'{{"token":"ya29.emu-{secret}"}}',
        f"code%3D{secret}&x".encode(),
        f"a line\n{'A' * 50}{secret}\\n",
    ):
        secrecy.tell(text, "a place")
        (leak,) = secrecy.search()
        assert leak.startswith("a token in a place: ")
        assert secret not in leak
    for text in (secret[:30], secret[::-1], "word " * 50):
        secrecy.tell(text, "a place")
    secrecy.issue("a" * 43, "no secret")
    secrecy.issue("ya29.emu-access", "a constant of the tests")
    secrecy.tell("a" * 50 + " ya29.emu-access", "a place")
    assert secrecy.search() == secrecy.search_again() == []


def test_private_keys_and_signatures(secrecy: Secrecy) -> None:
    """Each line of a private key is one, and of a JWT its signature alone."""
    lines = [_random(48) for _ in range(5)]
    key = "\n".join(["-----BEGIN PRIVATE KEY-----", *lines, "-----END PRIVATE KEY-----", ""])
    secrecy.issue(key, "a key")
    secrecy.tell(lines[2], "a place")
    assert secrecy.search()
    head, signature = "eyJ" + _random(), _random(256)
    secrecy.issue(f"{head}.{head}.{signature}", "a JWT")
    secrecy.tell(f"{head}.{head}.", "a place")
    assert not secrecy.search()
    secrecy.tell(f"{head}.{head}.{signature}", "a place")
    assert secrecy.search()


def test_the_address_to_open_holds_the_state(secrecy: Secrecy) -> None:
    """There a state may stand, and nowhere else; and nothing but the state."""
    state, other = _random(), _random()
    secrecy.issue(state, "a state")
    secrecy.issue(other, "a verifier")
    url = f"https://accounts.google.com/o/oauth2/v2/auth?client_id=x&state={state}"
    secrecy.tell(f"    {url}&scope=y\n", "a place")
    assert not secrecy.search()
    secrecy.tell(f"http://127.0.0.1:1/?state={state}", "a place")
    secrecy.tell(f"{url}&code_verifier={other}", "a place")
    assert [leak.partition(" in ")[0] for leak in secrecy.search()] == ["a state", "a verifier"]


def test_what_a_person_pastes_is_no_leak(running: Secrecy) -> None:
    """A terminal shows what is typed at a question; what the program says itself counts."""
    code = shape.authorization_code(secrets.token_bytes)
    at_terminal(["gemauth", "login"], f"Address (or code): {code}\nrefused\n")
    at_terminal(["gemauth", "print-access-token"], code)
    at_terminal(["bash"], code)
    assert running.search() == []
    at_terminal(["gemauth", "login"], f"Address (or code): x\nrefused: {code}\n")
    assert running.search()


@pytest.fixture
def running(request: pytest.FixtureRequest) -> Secrecy:
    """The one that listens to this very run."""
    found = request.config.pluginmanager.get_plugin("secrecy")
    assert isinstance(found, Secrecy)
    return found


def test_this_run_is_listened_to(running: Secrecy) -> None:
    """What the emulator makes and what passes in messages is noted; so is what is told."""
    made = [make(secrets.token_bytes) for make in (shape.access_token, shape.standard_api_key)]
    passed = _random()
    # Not by a logger: what is logged stands in the report too, which is searched.
    (log,) = (each for each in logging.getLogger().handlers if isinstance(each, Log))
    TokenResponse(access_token=passed)
    for secret in (*made, passed):
        for tell in (
            lambda: GemauthError(f"refused {secret}"),  # noqa: B023  # called here
            lambda: GemauthError("refused", evidence=secret),  # noqa: B023
            lambda: Terminal().console.warn(secret),  # noqa: B023
            lambda: Terminal().console.json({"a": secret}),  # noqa: B023
            lambda: log.handle(logging.makeLogRecord({"name": "gemauth.x", "msg": secret})),  # noqa: B023
        ):
            assert running.search() == []
            tell()
            assert running.search()


def test_emulators_are_listened_to(running: Secrecy) -> None:
    """What one writes to its log counts, wherever the log leads."""
    from gemauth.emulator.server.guard import writer  # as it was replaced

    log = io.StringIO()
    secret = shape.browser_cookie(secrets.token_bytes)
    writer(log)(f"GET /{secret} 200\n")
    assert secret in log.getvalue()
    assert running.search()


def test_programs_are_listened_to(running: Secrecy) -> None:
    """What a started `gemauth` tells counts too, but for stdout where a secret is its purpose."""
    secret = shape.refresh_token(secrets.token_bytes)
    running.tell_of(["python", "-m", "gemauth", "models", "list"], secret, "")
    running.tell_of(["/bin/gemauth", "models", "list"], "", secret.encode())
    running.tell_of(["gemauth", "print-access-token"], "", secret)
    assert len(running.search()) == 3
    running.tell_of(["gemauth", "print-access-token", "--fresh"], secret, "")
    running.tell_of(["gemauth", "service-accounts", "keys", "create", "--output", "-"], secret)
    running.tell_of(["gemauth", "exec", "--", "env"], secret, secret)
    running.tell_of(["curl", "https://example.com"], secret)
    assert running.search() == []
    running.tell_of(["gemauth", "service-accounts", "keys", "create", "--output", "x"], secret)
    assert running.search()
