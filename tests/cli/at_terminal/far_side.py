"""Whom commands in a terminal reach: see `conftest.py`."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

from gemauth.testing.person import Person
from tests.cli.google import Google
from tests.client.test_end_to_end import ADA, Machine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.at_terminal.session import Session

__all__ = ["ADC", "Desk", "Slow", "shown_url"]

ADC = ".config/gcloud/application_default_credentials.json"
PATIENCE = 5.0


def shown_url(there: Session) -> str:
    """Wait for the address to open, and return it."""
    while not (found := re.search(r"^    (http\S+)\n", there.shown, re.MULTILINE)):
        there.more()
    return found[1]


class Desk(Machine):
    """A machine whose person looks at a terminal."""

    @property
    def adc(self) -> Path:
        """Where the sign-in is kept."""
        return self.home / ADC

    def consent(self, there: Session) -> str:
        """Sign in at the address that stands there; where the browser ends."""
        return Person(ADA).consent(shown_url(there))

    def left(self) -> set[str]:
        """The files of gemauth's and gcloud's that are there, locks that nobody holds aside."""
        found = (path for path in self.home.rglob("*") if path.is_file())
        return {str(path.relative_to(self.home)) for path in found if path != self.client_file}


class _Answers(dict[str, tuple[int, Any]]):
    """Answers of which some wait until they are let go."""

    def __init__(self, answers: dict[str, tuple[int, Any]]) -> None:
        super().__init__(answers)
        self.held: set[str] = set()
        self.asked = threading.Event()
        self.go = threading.Event()

    def get(self, line: str, default: Any = None) -> Any:
        """As a dictionary does, but later."""
        if line in self.held:
            self.asked.set()
            self.go.wait(PATIENCE)
        return super().get(line, default)


class Slow(Google):
    """Answers what a test has put, but not before `let_go` what it holds back."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._held = _Answers(self.answers)
        self.answers = self._held

    def hold(self, line: str) -> None:
        """Have whoever asks this wait."""
        self._held.held.add(line)

    def wait_until_asked(self) -> None:
        """Wait for somebody who waits."""
        assert self._held.asked.wait(PATIENCE)

    def let_go(self) -> None:
        """Answer everybody."""
        self._held.held.clear()
        self._held.go.set()

    def __exit__(self, *error: object) -> None:
        self.let_go()
        super().__exit__(*error)
