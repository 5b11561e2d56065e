"""The report of a run, in JSON Lines, written and flushed row by row.

The first line says what was begun, the last one how it ended; where it is missing, the run was
killed, and the rows that the file does not name were not answered. To run it again is safe.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Self

from gemauth.errors import Fault, GemauthError, UsageError
from gemauth.google.status import StatusError

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path
    from typing import BinaryIO

    from gemauth.client.bulk_share.work import Outcome, Result

__all__ = ["Report", "ReportError", "described"]

_MARK = '{"report": "gemauth share"'


class ReportError(GemauthError):
    """The report cannot be written."""

    default_fault = Fault.MACHINE


class Report:
    """One report file, 0600 since it holds people's addresses; an older report is replaced.

    Raises:
        UsageError: the file is there and is no report of ours.
        ReportError: it cannot be written.
    """

    def __init__(self, path: Path, parent: str, rows: int, now: str) -> None:
        self.path = path
        try:
            if path.exists() and not _ours(path):
                raise UsageError(
                    f"{path} is there already and is no report of gemauth share.",
                    next_step="Name another file with --report.",
                )
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            if os.name == "posix" and path.is_file():
                os.fchmod(descriptor, 0o600)  # an older one may have been another's to read
        except OSError as error:
            raise self._failed(error) from None
        self._file: BinaryIO = os.fdopen(descriptor, "wb", buffering=0)
        self._write(f"{_MARK}, {json.dumps({'parent': parent, 'rows': rows, 'begun': now})[1:]}")

    def add(self, result: Result) -> None:
        """Write one row's outcome."""
        self._write(json.dumps(described(result), ensure_ascii=False))

    def finish(self, counts: Counter[Outcome], why: str | None, now: str) -> None:
        """Write how the run ended; `why` says why rows were left."""
        ending: dict[str, Any] = {outcome.value: count for outcome, count in counts.items()}
        self._write(json.dumps({"ended": now, **ending, **({"why": why} if why else {})}))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _write(self, line: str) -> None:
        try:
            self._file.write(line.encode() + b"\n")
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> ReportError:
        return ReportError(
            f"The report {self.path} cannot be written: {error.strerror}.",
            next_step="Name another file with --report; running the command again is safe.",
        )


def described(result: Result) -> dict[str, Any]:
    """Return a row's outcome as JSON."""
    wanted = result.action.grantee.permission
    row: dict[str, Any] = {"line": result.action.grantee.line, **wanted.to_json()}
    row["outcome"] = result.outcome.value
    if result.permission is not None:
        row["name"] = result.permission.name
    if result.error is not None:
        row["error"] = result.error.message
        if isinstance(result.error, StatusError):
            row["status"] = result.error.status.code.name
    return row


def _ours(path: Path) -> bool:
    """Whether a file is empty, or begins as our reports do."""
    with path.open("rb") as file:
        start = file.read(len(_MARK))
    return start in {b"", _MARK.encode()}
