"""README.md, run: every block is executed as the table says, and what it shows is compared.

The emulator's quickstart runs as it stands, but for the port: the emulator takes a free one, and
`127.0.0.1:8085` in the document means that. Google's quickstart runs against an emulator too
(GEMAUTH_EMULATOR is set, as a developer may): there Google's addresses mean the emulator's, and
what a person has done in the console before is done by the test. Programs that use Google's
libraries run with those of `.venv-interop`, which know nothing of gemauth.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from enum import Enum, auto
from typing import TYPE_CHECKING

import pytest

from gemauth.cli.emulator.process import PORT
from gemauth.run.isolation import IsolationForbiddenError, isolated
from gemauth.testing.emulator import EmulatorProcess
from tests.docs.blocks import ROOT, Block, blocks, commands, headings, is_shown
from tests.docs.scene import do_what_the_console_does, play, setting, translated
from tests.docs.stand_in import StandIn
from tests.docs.terminal import JUDGES, Terminal

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.docs, pytest.mark.timeout(180)]

ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-TW.md"


class How(Enum):
    """How a block is run."""

    MAKE = auto()  # its targets exist; they are not run from within `make test`
    INSTALL = auto()  # pip resolves what it names, offline; tests/test_wheel.py installs for real
    GOOGLE = auto()  # in the session of Google's quickstart
    START = auto()  # starts the emulator of the second session
    EMULATOR = auto()  # in the session of the emulator's quickstart
    UNIMPLEMENTED = auto()  # there, and refused; and with a stand-in that answers
    SDK = auto()  # there, with the SDK's own environment
    SHOWN = auto()  # what the script before it prints
    FILE = auto()  # a program whose first line is its name
    RUN = auto()  # in a terminal of its own, with no emulator
    ISOLATE = auto()  # there too, where the system permits it
    PYTEST = auto()  # a file of tests, run by pytest


TABLE = [
    ("make demo    # the whole quickstart against the emulator, narrated and checked", How.MAKE),
    ("python3 -m venv .venv", How.INSTALL),
    ("$ mv ~/Downloads/client_secret_*.json client_secret.json", How.GOOGLE),
    ("$ gemauth models list", How.GOOGLE),
    ("$ gemauth share tunedModels/my-model --user bob@example.com --role reader", How.GOOGLE),
    ("$ gemauth login --client-id-file client_secret.json --no-browser", How.GOOGLE),
    ("$ gemauth login --start --client-id-file client_secret.json", How.GOOGLE),
    ("import gemauth.notebook", How.GOOGLE),
    ("$ gemauth service-accounts create ci-robot --project my-project", How.GOOGLE),
    ("$ gemauth profiles save personal", How.GOOGLE),
    ("$ gemauth logout", How.GOOGLE),
    ("$ gemauth emulator start", How.START),
    (f"$ export GEMAUTH_EMULATOR=http://127.0.0.1:{PORT}", How.EMULATOR),
    ("$ gemauth emulator accounts create ada@example.com", How.EMULATOR),
    (
        "$ gemauth login --client-id-file client_secret.json --account ada@example.com",
        How.EMULATOR,
    ),
    (
        (
            "$ gemauth login --client-id-file client_secret.json --account bob@example.com "
            "--output bob.json"
        ),
        How.EMULATOR,
    ),
    ("$ gemauth emulator services enable my-project iam", How.EMULATOR),
    (
        "$ gemauth emulator services disable my-project generativelanguage",
        How.EMULATOR,
    ),
    ("# list.sh", How.FILE),
    ("$ gemauth emulator run -- sh list.sh", How.RUN),
    ("# app.py", How.FILE),
    ("$ gemauth emulator run --quiet -- python3 app.py", How.RUN),
    ("$ gemauth emulator run --quiet --isolate -- python3 app.py", How.ISOLATE),
    ("import gemauth", How.EMULATOR),
    ("import gemauth", How.UNIMPLEMENTED),
    ("import gemauth.sdk", How.SDK),
    ("import gemauth", How.EMULATOR),
    (
        "NOT_FOUND | you | List what there is: gemauth models list, gemauth tuned-models list",
        How.SHOWN,
    ),
    ("import asyncio", How.EMULATOR),
    ("import json", How.PYTEST),
]
"""Each block of the README by its first line, in order."""


def planned(*ways: How) -> list[tuple[Block, How]]:
    """Return the README's blocks that are run in these ways, in order."""
    together = zip(blocks(ENGLISH), (how for _, how in TABLE), strict=True)
    return [(block, how) for block, how in together if how in ways]


def test_no_block_is_left_out() -> None:
    """Every fenced block of the README stands in the table, and nothing else does."""
    assert [block.first for block in blocks(ENGLISH)] == [first for first, _ in TABLE]


def test_both_languages_say_the_same() -> None:
    """The translation has the same code and the same structure of headings."""
    assert [(block.language, block.text) for block in blocks(CHINESE)] == [
        (block.language, block.text) for block in blocks(ENGLISH)
    ]
    levels = [level for level, _ in headings(ENGLISH)]
    assert [level for level, _ in headings(CHINESE)] == levels
    links = re.compile(r"\]\((#|[^)]+)")  # a heading of its own has another name in each
    english, chinese = (links.findall(path.read_text("utf-8")) for path in (ENGLISH, CHINESE))
    assert sorted({*chinese} - {"README.md"}) == sorted({*english} - {"README.zh-TW.md"})


