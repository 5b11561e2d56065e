from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.api import call, sent

if TYPE_CHECKING:
    from tests.cli.google import Google

MINE = {"name": "tunedModels/mine", "displayName": "Mine", "state": "ACTIVE"}


def test_list(google: Google) -> None:
    """The filter goes to the API, and the table shows name and state."""
    google.answers["GET /v1beta/tunedModels"] = (200, {"tunedModels": [MINE]})
    there = call(google, "tuned-models", "list", "--filter", "owner:me")
    assert "filter=owner%3Ame" in sent(google)[0]
    assert there.out.splitlines()[1].split() == ["tunedModels/mine", "Mine", "ACTIVE"]


def test_empty_list(google: Google) -> None:
    """An empty list is said on stderr and is no failure."""
    google.answers["GET /v1beta/tunedModels"] = (200, {})
    there = call(google, "tuned-models", "list")
    assert (there.code, there.out) == (0, "")
    assert there.err == "There are no tuned models that you may see.\n"


def test_get(google: Google) -> None:
    """One tuned model is shown by its name."""
    google.answers["GET /v1beta/tunedModels/mine"] = (200, MINE)
    assert call(google, "tuned-models", "get", "mine", "--format", "json").json == MINE
