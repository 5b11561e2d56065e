from __future__ import annotations

from gemauth import errors
from gemauth.cli import exit_codes


def test_every_code_of_the_tree() -> None:
    """Every class of the error tree has its exit code explained, and no two classes share one."""
    tree = [getattr(errors, name) for name in errors.__all__ if name.endswith("Error")]
    codes = [error.exit_code for error in tree]
    assert len(set(codes)) == len(codes)
    assert set(codes) | {0, 8, 70, 130, 141} == set(exit_codes.meanings())


def test_meanings_are_sentences() -> None:
    """Each meaning is one sentence on one line."""
    for text in exit_codes.meanings().values():
        assert text.endswith(".")
        assert "\n" not in text
