from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.client.gemini.flows.waiting import FileFailedError, NotDoneError, poll
from gemauth.flow import Now, Wait
from gemauth.google.gemini.resources.files import File, FileError

if TYPE_CHECKING:
    from gemauth.flow import Flow


def waits(patience: float, *, clock: float = 1.0) -> list[float]:
    """Return the waits for something that never comes; the clock runs at that speed."""
    looks = 0

    def look() -> Flow[int]:
        nonlocal looks
        looks += 1
        yield Now()
        return looks

    flow = poll(look, lambda _: False, "models/x", patience)
    found: list[float] = []
    now = 1000.0
    step = next(flow)
    try:
        while True:
            if isinstance(step, Wait):
                found.append(step.seconds)
                now += step.seconds * clock
            step = flow.send(now if isinstance(step, Now) else None)
    except NotDoneError as error:
        assert f"models/x is not done after {patience:g} seconds" in str(error)  # noqa: PT017  # many steps lead to it
    assert looks == len(found) + 1
    return found


def test_less_and_less_often() -> None:
    """The waits grow to 20 seconds, and are the patience in all: the last look is at its end."""
    found = waits(100)
    assert found[:4] == pytest.approx([1.0, 1.5, 2.25, 3.375])
    assert max(found) == 20
    assert sum(found) == pytest.approx(100)


def test_no_patience_is_one_look() -> None:
    """A timeout of nothing looks, and does not wait."""
    assert waits(0) == []


def test_a_clock_that_stands() -> None:
    """What was waited counts, whatever the clock says."""
    assert sum(waits(100, clock=0)) == pytest.approx(100)


def test_a_file_that_failed() -> None:
    """It says why, where the API does."""
    failed = FileFailedError(File(name="files/a", error=FileError(message="no sound")))
    assert "files/a could not be processed: no sound." in str(failed)
    assert "files/a could not be processed." in str(FileFailedError(File(name="files/a")))
