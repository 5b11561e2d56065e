from __future__ import annotations

import pytest

from gemauth.client.families import FAMILIES, missing
from gemauth.google import scopes
from gemauth.google.gemini.methods import METHODS


def opened(*held: str) -> int:
    """How many families these scopes open."""
    return sum(family.opened_by(held) for family in FAMILIES)


def test_the_contract_decides() -> None:
    """gemini-api.md section 3: cloud-platform opens nothing, a readonly scope even sharing."""
    assert opened(scopes.CLOUD_PLATFORM) == 0
    assert opened(scopes.GEMINI) == 3
    assert opened(scopes.TUNING_READONLY) == 4
    assert opened(*scopes.DEFAULT) == len(FAMILIES)


@pytest.mark.parametrize(
    ("held", "asked"),
    [
        ((), ("tuning", "retriever")),
        ((scopes.TUNING,), ("retriever",)),
        ((scopes.RETRIEVER, scopes.TUNING_READONLY), ("tuning",)),
        (scopes.DEFAULT, ()),
    ],
)
def test_what_to_ask_for(held: tuple[str, ...], asked: tuple[str, ...]) -> None:
    """The fewest scopes that open what is closed, in names that `--scopes` takes; and they do."""
    assert set(missing(held)) == set(asked)
    assert opened(*held, *scopes.expand(asked)) == len(FAMILIES)


def test_no_method_is_forgotten() -> None:
    """Every method that people call has a family with its very scopes."""
    known = {frozenset(family.scopes) for family in FAMILIES}
    assert {frozenset(method.scopes) for method in METHODS if not method.retired} <= known
