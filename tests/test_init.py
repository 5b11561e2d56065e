from __future__ import annotations

import subprocess
import sys

import pytest

import gemauth


def test_importing_gemauth_imports_nothing_else() -> None:
    """`import gemauth` costs one small module beside Python's own start."""
    code = (
        "import sys; before = set(sys.modules); import gemauth; "
        "print(*sorted(set(sys.modules) - before))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) == {"gemauth", "__future__"}


@pytest.mark.parametrize("name", [name for name in gemauth.__all__ if name != "__version__"])
def test_every_public_name_loads(name: str) -> None:
    """What `__all__` promises is there, listed, and kept once loaded."""
    assert name in dir(gemauth)
    value = getattr(gemauth, name)
    assert getattr(gemauth, name) is value
    assert value.__name__ == name


def test_unknown_names_are_unknown() -> None:
    """A typo is an AttributeError, as in any module."""
    with pytest.raises(AttributeError, match="nonsense"):
        gemauth.nonsense  # noqa: B018  # the access is the test


def test_what_the_docstring_shows_exists() -> None:
    """`from gemauth import *` and the example's names agree."""
    assert {"login", "default", "Gemini", "AsyncGemini"} <= set(gemauth.__all__)
