"""The pytest fixture `emulator`, for tests of programs that sign in with Google and call Gemini.

Load it in conftest.py with `pytest_plugins = ["gemauth.testing.plugin"]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.testing.emulator import EmulatorServer

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["emulator"]


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmulatorServer]:
    """An emulator of the test's own, in memory and empty; GEMAUTH_EMULATOR names it."""
    with EmulatorServer() as server:
        monkeypatch.setenv("GEMAUTH_EMULATOR", server.address)
        yield server
