from __future__ import annotations

from gemauth.cli import exit_codes, manual
from tests.cli.terminal import Terminal


def test_exit_codes() -> None:
    """`gemauth help exit-codes` lists every code, for programs too."""
    there = Terminal()
    assert there.run("help", "exit-codes", "--format", "json") == 0
    assert {row["exitCode"]: row["meaning"] for row in there.json} == exit_codes.meanings()


def test_environment() -> None:
    """`gemauth help environment` lists the variables."""
    there = Terminal()
    assert there.run("help", "environment") == 0
    assert "GEMAUTH_EMULATOR" in there.out


def test_topics_exist() -> None:
    """Every topic that the top page names has a page."""
    for topic in manual.TOPICS:
        assert Terminal().run("help", topic) == 0
