"""An emulator, and a terminal whose environment names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.testing.emulator import EmulatorServer
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator


class Desk:
    """Runs `gemauth emulator …` command lines against one emulator."""

    def __init__(self, emulator: EmulatorServer) -> None:
        self.emulator = emulator

    def run(self, *words: str, code: int = 0, typed: str = "") -> Terminal:
        """Run a command line that must end with an exit code; return its terminal."""
        terminal = Terminal(typed, environ={"GEMAUTH_EMULATOR": self.emulator.address})
        assert terminal.run("emulator", *words) == code, terminal.err
        return terminal


@pytest.fixture
def desk() -> Iterator[Desk]:
    """An emulator that holds nothing."""
    with EmulatorServer() as emulator:
        yield Desk(emulator)


@pytest.fixture
def lab(desk: Desk) -> Desk:
    """An emulator with ada@example.com, her project my-project and its consent screen."""
    control = desk.emulator.control
    control.create_account("ada@example.com", name="Ada Lovelace")
    control.create_project("my-project", owner="ada@example.com")
    control.set_consent_screen("my-project", app_name="Demo", support_email="ada@example.com")
    return desk
