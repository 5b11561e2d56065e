"""The far side, for commands that reach out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.google import Google

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def google(home: Path) -> Iterator[Google]:
    """A server that answers what the test puts."""
    with Google(home) as server:
        yield server
