from __future__ import annotations

import sys

import pytest

from tests.cli.at_terminal.session import CTRL_C, Session

pytestmark = pytest.mark.processes

ASLEEP = "import time; print('ready', flush=True); time.sleep(60)"


def test_the_terminal_controls_the_program() -> None:
    """Ctrl-C is a key: the terminal makes the signal of it, for the program in its foreground."""
    with Session(command=(sys.executable, "-c", ASLEEP)) as there:
        there.until("ready")
        there.type(CTRL_C)
        assert there.end() == -2
        assert "KeyboardInterrupt" in there.shown


def test_streams_lead_apart() -> None:
    """Each stream leads where the test says, and the terminal is as wide as it says."""
    program = (
        "import os, sys; print(sys.stdin.read(), sys.stdout.isatty(), flush=True); "
        "print(sys.stderr.isatty(), os.get_terminal_size(2).columns, file=sys.stderr)"
    )
    with Session(
        command=(sys.executable, "-c", program),
        stdin="elsewhere",
        stdout="elsewhere",
        typed="typed",
        columns=40,
    ) as there:
        assert there.end() == 0
        assert (there.out, there.shown) == ("typed False\n", "True 40\n")
    with Session(
        command=(sys.executable, "-c", "import sys; print(sys.stderr, sys.stdin)"), stderr="closed"
    ) as there:
        assert there.end() == 0
        assert there.shown.startswith("None <")
