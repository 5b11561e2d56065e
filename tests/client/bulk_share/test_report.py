from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.bulk_share.grantees import read_grantees
from gemauth.client.bulk_share.plan import Action, Need
from gemauth.client.bulk_share.report import Report, ReportError
from gemauth.client.bulk_share.work import Outcome, Result
from gemauth.errors import UsageError
from gemauth.google.gemini.resources.permissions import Permission
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from pathlib import Path

X = "tunedModels/x"
ROWS, _ = read_grantees(b"ada@example.com\nteam@example.com,writer,group\n", "users.csv")
MADE = Result(Action(ROWS[0], Need.CREATE), Outcome.CREATED, Permission(name=f"{X}/permissions/1"))
NO = Result(
    Action(ROWS[1], Need.CREATE),
    Outcome.FAILED,
    error=StatusError(Status(Code.INVALID_ARGUMENT, "no")),
)


def lines(path: Path) -> list[dict[str, Any]]:
    """Return the report's lines."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_row_is_on_the_disk_when_it_is_told(tmp_path: Path) -> None:
    """Whoever kills the run finds what was done so far; the last line says that it ended."""
    path = tmp_path / "r.jsonl"
    with Report(path, X, 2, "10:00") as report:
        assert lines(path) == [
            {"report": "gemauth share", "parent": X, "rows": 2, "begun": "10:00"}
        ]
        report.add(MADE)
        assert lines(path)[1] == {
            "line": 1,
            "granteeType": "USER",
            "emailAddress": "ada@example.com",
            "role": "READER",
            "outcome": "created",
            "name": f"{X}/permissions/1",
        }
        report.add(NO)
        assert lines(path)[2]["error"] == "no"
        assert lines(path)[2]["status"] == "INVALID_ARGUMENT"
        report.finish(Counter({Outcome.CREATED: 1, Outcome.FAILED: 1}), None, "10:01")
    assert lines(path)[3] == {"ended": "10:01", "created": 1, "failed": 1}


def test_it_is_for_its_owner_only(tmp_path: Path) -> None:
    """It holds people's addresses."""
    path = tmp_path / "r.jsonl"
    for _ in range(2):
        with Report(path, X, 0, ""):
            assert path.stat().st_mode & 0o777 == 0o600
        path.chmod(0o644)  # whatever became of an older one


def test_a_report_of_an_earlier_run_is_replaced(tmp_path: Path) -> None:
    """The new one names all rows again; what else is there is not touched."""
    path = tmp_path / "r.jsonl"
    for _ in range(2):
        with Report(path, X, 2, ""):
            pass
    assert len(lines(path)) == 1
    path.write_text("ada@example.com\n")
    with pytest.raises(UsageError, match="is no report"):
        Report(path, X, 2, "")
    assert path.read_text() == "ada@example.com\n"


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """Is told before anything is sent."""
    with pytest.raises(ReportError, match="cannot be written"):
        Report(tmp_path / "none" / "r.jsonl", X, 2, "")


def test_a_full_disk(tmp_path: Path) -> None:
    """Ends the run: nobody could see what was done."""
    with Report(tmp_path / "r.jsonl", X, 2, "") as report, open("/dev/full", "wb", 0) as full:  # noqa: PTH123
        report._file.close()
        report._file = full
        with pytest.raises(ReportError, match="No space left"):
            report.add(MADE)
