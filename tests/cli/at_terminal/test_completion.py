from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.at_terminal.session import Session
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.processes

TAB = "\t"
# How each shell begins without a person's own settings, and takes a completion script.
SHELLS = {
    "bash": (("--norc", "--noprofile", "-i"), "source {}"),
    "zsh": (("-f", "-i"), "autoload -U compinit && compinit -u -D && source {}"),
    "fish": (("-N", "-i"), "source {}"),
}


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, home: Path) -> Iterator[Session]:
    """A shell at its prompt, which has the completion script that gemauth printed."""
    name = request.param
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not installed")
    printed = Terminal()
    assert printed.run("completion", name) == 0
    script = home / f"gemauth.{name}"
    script.write_text(printed.out)
    folder = home / ".config/gemauth/profiles"
    folder.mkdir(parents=True)
    (folder / "work-account.json").touch()
    options, source = SHELLS[name]
    with Session(*options, command=(program,), cwd=home, columns=200) as there:
        there.type(source.format(script) + " && echo the-script-is-the''re\n")
        there.until("the-script-is-there")
        yield there


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("gemauth permis", "gemauth permissions "),
        ("gemauth tuned-models li", "gemauth tuned-models list "),
        ("gemauth models list --quo", "gemauth models list --quota-project "),
        ("gemauth share tunedModels/x --role wr", "gemauth share tunedModels/x --role writer "),
        ("gemauth models list --profile wo", "gemauth models list --profile work-account "),
    ],
)
def test_tab_completes(shell: Session, typed: str, completed: str) -> None:
    """The Tab key completes commands, options, the words that they take, and profiles."""
    shell.type(f"echo begin; {typed}")
    shell.until("begin")
    # The rest of the word is what the shell puts there by itself.
    shell.type(TAB)
    rest = completed.removeprefix(typed).rstrip()
    before = len(shell.shown)
    while rest not in re.sub(r"\x1b(\[[0-9;?]*[a-zA-Z]|\([A-Z])", "", shell.shown[before:]):
        shell.more()
