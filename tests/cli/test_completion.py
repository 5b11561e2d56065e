from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from gemauth.cli import commands
from gemauth.cli.completion import SHELLS, candidates
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

BASH, ZSH, FISH = (shutil.which(shell) for shell in SHELLS)


def script(shell: str) -> str:
    """The completion script that the command prints."""
    there = Terminal()
    assert there.run("completion", shell) == 0
    return there.out


def complete(folder: Path, *words: str) -> list[str]:
    """What bash offers for the last of the words."""
    file = folder / "completion.bash"
    file.write_text(script("bash"))
    program = (
        'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
        'set -eu; $(complete -p gemauth | sed "s/.*-F \\([^ ]*\\).*/\\1/"); '
        'printf "%s\\n" "${COMPREPLY[@]-}"'
    )
    assert BASH
    command = [BASH, "--norc", "-c", program, "bash", str(file), "gemauth", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not done.stderr
    return done.stdout.split()


def test_bash_commands(home: Path) -> None:
    """Bash completes top-level commands, all of them for an empty word."""
    assert complete(home, "") == list(commands.TABLE)
    assert complete(home, "per") == ["permissions"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("models", ""), ["list", "get"]),
        (("permissions", "c"), ["create"]),
        (("models", "list", "--q"), ["--quota-project", "--quiet"]),
        (("share", "tunedModels/x", "--ro"), ["--role"]),
        (("share", "tunedModels/x", "--role", ""), ["reader", "writer"]),
        (("share", "tunedModels/x", "--role", "w"), ["writer"]),
        (("models", "list", "--format", "j"), ["json"]),
        (("completion", ""), ["bash", "zsh", "fish", *["--format", "--quiet"]]),
        (("nonsense", ""), []),
        (("login", "--client-id-file", "x", "--no-b"), ["--no-browser"]),
    ],
)
def test_bash_follows(home: Path, words: tuple[str, ...], offered: list[str]) -> None:
    """Bash completes subcommands, options, and the words an option takes."""
    assert complete(home, *words) == offered


@pytest.fixture
def profiles(home: Path) -> None:
    """Two profiles, and a file that a killed process left."""
    folder = home / ".config/gemauth/profiles"
    folder.mkdir(parents=True)
    for name in ("ada@example.com.json", "work.json", ".work.json.0123456789abcdef"):
        (folder / name).touch()


@pytest.mark.usefixtures("profiles")
def test_bash_lists_profiles(home: Path) -> None:
    """Their names, where one may stand, from the folder of their files."""
    names = ["ada@example.com", "work"]
    assert complete(home, "models", "list", "--profile", "") == names
    assert complete(home, "profiles", "use", "w") == ["work"]
    assert complete(home, "profiles", "delete", "a") == names[:1]


def test_bash_without_profiles(home: Path) -> None:
    """There is nothing to offer, and no complaint."""
    assert complete(home, "models", "list", "--profile", "") == []


def test_candidates_cover_every_command() -> None:
    """Every command's path is in the tables from which the scripts are made."""
    found = candidates()
    assert {path[0] for path in found if path} == set(commands.TABLE)
    assert ("permissions", "create") in found
    assert [word for word, _ in found["models", "list", "--format"]] == ["table", "json"]


@pytest.mark.skipif(ZSH is None, reason="zsh is not installed")
def test_zsh_offers_the_same(home: Path) -> None:
    """Zsh's script offers what bash's does."""
    assert ZSH
    (home / "gemauth.zsh").write_text(script("zsh"))
    program = (
        "compdef() { }; compadd() { shift; print -l -- $@; }; _files() { print files; }; "
        'source "$1"; shift; words=("$@"); CURRENT=$#; _gemauth'
    )

    def offered(*words: str) -> list[str]:
        command = [ZSH, "-f", "-c", program, "zsh", str(home / "gemauth.zsh"), "gemauth", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert not done.stderr
        return done.stdout.split()

    assert offered("") == list(commands.TABLE)
    assert offered("models", "") == ["list", "get"]
    assert offered("share", "x", "--role", "") == ["reader", "writer"]
    assert offered("share", "x", "--profile", "") == []
    (home / ".config/gemauth/profiles").mkdir(parents=True)
    (home / ".config/gemauth/profiles/work.json").touch()
    assert offered("share", "x", "--profile", "") == ["work"]


@pytest.mark.skipif(FISH is None, reason="fish is not installed")
def test_fish_offers_the_same(home: Path) -> None:
    """Fish's script offers what bash's does."""
    assert FISH
    file = home / "gemauth.fish"
    file.write_text(script("fish"))

    def offered(line: str) -> set[str]:
        command = [FISH, "-N", "-c", f"source {file}; complete -C '{line}'"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert not done.stderr
        return {entry.partition("\t")[0] for entry in done.stdout.splitlines()}

    assert offered("gemauth ") == set(commands.TABLE)
    assert offered("gemauth models ") == {"list", "get"}
    assert offered("gemauth share x --role ") == {"reader", "writer"}
    assert offered("gemauth models list --q") == {"--quota-project", "--quiet"}
    (home / ".config/gemauth/profiles").mkdir(parents=True)
    (home / ".config/gemauth/profiles/work.json").touch()
    assert offered("gemauth models list --profile ") == {"work"}


def test_unknown_shell() -> None:
    """Another shell's name is a usage error."""
    there = Terminal()
    assert there.run("completion", "tcsh") == 2
    assert "invalid choice" in there.err
