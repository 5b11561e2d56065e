"""docs/run.md, run: programs with Google's libraries, which know nothing of gemauth."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from gemauth.cli.emulator.process import PORT
from gemauth.testing.emulator import EmulatorProcess
from tests.docs.blocks import ROOT, blocks, commands, is_shown
from tests.docs.scene import do_what_the_console_does, play, setting
from tests.docs.terminal import Terminal

if TYPE_CHECKING:
    from tests.docs.terminal import Running

pytestmark = [pytest.mark.docs, pytest.mark.timeout(180)]

PROGRAM, ALONE, JOINED, WAITS, VISIT, READY = blocks(ROOT / "docs" / "run.md")


def test_a_program_that_signs_in(programmer: Terminal) -> None:
    """With an emulator of the run's own, and nobody asked."""
    assert PROGRAM.first == "# sign_in.py"
    play(programmer, ALONE, {})


def test_with_an_emulator_that_runs(programmer: Terminal) -> None:
    """Programs join the quickstart's emulator, which says what it saw; one waits for a visit."""
    with EmulatorProcess() as emulator, ExitStack() as stack:
        (other := programmer.folder / "other").mkdir()
        do_what_the_console_does(emulator, Terminal(other, setting(emulator)))
        play(programmer, JOINED, {f"http://127.0.0.1:{PORT}": emulator.address})
        (command,) = commands(WAITS)
        visited(programmer, stack.enter_context(programmer.start(command.line)))
        play(programmer, READY, {})
    assert "Traceback" not in emulator.talk


def visited(terminal: Terminal, program: Running) -> None:
    """Visit the address that a waiting program shows, and see how that ends."""
    (url,) = re.findall(r"https://accounts\.google\.com/\S+", program.read(until="https://acc"))
    play(terminal, VISIT, {"https://accounts.google.com/o/oauth2/auth?…": url})
    (command,) = commands(WAITS)
    shown = program.read(until=None)
    assert is_shown(shown, command.output), shown
    assert program.process.wait(30) == 0
