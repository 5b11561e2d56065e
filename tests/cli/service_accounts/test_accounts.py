from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.service_accounts.conftest import ADA, BOB, PROJECT, ROBOT
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from tests.cli.service_accounts.conftest import Place

OTHER = f"robot-2@{PROJECT}.iam.gserviceaccount.com"


def test_create_list_show(place: Place) -> None:
    """An account is made with what people call it, listed as a table, shown by any of its names."""
    words = ("--display-name", "Robot", "--description", "builds")
    there = place.run("create", "robot-1", "--project", PROJECT, *words)
    assert there.code == 0, there.err
    assert f"email           {ROBOT}\n" in there.out
    assert "has no role yet" in there.err
    listed = place.run("list", "--project", PROJECT).out.splitlines()
    assert listed[0].split() == ["EMAIL", "DISPLAY", "NAME", "UNIQUE", "ID", "DISABLED"]
    assert listed[1].split()[:2] == [ROBOT, "Robot"]
    assert listed[1].endswith("no")
    shown = place.json("show", ROBOT)
    assert (shown["displayName"], shown["description"]) == ("Robot", "builds")
    by_id = place.json("show", shown["uniqueId"])
    by_part = place.json("show", "robot-1", "--project", PROJECT)
    assert shown == by_id == by_part == place.json("show", shown["name"])


def test_with_a_token_that_is_given(place: Place) -> None:
    """Who has a token and no file manages accounts too."""
    place.robot()
    environ = place.environ()
    printed = Terminal(environ=environ)
    printed.run("print-access-token", "--credentials", str(place.home / f"{ADA}.json"))
    there = Terminal(printed.out, environ=environ)
    words = ("service-accounts", "list", "--project", PROJECT, "--format", "json")
    assert there.run(*words, "--access-token-file", "-") == 0, there.err
    assert [account["email"] for account in there.json] == [ROBOT]


def test_every_page_is_listed(place: Place) -> None:
    """More accounts than stand on a page are all there."""
    from gemauth.client.service_accounts.operations import ServiceAccounts

    for number in range(4):
        place.json("create", f"robot-{number}", "--project", PROJECT)
    page = ServiceAccounts.page
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ServiceAccounts, "page", lambda self, p, t="": page(self, p, t, page_size=3))
        assert len(place.json("list", "--project", PROJECT)) == 4


def test_nothing_to_list(place: Place) -> None:
    """No accounts: an empty array for programs, a word for people."""
    assert place.json("list", "--project", PROJECT) == []
    assert (
        "There are no service accounts in my-project."
        in place.run("list", "--project", PROJECT).err
    )


def test_disable_and_enable(place: Place) -> None:
    """A stopped account says so until it is let go on."""
    place.robot()
    assert place.json("disable", ROBOT) == {"disabled": ROBOT}
    assert place.json("show", ROBOT)["disabled"] is True
    assert place.run("list", "--project", PROJECT).out.splitlines()[1].endswith("yes")
    assert f"{ROBOT} is enabled." in place.run("enable", ROBOT).err
    assert "disabled" not in place.json("show", ROBOT)


def test_delete_asks(place: Place) -> None:
    """On a terminal: anything but yes changes nothing; then how it comes back is told."""
    place.robot()
    there = place.run("delete", ROBOT, typed="n\n", tty=True)
    assert (there.code, "you said no" in there.err) == (1, True)
    there = place.run("delete", ROBOT, typed="y\n", tty=True)
    assert there.code == 0
    assert f"Delete {ROBOT}?" in there.err
    assert ":undelete" in there.err
    assert place.run("show", ROBOT).code == 6


@pytest.mark.parametrize("more", [(), ("--quiet",)])
def test_delete_without_a_terminal(place: Place, more: tuple[str, ...]) -> None:
    """Nobody can be asked: it needs --yes, and without it nothing happens."""
    place.robot()
    there = place.run("delete", ROBOT, *more, tty=bool(more))
    assert (there.code, "--yes" in there.err) == (2, True)
    gone = place.json("delete", ROBOT, "--yes")
    assert gone["deleted"] == ROBOT
    assert place.run("list", "--project", PROJECT).out == ""


def test_refusals_name_the_role(place: Place) -> None:
    """Who may not is told which role is missing and the command that gives it; then it works."""
    place.robot()
    there = place.run("create", "robot-2", "--project", PROJECT, who=BOB)
    assert there.code == 4
    grant = ("roles/iam.serviceAccountAdmin", f"user:{BOB}")
    assert f"gemauth emulator iam add {PROJECT} {' '.join(grant)}" in there.err
    place.emulator.control.add_binding(PROJECT, *grant)
    assert place.json("create", "robot-2", "--project", PROJECT, who=BOB)["email"] == OTHER


def test_what_is_there_and_what_is_not(place: Place) -> None:
    """A taken id, an account that nobody made, no account's name: each with its next step."""
    place.robot()
    there = place.run("create", "robot-1", "--project", PROJECT)
    assert (there.code, "gemauth service-accounts list" in there.err) == (4, True)
    there = place.run("show", OTHER, who=ADA)
    assert (there.code, "gemauth service-accounts list" in there.err) == (6, True)
    assert place.run("show", "no/account").code == 2
    assert place.run("list", "--project", "a/b").code == 2
