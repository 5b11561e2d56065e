from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gemauth.cli.emulator.where import address, data_folder, default_data_folder
from gemauth.emulator.server import announcement, lock
from gemauth.emulator.server.announcement import Announcement
from gemauth.errors import NotFoundError
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Announcement("http://127.0.0.1:8085", 1, "2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {"HOME": "/h"}, "/h/.local/share/gemauth/emulator"),
        ("linux", {"HOME": "/h", "XDG_DATA_HOME": "/x"}, "/x/gemauth/emulator"),
        ("linux", {"HOME": "/h", "XDG_DATA_HOME": "rel"}, "/h/.local/share/gemauth/emulator"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Application Support/gemauth/emulator"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/gemauth/emulator"),
        ("win32", {"USERPROFILE": "/h"}, "/h/AppData/Local/gemauth/emulator"),
    ],
)
def test_each_platform_has_its_folder(
    platform: str, environ: Mapping[str, str], folder: str
) -> None:
    """The data folder is below the platform's own; a relative XDG path counts as unset"""
    assert default_data_folder(environ, platform) == Path(folder)


def test_a_folder_that_is_named_is_the_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--data is taken from where the command runs, and made absolute"""
    monkeypatch.chdir(tmp_path)
    console = Terminal().console
    assert data_folder(Namespace(data="d"), console) == tmp_path / "d"


def test_the_option_goes_before_the_variable_and_both_before_the_folder(tmp_path: Path) -> None:
    """--emulator, then GEMAUTH_EMULATOR, then whatever runs on the usual data folder"""
    environ = {"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    folder = default_data_folder(environ)
    console = Terminal(environ=environ | {"GEMAUTH_EMULATOR": "http://127.0.0.1:2"}).console
    assert address(Namespace(emulator="http://127.0.0.1:1"), console) == "http://127.0.0.1:1"
    assert address(Namespace(emulator=None), console) == "http://127.0.0.1:2"
    console = Terminal(environ=environ).console
    with lock.locked(folder):
        announcement.write(folder, HERE)
        assert address(Namespace(emulator=None), console) == HERE.address


def test_a_folder_that_is_named_goes_before_the_variable(tmp_path: Path) -> None:
    """--data names an emulator as --emulator does"""
    console = Terminal(environ={"GEMAUTH_EMULATOR": "http://127.0.0.1:2"}).console
    with lock.locked(tmp_path):
        announcement.write(tmp_path, HERE)
        assert address(Namespace(emulator=None, data=str(tmp_path)), console) == HERE.address


def test_what_a_killed_emulator_left_behind_names_none(tmp_path: Path) -> None:
    """An announcement whose lock nobody holds is no running emulator"""
    announcement.write(tmp_path, HERE)
    with pytest.raises(NotFoundError, match="No emulator runs on"):
        address(Namespace(emulator=None, data=str(tmp_path)), Terminal().console)
