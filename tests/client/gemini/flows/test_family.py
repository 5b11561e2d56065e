from __future__ import annotations

from typing import Any

from gemauth.client.gemini.flows.family import full
from gemauth.client.gemini.flows.models import Models
from gemauth.flow import Send
from tests.client.gemini.flows.api import MINE
from tests.client.transcript import answer, play

DO = Models(MINE)


def test_a_page() -> None:
    """Items become resources; the next token is empty on the last page."""
    body: dict[str, Any] = {"models": [{"name": "models/a"}], "nextPageToken": "t"}
    page = play(DO.list()(""), (Send, answer(200, **body)))
    assert [model.name for model in page.items] == ["models/a"]
    assert page.next_token == "t"
    assert play(DO.list()("t"), (Send, answer())).items == ()


def test_a_name_may_leave_out_its_collection() -> None:
    """One that has a collection keeps it, whichever it is."""
    assert full("tunedModels", "x") == "tunedModels/x"
    assert full("tunedModels", "corpora/x") == "corpora/x"
