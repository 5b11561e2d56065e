from __future__ import annotations

import json
import os
import re
import socket
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.cli.at_terminal.far_side import ADC
from tests.cli.at_terminal.session import CTRL_BACKSLASH, CTRL_C, CTRL_D, GEMAUTH, Session
from tests.client.test_end_to_end import ADA

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.at_terminal.far_side import Desk, Slow

pytestmark = pytest.mark.processes

MODEL = "tunedModels/my-model"
ROBOT = "ci@my-project.iam.gserviceaccount.com"
KEYS = f"POST /v1/projects/my-project/serviceAccounts/{ROBOT}/keys"
NEW_KEY = ("service-accounts", "keys", "create", ROBOT, "--output")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("GET /v1beta/models", ("models", "list")),
        ("POST /token", ("print-access-token", "--fresh")),
        ("POST /token", ("status", "--online")),
        ("POST /token", ("doctor",)),
        ("POST /token", ("token-info",)),
        ("POST /revoke", ("logout", "--yes")),
        ("POST /token", ("serve-metadata",)),
        ("POST /token", ("exec", "--access-token", "--", "echo", "started")),
        ("GET /v1beta/tunedModels/m/permissions", ("share", MODEL[:12] + "m", "--from", "u.csv")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_while_a_server_keeps_it_waiting(slow: Slow, line: str, words: tuple[str, ...]) -> None:
    """It ends at once: 130 and one word; what it had taken is free for the next command."""
    (slow.folder / "u.csv").write_text("bob@example.com,reader\n")
    given = ("--credentials", slow.credentials())
    at = words.index("--") if "--" in words else len(words)
    words = (*words[:at], *given, *words[at:])
    slow.hold(line)
    with Session(*words) as there:
        slow.wait_until_asked()
        begun = time.monotonic()
        there.type(CTRL_C)
        assert there.end() == 130
        assert time.monotonic() - begun < 5
    assert re.search(r"\^C\r? *\r?\nStopped\.\n$", there.shown), there.shown
    slow.let_go()
    with Session("print-access-token", "--fresh", *given) as again:
        assert again.end() == 0


@pytest.mark.parametrize("where", ["key.json", "-"])
def test_while_a_key_is_made(slow: Slow, where: str) -> None:
    """There is no file, and it says that a key may have been made, and how to see it."""
    slow.hold(KEYS)
    with Session(
        *NEW_KEY, where, "--credentials", slow.credentials(), environ={**os.environ}
    ) as there:
        slow.wait_until_asked()
        there.type(CTRL_C)
        assert there.end() == 130
    assert f"gemauth service-accounts keys list {ROBOT}" in there.shown
    assert not (slow.folder / "key.json").exists()


@pytest.fixture
def signed_in(desk: Desk) -> Desk:
    """A person who is signed in, with a profile beside."""
    desk.login(account=ADA)
    desk.login(account=ADA, profile="work")
    return desk


QUESTIONS = [
    ("logout",),
    ("profiles", "delete", "work"),
    ("service-accounts", "delete", ROBOT),
]


def ask_robot(desk: Desk) -> None:
    """Have the service account that one of the questions is about."""
    from tests.cli.terminal import Terminal

    there = Terminal(environ=desk.environ)
    words = ("service-accounts", "create", "robot-1", "--project", "my-project")
    assert there.run(*words) == 0, there.err


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
@pytest.mark.parametrize(
    ("keys", "code"), [(CTRL_C, 130), (CTRL_D, 2), ("\n", 1), ("no\n", 1)], ids=repr
)
def test_at_a_question(signed_in: Desk, words: tuple[str, ...], keys: str, code: int) -> None:
    """Whoever does not say yes has changed nothing, whichever way they leave."""
    if ROBOT in words:
        ask_robot(signed_in)
        words = (*words[:-1], "robot-1@my-project.iam.gserviceaccount.com")
    before = signed_in.left()
    with Session(*words) as there:
        there.until("[y/N] ")
        there.type(keys)
        assert there.end() == code, there.shown
        assert there.echoes
    assert "Traceback" not in there.shown
    assert signed_in.left() == before


def test_yes(signed_in: Desk) -> None:
    """Whoever says yes is heard."""
    with Session("profiles", "delete", "work") as there:
        there.until("[y/N] ")
        there.type("y\n")
        assert there.end() == 0
    assert not (signed_in.home / ".config/gemauth/profiles/work.json").exists()


@pytest.mark.parametrize("words", QUESTIONS[:2], ids=" ".join)
def test_nobody_to_ask(signed_in: Desk, words: tuple[str, ...]) -> None:
    """Where stdin or stderr is no terminal, nothing is asked, and nothing waits."""
    with Session(*words, stdin="nowhere") as there:
        assert there.end() == 0
        assert "[y/N]" not in there.shown


PROGRAM = """
import signal, sys, time
def told(*_):
    print("the program was told", flush=True)
    sys.exit(7)
signal.signal(signal.SIGINT, told)
signal.signal(signal.SIGQUIT, told)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("key", [CTRL_C, CTRL_BACKSLASH], ids=["Ctrl-C", "Ctrl-backslash"])
def test_exec(signed_in: Desk, key: str) -> None:
    """The key is the program's: it hears it once, and its exit code is the command's."""
    (signed_in.home / "program.py").write_text(PROGRAM)
    with Session(
        "emulator", "run", "--", *GEMAUTH, "exec", "--", sys.executable, "program.py"
    ) as there:
        there.until("ready")
        there.type(key)
        assert there.end() == 7
    assert there.shown.count("the program was told") == 1
    assert "Stopped." not in there.shown
    assert "Traceback" not in there.shown


def test_serve_metadata(signed_in: Desk) -> None:
    """Ctrl-C is its ordinary end: 0, and nobody listens any more."""
    with Session("serve-metadata") as there:
        there.until("Ctrl-C ends it.")
        found = re.search(r"GCE_METADATA_HOST=127\.0\.0\.1:(\d+)", there.shown)
        assert found
        there.type(CTRL_C)
        assert there.end() == 0
    assert "Stopped." not in there.shown
    with socket.create_server(("127.0.0.1", int(found[1]))):
        pass


@pytest.mark.parametrize("data", [("--in-memory",), ("--data", "data")], ids=["memory", "disk"])
def test_emulator_start(home: Path, data: tuple[str, ...]) -> None:
    """Ctrl-C is its ordinary end: 0, the port is free, and its folder can be had again."""
    for _ in range(2):
        with Session("emulator", "start", "--port", "0", *data, cwd=home) as there:
            there.until("Ctrl-C")
            found = re.search(r"http://127\.0\.0\.1:(\d+)", there.shown)
            assert found
            there.type(CTRL_C)
            assert there.end() == 0, there.shown
        assert "Traceback" not in there.shown
        with socket.create_server(("127.0.0.1", int(found[1]))):
            pass


def test_emulator_run_without_a_program(home: Path) -> None:
    """--print-environment keeps the emulator until Ctrl-C, and leaves no folder of the run."""
    with Session("emulator", "run", "--print-environment", cwd=home) as there:
        there.until("It is there until Ctrl-C.")
        folders = set(re.findall(r"(/\S*?gemauth-run-[^/\s'\"]+)", there.shown))
        there.type(CTRL_C)
        assert there.end() == 0, there.shown
    assert "Traceback" not in there.shown
    assert [folder for folder in folders if os.path.exists(folder)] == []  # noqa: PTH110


@pytest.mark.parametrize("columns", [18, 80])
def test_share_list(signed_in: Desk, columns: int) -> None:
    """Progress is painted over in one line, also when the window becomes narrower; Ctrl-C ends the
    run in order: what is done is told, and true.
    """
    rows = "".join(f"person{number}@example.com,reader\n" for number in range(1000))
    (signed_in.home / "users.csv").write_text(rows)
    with Session(
        *("share", MODEL, "--from", "users.csv", "--report", "r.jsonl"), columns=80
    ) as there:
        there.until("1 of 1000: ")
        there.resize(columns)
        before = len(there.shown)
        while there.shown.count("\r", before) < 6:
            there.more()
        there.type(CTRL_C)
        assert there.end() == 130
    report = [json.loads(row) for row in (signed_in.home / "r.jsonl").read_text().splitlines()]
    left = sum(row.get("outcome") == "left" for row in report)
    assert f"{left} were not tried: It was stopped." in there.shown
    painted = re.findall(r"\r([^\r\n]+)\r", there.shown[before:])[2:]  # the window was told by then
    assert painted
    for line in painted:
        assert len(line) < columns, "a line that wraps cannot be painted over"


def test_nobody_reads_that_it_stopped(slow: Slow) -> None:
    """Ctrl-C where stderr is closed: still 130, and no complaint anywhere."""
    slow.hold("GET /v1beta/models")
    words = ("models", "list", "--credentials", slow.credentials())
    with Session(*words, stderr="closed") as there:
        slow.wait_until_asked()
        there.type(CTRL_C)
        assert there.end() == 130
    assert there.shown == "^C"


def test_at_any_moment(slow: Slow) -> None:
    """Wherever it is when Ctrl-C comes, it ends as stopped or as done; none of our code complains.

    Before our first line runs, Python itself complains, as it does in any program.
    """
    given = ("--credentials", slow.credentials())
    seen = set()
    for delay in range(0, 400, 25):
        with Session("models", "list", *given) as there:
            time.sleep(delay / 1000)
            there.type(CTRL_C)
            seen.add(code := there.end())
            if code not in {0, 130, -2}:
                assert "KeyboardInterrupt" in there.shown
                assert "gemauth/cli" not in there.shown.replace("gemauth/cli/__init__", "")
    assert {0, 130} <= seen
    assert not list((slow.folder / ADC).parent.glob(".*"))
