"""The world of the cases: what they need that the judges' emulator has not got already."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.guard.packets import no_routes
from tests.interop.clients import credential_files
from tests.interop.local_google import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.interop.clients.case import Case
    from tests.interop.local_google import Google

_COMMAND = Path(__file__).parents[3] / ".venv" / "bin" / "gemauth"
_PROGRAMS = Path(__file__).parent / "programs"
_JUDGES = Path(__file__).parents[1] / "node"
_GO = Path(__file__).parents[1] / "go" / "main.go"
_TIME = 120.0  # seconds


@dataclass
class Outcome:
    """What became of a case."""

    exit_code: int
    stdout: str
    stderr: str
    seen: list[dict[str, Any]] = field(repr=False)
    words: Mapping[str, str]
    """What the words in braces stood for."""
    packets_out: int
    """Packets that the kernel had no route for: attempts to leave loopback."""

    @property
    def story(self) -> str:
        """All of it, for a failure's message."""
        lines = [str({k: v for k, v in e.items() if k != "userAgent"}) for e in self.seen]
        said = (
            text if len(text) < 4000 else f"…{text[-4000:]}" for text in (self.stdout, self.stderr)
        )
        return "\n".join([f"exit code {self.exit_code}", *said, *lines])


class World:
    """The emulator, a service account, and a way to run cases there."""

    def __init__(self, google: Google, folder: Path, go: str) -> None:
        self.google = google
        self._go = go
        self.robot = credential_files.robot(google)
        self._folder = folder

    def run(self, case: Case, *, isolate: bool) -> Outcome:
        """Run a case's program from its start to its end."""
        work = self._folder / "work"
        work.mkdir()
        before = max((e["number"] for e in self.google.control.requests()), default=0)
        away = no_routes()
        words = self._words(case, work)
        options = [option.format(**words) for option in case.options]
        command = [part.format(**words) for part in case.command]
        more = {name: value.format(**words) for name, value in case.environment.items()}
        if case.credentials is not None:
            made = credential_files.write(case.credentials, self.google, self.robot, work)
            more["GOOGLE_APPLICATION_CREDENTIALS"] = str(made)
        extra = ["env", *(f"{name}={value}" for name, value in more.items())] if more else []
        done = subprocess.run(
            [
                *(str(_COMMAND), "emulator", "run", "--emulator", self.google.address, "--quiet"),
                *("--project", PROJECT, *(["--isolate"] if isolate else []), *options, "--"),
                *extra,
                *command,
            ],
            cwd=work,
            env=_environ(self._folder),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIME,
            check=False,
        )
        seen = self.google.control.requests(after=before)
        out = no_routes() - away
        return Outcome(done.returncode, done.stdout, done.stderr, seen, words, out)

    def _words(self, case: Case, work: Path) -> Mapping[str, str]:
        words = {
            "python": sys.executable,
            "programs": str(_PROGRAMS),
            "node": str(_JUDGES),
            "go": self._go,
            "work": str(work),
            "robot": self.robot,
            "project": PROJECT,
            "key": self.google.api_key,
        }
        if any("{model}" in part for part in case.command):
            words["model"] = self.google.tuned_model()
        return words


def _environ(home: Path) -> Mapping[str, str]:
    """Return a developer's environment that says nothing of Google or a proxy."""
    hidden = {f"{name}_proxy" for name in ("http", "https", "no", "all", "grpc", "no_grpc")}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.lower() not in hidden and not name.startswith(("GOOGLE_", "GEMAUTH_", "CLOUDSDK_"))
    }
    return {**kept, "HOME": str(home)}


@pytest.fixture(scope="session")
def go_program(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The program in Go, built with what the system has of its libraries; empty where it cannot."""
    folder = tmp_path_factory.mktemp("go")
    if shutil.which("go") is None:
        return ""
    built = subprocess.run(
        ["go", "build", "-o", str(folder / "judge"), str(_GO)],
        env={
            **_environ(folder),
            "GO111MODULE": "off",
            "GOPATH": "/usr/share/gocode",  # Debian's golang-golang-x-oauth2-google-dev
            "GOCACHE": str(folder / "cache"),
            "GOFLAGS": "-p=2",
        },
        capture_output=True,
        text=True,
        timeout=2 * _TIME,
        check=False,
    )
    return str(folder / "judge") if built.returncode == 0 else ""


@pytest.fixture
def clients_world(request: pytest.FixtureRequest, google: Google, tmp_path: Path) -> World:
    """A world with a folder of its own."""
    case: Case = request.getfixturevalue("case")
    go = request.getfixturevalue("go_program") if case.needs == "go" else ""
    return World(google, tmp_path, go)


@pytest.fixture
def installed(request: pytest.FixtureRequest) -> None:
    """Skip a case whose command, or what it needs of libraries, this machine has not got."""
    case: Case = request.getfixturevalue("case")
    if case.needs is not None and shutil.which(case.needs) is None:
        pytest.skip(f"{case.needs} is not installed")
    if case.needs == "node" and not (_JUDGES / "node_modules").is_dir():
        pytest.skip("make tests/interop/node/node_modules/.stamp")
    if case.needs == "go" and not request.getfixturevalue("go_program"):
        pytest.skip("golang.org/x/oauth2/google is not installed")
