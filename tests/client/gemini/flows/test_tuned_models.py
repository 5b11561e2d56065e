from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.gemini.flows.tuned_models import TunedModels
from gemauth.google.gemini.resources.tuned_models import Hyperparameters
from tests.client.gemini.flows.api import MINE, expects
from tests.client.transcript import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow

DO = TunedModels(MINE)
X = "tunedModels/x"
EXAMPLES = {
    "examples": {"examples": [{"textInput": "1", "output": "2"}, {"textInput": "3", "output": "4"}]}
}

# operation, verb, path, body (gemini-api.md section 5)
ROWS: list[tuple[Callable[[], Flow[Any]], str, str, Any]] = [
    (lambda: DO.list(filter="owner:me")(""), "GET", "tunedModels?filter=owner%3Ame", None),
    (lambda: DO.get("x"), "GET", X, None),
    (
        lambda: DO.create(
            "b",
            [("1", "2"), ("3", "4")],
            name=X,
            display_name="Next",
            hyperparameters=Hyperparameters(epoch_count=5),
            temperature=0.5,
        ),
        "POST",
        "tunedModels?tunedModelId=x",
        {
            "displayName": "Next",
            "baseModel": "models/b",
            "temperature": 0.5,
            "tuningTask": {"hyperparameters": {"epochCount": 5}, "trainingData": EXAMPLES},
        },
    ),
    (
        lambda: DO.create(X, []),
        "POST",
        "tunedModels",
        {
            "tunedModelSource": {"tunedModel": X},
            "tuningTask": {"trainingData": {"examples": {"examples": []}}},
        },
    ),
    (
        lambda: DO.patch(X, {"displayName": "Mine", "topK": 4}),
        "PATCH",
        f"{X}?updateMask=displayName%2CtopK",
        {"displayName": "Mine", "topK": 4},
    ),
    (lambda: DO.delete(X), "DELETE", X, None),
    (
        lambda: DO.transfer_ownership("x", "bob@example.com"),
        "POST",
        f"{X}:transferOwnership",
        {"emailAddress": "bob@example.com"},
    ),
]


@pytest.mark.parametrize(("operation", "verb", "path", "body"), ROWS)
def test_each_operation_is_one_request(
    operation: Callable[[], Flow[Any]], verb: str, path: str, body: Any
) -> None:
    """Verb, path, query and body as the API has them."""
    play(operation(), expects(verb, path, body))
