from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.cli.service_accounts.iam import DeclinedError, consent
from gemauth.errors import UsageError
from tests.cli.service_accounts.conftest import PROJECT, ROBOT
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from tests.cli.service_accounts.conftest import Place


def test_consent() -> None:
    """--yes asks nothing; a person's yes is one; no, an empty line and no terminal are none."""
    asked, agreed = Namespace(yes=False), Namespace(yes=True)
    silent = Terminal()
    consent(agreed, silent.console, "Sure?")
    assert silent.err == ""
    with pytest.raises(UsageError, match="Nobody can be asked"):
        consent(asked, silent.console, "Sure?")
    yes = Terminal("y\n", tty=True)
    consent(asked, yes.console, "Sure?")
    assert yes.err == "Sure? [y/N] "
    for typed in ("n\n", "\n"):
        with pytest.raises(DeclinedError, match="Nothing was deleted"):
            consent(asked, Terminal(typed, tty=True).console, "Sure?")


def test_which_project(place: Place) -> None:
    """The option, else the credentials' own, else the environment's; else it is asked for."""
    place.robot()
    key = place.home / "key.json"
    place.json("keys", "create", ROBOT, "--output", str(key))
    place.emulator.control.add_binding(PROJECT, "roles/viewer", f"serviceAccount:{ROBOT}")
    # Ada's sign-in in this test has left no note of its project; the key names its own.
    there = place.run("list")
    assert (there.code, "In which project?" in there.err) == (2, True)
    assert [a["email"] for a in place.json("list", who=str(key))] == [ROBOT]
    environ: dict[str, Any] = {"GOOGLE_CLOUD_PROJECT": PROJECT}
    assert [a["email"] for a in place.json("list", **environ)] == [ROBOT]
    assert place.json("show", "robot-1", **environ)["email"] == ROBOT
    there = place.run("show", "robot-1")
    assert (there.code, "--project" in there.err) == (2, True)
    there = place.run("list", "--project", "elsewhere", **environ)
    assert there.code == 4
