"""Each client, unmodified, under `gemauth emulator run`: with variables and preloads, isolated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.interop.clients.case import OK
from tests.interop.clients.cases import CASES

if TYPE_CHECKING:
    from tests.interop.clients.case import Case
    from tests.interop.clients.conftest import Outcomes

pytestmark = pytest.mark.interop


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("isolate", [False, True], ids=["run", "isolate"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_client(case: Case, outcomes: Outcomes, *, isolate: bool) -> None:
    """The program does its job, the emulator saw the right caller, and nothing tried to leave."""
    verdict = case.isolate if isolate else case.run
    outcome = outcomes.of(case, isolate=isolate)
    missing = [
        wanted
        for wanted in case.seen
        if sum(wanted.matches(entry, outcome.words) for entry in outcome.seen) < wanted.times
    ]
    unsaid = [text for text in case.prints if text not in outcome.stdout]
    worked = outcome.exit_code == 0 and not (missing or unsaid or outcome.packets_out)
    if verdict == OK:
        assert worked, f"{missing}\n{unsaid}\n{outcome.story}"
    else:
        assert not worked, f"the table says {verdict!r}, but it works\n{outcome.story}"
