"""The isolation can fail: each of its promises is broken on purpose in a run of pytest's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.guard import outbound
from tests.isolation import GUARD, clean_environment

pytestmark = pytest.mark.processes

ROOT = GUARD.parent.parent

BEFORE = {
    "HOME": "/home/developer",
    "CLOUDSDK_CONFIG": "/home/developer/.config/gcloud",
    "GOOGLE_APPLICATION_CREDENTIALS": "/home/developer/key.json",
    "GOOGLE_API_KEY": "a-real-key",
    "GEMINI_API_KEY": "a-real-key",
    "GEMAUTH_EMULATOR": "http://127.0.0.1:9",
    "GCE_METADATA_HOST": "metadata",
    "https_proxy": "http://proxy:3128",
    "NO_PROXY": "localhost",
    "PATH": "/usr/bin",
    "LANG": "C.UTF-8",
}


def test_nothing_of_the_developers_is_left() -> None:
    """Credentials, project, proxies and homes are gone; the rest of the environment stays."""
    clean = clean_environment(BEFORE, Path("/tmp/home"), Path("/tmp/log"))
    assert clean["HOME"] == "/tmp/home"
    assert clean["CLOUDSDK_CONFIG"] == "/tmp/home/.config/gcloud"
    assert (clean["PATH"], clean["LANG"]) == ("/usr/bin", "C.UTF-8")
    assert (clean["PYTHONPATH"], clean[outbound.LOG]) == (str(GUARD), "/tmp/log")
    left = {name for name in clean if name in BEFORE}
    assert left == {"HOME", "CLOUDSDK_CONFIG", "PATH", "LANG"}
    assert not any("developer" in value or "real" in value for value in clean.values())


def test_home_is_the_tests_own(home: Path) -> None:
    """The home is empty, is what HOME names, and lies outside the developer's."""
    assert Path.home() == home
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_leaves_behind_is_gone(turn: str, home: Path) -> None:
    """Neither files in the home nor variables survive into the next test."""
    assert not (home / "left").exists()
    assert "LEFT_BY_A_TEST" not in os.environ
    (home / "left").write_text(turn, encoding="utf-8")
    os.environ["LEFT_BY_A_TEST"] = turn


@given(st.integers())
def test_properties_are_isolated_too(number: int) -> None:
    """Hypothesis does not mind the isolation: it needs no fixture of its own."""
    assert "GOOGLE_API_KEY" not in os.environ


COMMAND = [sys.executable, "-m", "pytest", "-q", "--noconftest", "-p", "tests.conftest"]
COMMAND += ["-p", "no:cacheprovider", "-p", "no:cov"]


def run_pytest(test: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a test file of its own under this folder's conftest, in a developer's environment."""
    file = folder / "test_on_trial.py"
    file.write_text(test, encoding="utf-8")
    return subprocess.run(
        [*COMMAND, "-c", str(ROOT / "pyproject.toml"), f"--rootdir={folder}", str(file)],
        cwd=ROOT,
        env=os.environ | {"GOOGLE_API_KEY": "a-real-key", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


ON_TRIAL = {
    "swallowed": """
import socket
def test_it():
    try:
        socket.create_connection(("192.0.2.1", 80))
    except RuntimeError:
        pass
""",
    "in a thread": """
import socket, threading
def attempt():
    try:
        socket.getaddrinfo("oauth2.googleapis.com", 443)
    except RuntimeError:
        pass
def test_it():
    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
""",
    "in a child": """
import subprocess, sys
def test_it():
    code = "import socket; socket.create_connection(('192.0.2.1', 80))"
    subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL, check=False)
""",
    "while collecting": """
import socket
try:
    socket.gethostbyname("example.com")
except RuntimeError:
    pass
def test_it():
    pass
""",
}


@pytest.mark.parametrize("case", ON_TRIAL)
def test_an_attempt_fails_the_run(case: str, tmp_path: Path) -> None:
    """An attempt to leave loopback fails the run, however well it was hidden, and is named."""
    ran = run_pytest(ON_TRIAL[case], tmp_path)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "leave loopback" in ran.stdout
    assert "socket.get" in ran.stdout


def test_an_honest_test_passes_and_sees_no_key(tmp_path: Path) -> None:
    """A test that stays at home passes, and the key in the developer's environment is gone."""
    honest = """
import os, socket
def test_it():
    assert "GOOGLE_API_KEY" not in os.environ
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
"""
    ran = run_pytest(honest, tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 passed" in ran.stdout
