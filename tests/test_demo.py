"""`make demo`: the whole main job, and that a result which is not right ends it."""

from __future__ import annotations

import ast
import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.stage import CheckError, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.docs

ROOT = Path(__file__).parents[1]
QUICKSTART = ROOT / "demo" / "quickstart.py"


def titles() -> list[str]:
    """Return the titles of the demo's steps: the first lines of their docstrings."""
    (steps,) = (n for n in ast.parse(QUICKSTART.read_text()).body if isinstance(n, ast.ClassDef))
    lines = (
        (ast.get_docstring(part) or "").partition("\n")[0].removesuffix(".")
        for part in steps.body
        if isinstance(part, ast.FunctionDef) and part.name not in {"__init__", "steps"}
    )
    return list(lines)


def perform(folder: Path) -> subprocess.Popen[str]:
    """Start the demo with its temporary files below a folder."""
    return subprocess.Popen(
        [sys.executable, str(QUICKSTART)],
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.timeout(240)
def test_the_main_job(tmp_path: Path, home: Path) -> None:
    """Every step is done and checked; nothing is left behind, and no secret is shown."""
    with perform(tmp_path) as demo:
        transcript, _ = demo.communicate()
    assert demo.returncode == 0, transcript
    told = [re.sub(r"^ *\d+  ", "", line) for line in transcript.splitlines()]
    assert [line for line in told if line in set(titles())] == titles()
    assert f"All {len(titles())} steps done" in transcript
    assert "✗" not in transcript
    assert "\033" not in transcript
    assert not re.search(r"(ya29\.(c\.)?emu-|1//emu-|GOCSPX-emu-)\w|PRIVATE KEY", transcript)
    assert list(tmp_path.iterdir()) == []
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """Stopped half-way, it takes the emulator with it and deletes its folder."""
    port = 0
    with perform(tmp_path) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if found := re.search(r"GEMAUTH_EMULATOR=http://127\.0\.0\.1:(\d+)", line):
                port = int(found[1])
            if line.lstrip().startswith("3  "):
                break
        demo.send_signal(number)
        demo.stdout.read()
        assert demo.wait(30) == code
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


class TestStage:
    @pytest.fixture
    def transcript(self) -> io.StringIO:
        """What the audience reads."""
        return io.StringIO()

    @pytest.fixture
    def stage(self, transcript: io.StringIO) -> Iterator[Stage]:
        """A stage without an emulator."""
        with Stage(transcript, {"PATH": os.environ["PATH"], "GOOGLE_API_KEY": "mine"}) as stage:
            yield stage

    def test_a_check_that_fails(self, stage: Stage, transcript: io.StringIO) -> None:
        """It ends the demo, and shows what was seen instead."""
        with pytest.raises(CheckError, match="two is three"):
            stage.check([], "two is three", seen="2")
        assert "✗ two is three" in transcript.getvalue()
        assert "      2\n" in transcript.getvalue()

    def test_a_step_that_checks_nothing(self, stage: Stage) -> None:
        """It counts as failed: a demo proves something at every step."""

        def idle() -> None:
            """Do nothing."""

        with pytest.raises(CheckError, match="'Do nothing' has checked nothing"):
            stage.play(idle)

    def test_a_command_that_fails(self, stage: Stage) -> None:
        """A command's exit code is a result, both ways."""
        stage.environ["GEMAUTH_EMULATOR"] = "http://127.0.0.1:9"
        with pytest.raises(CheckError, match="exit code 2"):
            stage.gemauth("no-such-command")
        with pytest.raises(CheckError, match="exit code 0"):
            stage.gemauth("--version", fails=True)

    def test_the_audience_is_left_alone(self, stage: Stage) -> None:
        """Commands have a home of their own and none of the audience's Google variables."""
        assert "GOOGLE_API_KEY" not in stage.environ
        for name in ("HOME", "XDG_CONFIG_HOME", "CLOUDSDK_CONFIG"):
            assert stage.environ[name].startswith(str(stage.folder))

    def test_secrets_are_not_shown(self, stage: Stage, transcript: io.StringIO) -> None:
        """Tokens are cut to their beginning."""
        stage.say("a ya29.emu-abc b ya29.c.emu-def c 1//emu-ghi")
        assert transcript.getvalue() == "a ya29.emu-… b ya29.c.emu-… c 1//emu-…\n"

    @pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
    def test_no_color(self, *, no_color: str, coloured: bool) -> None:
        """Colour is for terminals, and only without NO_COLOR (no-color.org)."""

        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        there = Terminal()
        with Stage(there, {"NO_COLOR": no_color}) as stage:
            stage.check(True, "fine")  # noqa: FBT003  # a check that holds
        assert ("\033[" in there.getvalue()) is coloured


@pytest.mark.parametrize(
    ("step", "code"),
    [("fail", 1), ("idle", 1), ("interrupt", 130), ("pass", 0)],
)
def test_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], step: str, code: int
) -> None:
    """The exit code is 0 only if every step's checks held."""
    monkeypatch.syspath_prepend(str(QUICKSTART.parent))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    import importlib

    quickstart = importlib.import_module("quickstart")

    def only(self: object) -> list[Callable[[], None]]:
        def play() -> None:
            """Play it."""
            if step == "interrupt":
                raise KeyboardInterrupt
            if step != "idle":
                quickstart_stage.check(step == "pass", "the only check")

        quickstart_stage = self.stage  # type: ignore[attr-defined]  # the script has no types here
        return [play]

    monkeypatch.setattr(quickstart.Quickstart, "steps", only)
    started = time.monotonic()
    assert quickstart.main() == code
    assert time.monotonic() - started < 10
    assert ("FAILED" in capsys.readouterr().out) == (code == 1)
