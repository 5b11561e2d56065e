from __future__ import annotations

import re
from pathlib import Path

import gemauth
from gemauth.cli import exit_codes, manual
from gemauth.cli.help import ENVIRONMENT
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


def test_every_variable_is_told() -> None:
    """Every variable that the source reads by name is told, but for the system's own."""
    told = {name for names, _ in ENVIRONMENT for name in names.split(", ")}
    read = re.compile(r'environ(?:\.get\(|\[)"(\w+)"|VARIABLE = "(\w+)"')
    source = Path(gemauth.__file__).parent.rglob("*.py")
    found = {
        name for file in source for pair in read.findall(file.read_text("utf-8")) for name in pair
    }
    system = {"", "HOME", "APPDATA", "LOCALAPPDATA", "USERPROFILE", "SystemDrive", "PATH"}
    system.add("WSL_DISTRO_NAME")  # Windows sets it in its Linux
    retired = {"GCE_METADATA_ROOT"}  # Google's old name of GCE_METADATA_HOST, still honoured
    assert {"GEMAUTH_EMULATOR", "GEMAUTH_DEBUG"} <= found
    lower = {"https_proxy", "no_proxy"}  # the same as in capitals
    assert found - system - retired - lower <= told


def test_topics_exist() -> None:
    """Every topic that the top page names has a page."""
    for topic in manual.TOPICS:
        assert Terminal().run("help", topic) == 0
