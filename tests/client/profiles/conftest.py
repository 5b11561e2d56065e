"""A home without credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """A home without credentials."""
    return {"HOME": str(home)}
