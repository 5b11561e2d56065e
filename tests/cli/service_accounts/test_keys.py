from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gemauth.cli.service_accounts import keys
from gemauth.clock import rfc3339
from gemauth.google.iam import AccountKey
from gemauth.testing.clock import FakeClock
from tests.cli.service_accounts.conftest import ADA, BOB, PROJECT, ROBOT

if TYPE_CHECKING:
    from tests.cli.service_accounts.conftest import Place

pytestmark = pytest.mark.processes

DAY = 86_400.0


def test_list(place: Place) -> None:
    """Age, end, origin and type of each; Google's own too, unless they are left out."""
    place.robot()
    place.json("keys", "create", ROBOT, "--output", "a.json")
    place.json("keys", "upload", ROBOT, "--output", "b.json", "--days", "30")
    table = place.run("keys", "list", ROBOT, "--managed-by", "user")
    head, *rows = table.out.splitlines()
    assert head.split() == ["ID", "AGE", "END", "ORIGIN", "TYPE", "DISABLED"]
    by_origin = {row.split()[4]: row.split() for row in rows}
    assert by_origin["GOOGLE_PROVIDED"][1:4] == ["0", "days", "never"]
    assert (
        by_origin["USER_PROVIDED"][3]
        == place.keys()[by_origin["USER_PROVIDED"][0]]["validBeforeTime"].partition("T")[0]
    )
    kinds = [key["keyType"] for key in place.json("keys", "list", ROBOT)]
    assert sorted(kinds) == ["SYSTEM_MANAGED", "USER_MANAGED", "USER_MANAGED"]
    assert [key["ageDays"] for key in place.keys().values()] == [0, 0]


def test_a_list_of_nothing(place: Place) -> None:
    """An account without keys of anybody's: an empty array, and a word for people."""
    place.robot()
    assert place.keys() == {}
    words = ("keys", "list", ROBOT, "--managed-by", "user")
    assert "The account has no such keys." in place.run(*words).err


def test_old_keys_are_pointed_out(place: Place) -> None:
    """From 90 days on the list tells to rotate; a key that is stopped needs none."""
    place.robot()
    made = place.json("keys", "create", ROBOT, "--output", "a.json")
    words = ("keys", "list", ROBOT, "--managed-by", "user")
    assert "rotate" not in place.run(*words).err
    clock = FakeClock(place.emulator.context.clock.now() + 91 * DAY)
    from tests.cli.terminal import Terminal

    def later(*more: str) -> Terminal:
        there = Terminal(environ=place.environ())
        there.console.clock = clock
        file = str(place.home / f"{ADA}.json")
        there.run("service-accounts", *words, *more, "--credentials", file)
        return there

    assert "1 of them is 90 days old or more." in later().err
    assert "91 days" in later().out
    assert "rotate" not in later("--quiet").err
    place.run("keys", "disable", ROBOT, made["keyId"])
    assert "rotate" not in later().err


def test_times_that_make_no_sense() -> None:
    """What a server says of a key is shown as far as it goes."""
    odd = AccountKey(name="k", valid_after_time="soon", valid_before_time="", key_type="X")
    row = keys._row(odd, 0.0)
    assert (row["age"], row["end"]) == ("", None)
    fresh = AccountKey(valid_after_time=rfc3339(DAY), valid_before_time=rfc3339(3 * DAY))
    assert keys._row(fresh, 2 * DAY)["age"] == "1 day"
    assert keys._row(fresh, 0.0)["age"] == "0 days"  # our clock is behind
    nanoseconds = AccountKey(valid_after_time="1970-01-02T00:00:00.123456789Z")
    assert keys._row(nanoseconds, 3 * DAY)["age"] == "1 day"


def test_disable_enable_delete(place: Place) -> None:
    """A stopped key gives no tokens, an enabled one does, a deleted one is gone."""
    place.robot()
    key = place.home / "key.json"
    made = place.json("keys", "create", ROBOT, "--output", str(key))
    assert place.works(key)
    stopped = place.json("keys", "disable", ROBOT, made["keyId"])
    assert stopped == {"disabled": made["keyId"], "account": ROBOT}
    assert place.keys()[made["keyId"]]["disabled"] is True
    assert not place.works(key)
    assert "is enabled." in place.run("keys", "enable", ROBOT, made["keyId"]).err
    assert place.works(key)
    assert place.run("keys", "delete", ROBOT, made["keyId"]).code == 2
    there = place.run("keys", "delete", ROBOT, made["keyId"], typed="\n", tty=True)
    assert (there.code, "Nothing was deleted" in there.err) == (1, True)
    assert place.works(key)
    there = place.run("keys", "delete", ROBOT, made["keyId"], typed="yes\n", tty=True)
    assert there.code == 0
    assert (place.keys(), place.works(key)) == ({}, False)
    there = place.run("keys", "delete", ROBOT, made["keyId"], "--yes")
    assert (there.code, "keys list" in there.err) == (6, True)


def test_ids_that_are_none(place: Place) -> None:
    """A path for a key's id is refused before anything is asked."""
    place.robot()
    there = place.run("keys", "delete", ROBOT, "../x", "--yes")
    assert (there.code, "keys list" in there.err) == (2, True)


def test_refusals_name_the_role(place: Place) -> None:
    """Keys have an administrator's role of their own, which is named and is enough."""
    place.robot()
    there = place.run("keys", "create", ROBOT, "--output", "key.json", who=BOB)
    assert there.code == 4
    grant = ("roles/iam.serviceAccountKeyAdmin", f"user:{BOB}")
    assert f"gemauth emulator iam add {PROJECT} {' '.join(grant)}" in there.err
    place.emulator.control.add_binding(PROJECT, *grant)
    place.json("keys", "create", ROBOT, "--output", "a.json", who=BOB)
    place.json("keys", "upload", ROBOT, "--output", "b.json", who=BOB)
    place.json("keys", "rotate", "b.json", "--delete-old", who=BOB)
    assert len(place.keys()) == 2


def test_the_eleventh_key(place: Place) -> None:
    """The most there can be is told, and how room is made; nothing is left behind."""
    place.robot()
    for number in range(10):
        place.json("keys", "upload", ROBOT, "--output", f"{number}.json")
    before = sorted(path.name for path in place.home.iterdir())
    for verb in ("create", "upload"):
        there = place.run("keys", verb, ROBOT, "--output", "11.json")
        assert there.code == 4
        assert "10 keys of yours at the most" in there.err
        assert f"gemauth service-accounts keys list {ROBOT}" in there.err
    assert sorted(path.name for path in place.home.iterdir()) == before


@pytest.mark.parametrize("who", [ADA, BOB])
def test_no_such_account(place: Place, who: str) -> None:
    """Keys of an account that nobody made: missing for the owner, hidden from others."""
    there = place.run("keys", "list", ROBOT, who=who, typed="")
    assert there.code == (6 if who == ADA else 4)


def test_no_private_half_in_answers(place: Place) -> None:
    """What is told of a made key holds nothing of its file."""
    place.robot()
    for verb, name in (("create", "a.json"), ("upload", "b.json")):
        for form in ("table", "json"):
            words = ("--overwrite", "--format", form)
            there = place.run("keys", verb, ROBOT, "--output", name, *words)
            file = json.loads((place.home / name).read_text())
            assert "PRIVATE" not in there.out + there.err
            assert file["private_key"][100:140] not in there.out + there.err
            assert file["private_key_id"] in there.out
