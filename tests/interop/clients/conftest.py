"""The world of the cases: what they need that the judges' emulator has not got already."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import pytest

from tests.guard.packets import no_routes
from tests.interop.clients import credential_files
from tests.interop.clients.case import OK
from tests.interop.local_google import PROJECT, Emulator, Google

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tests.interop.clients.case import Case

_COMMAND = Path(__file__).parents[3] / ".venv" / "bin" / "gemauth"
_PROGRAMS = Path(__file__).parent / "programs"
_JUDGES = Path(__file__).parents[1] / "node"
_GO = Path(__file__).parents[1] / "go" / "main.go"
_TIME = 120.0  # seconds
_WORLDS = min(2, os.cpu_count() or 1)


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
    """An emulator, a service account, and a way to run cases there, one after the other."""

    _numbers = itertools.count(1)

    def __init__(self, google: Google, folder: Path, go: str) -> None:
        self.google = google
        self._go = go
        self.robot = credential_files.robot(google)
        self._folder = folder

    def run(self, case: Case, *, isolate: bool) -> Outcome:
        """Run a case's program from its start to its end, with a home of its own."""
        home = self._folder / str(next(self._numbers))
        work = home / "work"
        work.mkdir(parents=True)
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
            env=clean_environment(home),
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


def clean_environment(home: Path) -> Mapping[str, str]:
    """Return a developer's environment that says nothing of Google, a proxy or a loosening."""
    hidden = {f"{name}_proxy" for name in ("http", "https", "no", "all", "grpc", "no_grpc")}
    ours = ("GOOGLE_", "GEMAUTH_", "CLOUDSDK_", "OAUTHLIB_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.lower() not in hidden and not name.startswith(ours)
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
            **clean_environment(folder),
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


class Outcomes:
    """What becomes of the session's cases: run ahead of their tests, in a few worlds at once.

    Packets are counted by the machine, so that a case of which the table says no, perhaps because
    it reaches out, has the machine for itself, before the others.
    """

    def __init__(self, worlds: Iterable[World], wanted: Iterable[tuple[Case, bool]]) -> None:
        self._worlds: SimpleQueue[World] = SimpleQueue()
        for world in worlds:
            self._worlds.put(world)
        self._pool = ThreadPoolExecutor(self._worlds.qsize())
        self._futures: dict[tuple[str, bool], Future[Outcome]] = {}
        failing = [one for one in wanted if (one[0].isolate if one[1] else one[0].run) != OK]
        for case, isolate in failing:
            self._submit(case, isolate=isolate).exception()
        for case, isolate in wanted:
            if (case, isolate) not in failing:
                self._submit(case, isolate=isolate)

    def of(self, case: Case, *, isolate: bool) -> Outcome:
        """Return a case's outcome, once it is there."""
        return self._futures[case.name, isolate].result()

    def close(self) -> None:
        """Begin no more cases, and wait for those that run."""
        self._pool.shutdown(cancel_futures=True)

    def _submit(self, case: Case, *, isolate: bool) -> Future[Outcome]:
        future = self._pool.submit(self._run, case, isolate=isolate)
        self._futures[case.name, isolate] = future
        return future

    def _run(self, case: Case, *, isolate: bool) -> Outcome:
        world = self._worlds.get()
        try:
            return world.run(case, isolate=isolate)
        finally:
            self._worlds.put(world)


@pytest.fixture(scope="session")
def outcomes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Outcomes]:
    """The outcomes of all cases that this session has selected and this machine can run."""
    calls = [getattr(item, "callspec", None) for item in request.session.items]
    wanted = [
        (call.params["case"], call.params["isolate"])
        for call in calls
        if call is not None and {"case", "isolate"} <= set(call.params)
    ]
    go = ""
    if any(case.needs == "go" for case, _ in wanted):
        go = request.getfixturevalue("go_program")
    with open_worlds(tmp_path_factory, go) as worlds:
        outcomes = Outcomes(worlds, [one for one in wanted if lacks(one[0], go) is None])
        try:
            yield outcomes
        finally:
            outcomes.close()


@contextmanager
def open_worlds(factory: pytest.TempPathFactory, go: str) -> Iterator[list[World]]:
    """Have as many worlds as this machine has room for."""
    with ExitStack() as stack:
        worlds = []
        for number in range(_WORLDS):
            emulator = stack.enter_context(Emulator(clean_environment(factory.mktemp("emulator"))))
            google = Google(emulator)
            stack.callback(google.close)
            worlds.append(World(google, factory.mktemp(f"world-{number}"), go))
            stack.callback(_sound, emulator)
        yield worlds


def _sound(emulator: Emulator) -> None:
    assert not [line for line in emulator.log if line.startswith("defect")]


def lacks(case: Case, go: str) -> str | None:
    """Return what this machine lacks for a case: a command, or a library of it."""
    if case.needs is not None and shutil.which(case.needs) is None:
        return f"{case.needs} is not installed"
    if case.needs == "node" and not (_JUDGES / "node_modules").is_dir():
        return "make tests/interop/node/node_modules/.stamp"
    if case.needs == "go" and not go:
        return "golang.org/x/oauth2/google is not installed"
    return None


@pytest.fixture
def installed(request: pytest.FixtureRequest) -> None:
    """Skip a case that this machine cannot run."""
    case: Case = request.getfixturevalue("case")
    go = request.getfixturevalue("go_program") if case.needs == "go" else ""
    if (lack := lacks(case, go)) is not None:
        pytest.skip(lack)
