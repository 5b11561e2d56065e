"""docs/wire-parity.md, made from what the interop suite recorded."""

from __future__ import annotations

from tests.interop.wire.differences import differing, observed, reason, unused
from tests.interop.wire.jobs import JOBS
from tools.wire_page import PAGE, render


def test_the_page_is_current() -> None:
    """The page is what `python -m tools.wire_page` writes."""
    assert PAGE.read_text(encoding="utf-8") == render()


def test_each_difference_has_its_reason() -> None:
    """Whatever gemauth sends in another way than a peer, somebody has said why."""
    sent = observed()
    fields = [(job.name, name) for job in JOBS for name in differing(sent[job.name])]
    assert [each for each in fields if reason(*each) is None] == []


def test_each_reason_has_its_difference() -> None:
    """No reason outlives what it explains."""
    assert unused() == set()


def test_each_job_has_peers() -> None:
    """Nothing of ours stands there without somebody to compare it with."""
    assert all(len(observed()[job.name]) > 1 for job in JOBS)
