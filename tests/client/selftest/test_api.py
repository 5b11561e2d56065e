"""What the steps ask and get is `test_transcript.py`'s."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.client.selftest import api
from gemauth.http import Response
from tests.client.transcript import answer

if TYPE_CHECKING:
    from gemauth.client.selftest.fact import Fact

STRANGE = (Response(418), answer(400, error="x", refresh_token="y", number=1), answer())


@pytest.mark.parametrize(
    "fact", [fact for step in api.STEPS for fact in step.facts], ids=lambda fact: fact.words
)
def test_every_fact_can_be_wrong(fact: Fact) -> None:
    """None holds for every answer."""
    assert not all(map(fact.holds, STRANGE))


def test_every_step_has_its_source() -> None:
    """Each expectation stands in one of the references, in a step of its own name."""
    assert all(step.source.startswith(("google-oauth.md ", "gemini-api.md ")) for step in api.STEPS)
    assert len({step.name for step in api.STEPS}) == len(api.STEPS)