def test_make() -> None:
    """The two commands are targets of the Makefile, and make can plan them."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    for block, _ in planned(How.MAKE):
        for line in block.text.splitlines():
            words = shlex.split(line, comments=True)
            assert words[0] == "make"
            plan = subprocess.run(
                ["make", "-n", *words[1:]],
                cwd=ROOT,
                env=environ,
                capture_output=True,
                text=True,
                check=False,
            )
            assert plan.returncode == 0, plan.stderr
            assert plan.stdout


def test_install() -> None:
    """What pip is asked to install is this checkout, with extras that it has."""
    (block, _), *rest = planned(How.INSTALL)
    assert not rest
    create, install, activate = block.text.splitlines()
    assert create == "python3 -m venv .venv"
    assert activate == ". .venv/bin/activate"
    words = shlex.split(install, comments=True)
    assert words[:4] == [".venv/bin/pip", "install", "-e", ".[emulator]"]
    dry = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--no-index"]
    pip = subprocess.run(
        [*dry, "--no-build-isolation", "--disable-pip-version-check", "-e", ".[emulator]"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert pip.returncode == 0, pip.stderr
    assert "does not provide the extra" not in pip.stderr
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = re.findall(r"`pip install '?(\w+)(?:\[(\w+)\])?'?`", ENGLISH.read_text("utf-8"))
    assert named == [("gemauth", ""), ("gemauth", "emulator")]
    assert project["name"] == "gemauth"
    assert "emulator" in project["optional-dependencies"]


def test_google_quickstart(home: Path) -> None:
    """Google's quickstart: each command runs, and shows what the README says."""
    with EmulatorProcess() as emulator:
        terminal = Terminal(home, setting(emulator))
        do_what_the_console_does(emulator, terminal)
        terminal.give_browser()
        meaning = {
            "https://accounts.google.com": emulator.address,
            # only true at Google
            "Every library that looks for Application Default Credentials there uses them.": (
                f"To use them: GEMAUTH_EMULATOR={emulator.address}"
            ),
        }
        for block, _ in planned(How.GOOGLE):
            if block.language == "python":
                code, shown = terminal.python(block.text)
                assert code == 0, shown
            else:
                play(terminal, block, meaning)
    assert "Traceback" not in emulator.talk


def test_emulator_quickstart(home: Path) -> None:
    """The emulator's quickstart, and the library against it: all runs and shows what it says."""
    terminal = Terminal(home, dict(os.environ))
    ((start, _),) = planned(How.START)
    (command,) = commands(start)
    assert command.line == "gemauth emulator start"
    with terminal.start(f"{command.line} --port 0") as emulator:
        banner = emulator.read(until="Stop it:")
        address = re.search(r"http://127\.0\.0\.1:\d+", banner)
        assert address, banner
        meaning = {f"http://127.0.0.1:{PORT}": address[0]}
        assert is_shown(banner, tuple(translated(text, meaning) for text in command.output))
        terminal.give_browser()
        shown = ""
        for block, how in planned(How.EMULATOR, How.SHOWN, How.UNIMPLEMENTED, How.SDK):
            if how is How.SHOWN:
                assert is_shown(shown, tuple(block.text.splitlines())), shown
            elif block.language == "console":
                play(terminal, block, meaning)
            else:
                assert block.language == "python"
                with_sdk = f"PYTHONPATH={ROOT / 'src'} {JUDGES}"
                code, shown = terminal.python(
                    block.text, python=with_sdk if how is How.SDK else "python3"
                )
                refused = how is How.UNIMPLEMENTED
                assert code == refused, f"README.md:{block.line}\n{shown}"
                assert ("StatusError" in shown and "not implemented" in shown) is refused, shown
        emulator.stop()
        assert emulator.read(until=None).count("\n") == len(command.output), "it told of a defect"


def test_what_the_emulator_does_not_do(home: Path) -> None:
    """The snippet that an emulator refuses runs to its end where somebody answers."""
    with StandIn(home) as server:
        terminal = Terminal(home, {**os.environ, **server.environ})
        for block, _ in planned(How.UNIMPLEMENTED):
            code, shown = terminal.python(block.text)
            assert (code, shown.strip()) == (0, "Hello")


def test_any_program(programmer: Terminal) -> None:
    """Each program runs unmodified, with an emulator of the run's own, and shows what it says."""
    for block, _ in planned(How.RUN):
        play(programmer, block, {})


def test_any_program_isolated(programmer: Terminal) -> None:
    """It does so where the kernel knows nothing but the emulator."""
    (programmer.folder / "bundle.pem").touch()
    try:
        with isolated("http://127.0.0.1:1", programmer.folder):
            pass
    except IsolationForbiddenError as error:
        pytest.skip(str(error))
    for block, _ in planned(How.ISOLATE):
        play(programmer, block, {})


def test_in_your_tests(home: Path) -> None:
    """The tests that the README shows pass."""
    for block, _ in planned(How.PYTEST):
        (home / "test_it.py").write_text(block.text)
        there = subprocess.run(
            [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
            cwd=home,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert there.returncode == 0, there.stdout
        assert " passed" in there.stdout
