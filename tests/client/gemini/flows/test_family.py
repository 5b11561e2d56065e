from __future__ import annotations

from typing import Any

import pytest

from gemauth.client.gemini.flows.family import full
from gemauth.client.gemini.flows.models import Models
from gemauth.errors import UnreachableError
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


@pytest.mark.parametrize("body", [{}, {"models": None, "nextPageToken": None}])
def test_an_empty_page(body: dict[str, Any]) -> None:
    """Nothing is nothing, in whichever way it is said."""
    page = play(DO.list()("t"), (Send, answer(200, **body)))
    assert (page.items, page.next_token) == ((), "")


@pytest.mark.parametrize(
    "body", [{"nextPageToken": "t"}, {"models": ["x"]}, {"models": 3}, {"models": [None]}]
)
def test_a_page_that_makes_no_sense(body: dict[str, Any]) -> None:
    """Neither a crash nor a list without an end: no page is its own next one."""
    with pytest.raises(UnreachableError, match="The server answered"):
        play(DO.list()("t"), (Send, answer(200, **body)))
