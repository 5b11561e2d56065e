from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gemauth.client.cache import adc, keyring
from gemauth.client.families import FAMILIES, ask_for_more, missing
from gemauth.google import scopes
from gemauth.google.gemini.methods import METHODS
from tests.client.doctor.google import USER
from tests.client.flows.test_assertion import KEY

if TYPE_CHECKING:
    from pathlib import Path


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


def test_who_is_asked_for_more(home: Path) -> None:
    """A sign-in is added to where it is kept, in a keyring too; the client's file is not needed."""
    environ = {"HOME": str(home)}
    held = (scopes.CLOUD_PLATFORM, scopes.RETRIEVER)
    more = "gemauth login --add-scopes tuning"
    elsewhere = home / "my file.json"
    profile = home / ".config/gemauth/profiles/work.json"
    for path in (adc.well_known(environ), elsewhere, profile):
        adc.write(path, USER)
    assert ask_for_more(environ, str(adc.well_known(environ)), held) == more
    assert ask_for_more(environ, str(elsewhere), held) == f"{more} --output '{elsewhere}'"
    assert ask_for_more(environ, str(profile), held) == f"{more} --profile work"
    profile.write_text(json.dumps(keyring.Pointer.to(USER, "a.Keyring").to_json()))
    assert ask_for_more(environ, str(profile), held) == f"{more} --profile work"


def test_who_has_to_sign_in_anew(home: Path) -> None:
    """Nothing is added to a sign-in of Google's own clients, to a key, or to nothing."""
    environ = {"HOME": str(home)}
    path = adc.well_known(environ)
    anew = "gemauth login --client-id-file FILE --scopes cloud-platform,tuning,retriever"
    assert ask_for_more(environ, None, ()) == anew
    assert ask_for_more(environ, str(path), ()) == anew
    adc.write(path, replace(USER, client_id="764086051850-x.apps.googleusercontent.com"))
    assert ask_for_more(environ, str(path), ()) == anew
    adc.write(path, KEY)
    assert ask_for_more(environ, str(path), ()) == anew
    path.write_text("{")
    assert ask_for_more(environ, str(path), ()) == anew


def test_no_method_is_forgotten() -> None:
    """Every method that people call has a family with its very scopes."""
    known = {frozenset(family.scopes) for family in FAMILIES}
    assert {frozenset(method.scopes) for method in METHODS if not method.retired} <= known
