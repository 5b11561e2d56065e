from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.cli.exit_codes import PARTLY
from tests.cli.api import call, refused, sent
from tests.cli.test_permissions import ADA, PARENT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.google import Google

LIST = "email,role\nada@example.com,reader\nbob@example.com,reader\ncleo@example.com,writer\n"
MADE = {"name": f"{PARENT}/permissions/9", "granteeType": "USER", "role": "READER"}


@pytest.fixture
def users(google: Google, tmp_path: Path) -> Path:
    """A list of three, of whom the API knows one already."""
    path = tmp_path / "users.csv"
    path.write_text(LIST)
    google.answers |= {
        f"GET /v1beta/{PARENT}/permissions": (200, {"permissions": [ADA | {"role": "READER"}]}),
        f"POST /v1beta/{PARENT}/permissions": (200, MADE),
    }
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    """Return a report's lines."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def changes(google: Google) -> list[str]:
    """The requests that change something."""
    return [asked for asked, _, _ in google.asked if "permissions" in asked and "GET" not in asked]


def test_a_list(google: Google, users: Path, tmp_path: Path) -> None:
    """Who has the role is left alone, the others get it; the report names every row."""
    report = tmp_path / "r.jsonl"
    there = call(google, "share", PARENT, "--from", str(users), "--report", str(report))
    assert there.code == 0
    assert there.err == "3 grantees: 2 to create, 1 as they should be already.\n"
    assert there.out == f"name     {PARENT}\ncreated  2\nalready  1\n"
    assert len(changes(google)) == 2
    first, *rows, last = lines(report)
    assert first["rows"] == 3
    assert {(row["emailAddress"], row["outcome"]) for row in rows} == {
        ("ada@example.com", "already"),
        ("bob@example.com", "created"),
        ("cleo@example.com", "created"),
    }
    assert (last["created"], last["already"]) == (2, 1)


def test_some_fail(google: Google, users: Path) -> None:
    """Each cause once, with whom it hit; exit code 8, and all of it as JSON."""
    google.answers[f"POST /v1beta/{PARENT}/permissions"] = refused(
        400, "INVALID_ARGUMENT", "No such grantee."
    )
    there = call(google, "share", PARENT, "--from", str(users), "--format", "json")
    assert there.code == PARTLY == 8
    assert "2 failed: No such grantee." in there.err
    assert "bob@example.com (line 3)" in there.err
    assert there.json["already"] == 1
    assert there.json["failed"] == 2
    assert {row["line"] for row in there.json["failures"]} == {3, 4}
    assert {row["status"] for row in there.json["failures"]} == {"INVALID_ARGUMENT"}


def test_a_dry_run(google: Google, users: Path) -> None:
    """Reads the list of permissions, changes nothing, tells what each row needs."""
    there = call(google, "share", PARENT, "--from", str(users), "--dry-run", "--format", "json")
    assert there.code == 0
    assert [(row["line"], row["need"]) for row in there.json] == [
        (2, "already"),
        (3, "create"),
        (4, "create"),
    ]
    assert changes(google) == []


def test_a_corpus(google: Google, users: Path) -> None:
    """Is shared as a tuned model is."""
    google.answers |= {
        "GET /v1beta/corpora/c/permissions": (200, {}),
        "POST /v1beta/corpora/c/permissions": (200, MADE),
    }
    there = call(google, "share", "corpora/c", "--from", str(users))
    assert there.code == 0
    assert sent(google)[0].startswith("POST /v1beta/corpora/c/permissions")


def test_a_list_that_is_wrong(google: Google, users: Path) -> None:
    """Its lines are named, and nothing at all is sent."""
    users.write_text(LIST + "dora\n")
    there = call(google, "share", PARENT, "--from", str(users))
    assert there.code == 7
    assert "line 5: 'dora' is no e-mail address." in there.err
    assert "fault: you" in there.err
    assert google.asked == []


def test_a_list_that_is_not_there(google: Google, users: Path) -> None:
    """It is named, with what to do, and nothing is sent."""
    there = call(google, "share", PARENT, "--from", str(users / "none.csv"))
    assert there.code == 6
    assert "next: Name a CSV file (email,role,type)" in there.err
    assert google.asked == []


def test_a_repeated_line(google: Google, users: Path) -> None:
    """Is told and passed over."""
    users.write_text(LIST + "bob@example.com,reader\n")
    there = call(google, "share", PARENT, "--from", str(users))
    assert "Passed over, since they repeat a line: line 5." in there.err
    assert len(changes(google)) == 2


def test_a_list_on_standard_input(google: Google, users: Path) -> None:
    """`-` reads it there."""
    there = call(google, "share", PARENT, "--from", "-", typed=LIST)
    assert there.code == 0
    assert len(changes(google)) == 2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--from", "none.csv"), "none.csv cannot be read"),
        (("--user", "a@b.c", "--dry-run"), "--dry-run goes with --from"),
        (("--user", "a@b.c", "--report", "r"), "--report goes with --from"),
        (("--from", "{users}", "--parallel", "0"), "--parallel takes a number from 1 to 32"),
        (("--from", "{users}", "--patience", "0"), "--patience takes"),
        (("--from", "{users}", "--report", "{users}"), "--report names the list itself"),
    ],
)
def test_what_cannot_be(google: Google, users: Path, words: tuple[str, ...], expected: str) -> None:
    """Is said before anything is sent."""
    there = call(google, "share", PARENT, *(word.format(users=users) for word in words))
    assert there.code in {2, 6}
    assert expected in there.err
    assert google.asked == []
