from __future__ import annotations

from typing import Any

import pytest

from gemauth.emulator.iam import federation
from gemauth.emulator.iam.expression import ExpressionError
from gemauth.emulator.iam.federation import NotFederated
from gemauth.emulator.storage.records import WorkloadProvider
from gemauth.testing.store_contract import sample

CLAIMS: dict[str, Any] = {"sub": "s", "team": "core", "groups": ["a", "b"], "n": 7}


def provider(mapping: dict[str, str], condition: str = "") -> WorkloadProvider:
    """A provider with a mapping and a condition."""
    return sample(WorkloadProvider, attribute_mapping=mapping, attribute_condition=condition)


def test_attributes() -> None:
    """The mapping's values become the subject, the groups and the custom attributes"""
    mapping = {
        "google.subject": "'ci:' + assertion.sub",
        "google.groups": "assertion.groups",
        "attribute.team": "assertion.team",
        "attribute.missing": "assertion.nowhere",
        "attribute.number": "assertion.n",
    }
    found = federation.identify(provider(mapping), CLAIMS)
    assert (found.subject, found.groups, found.custom) == ("ci:s", ("a", "b"), {"team": "core"})


@pytest.mark.parametrize(
    "text", ["assertion.nowhere", "assertion.n", "assertion.groups", "''", r"'\n'", "'é' + 'x'"]
)
def test_a_subject_is_text(text: str) -> None:
    """Without printable text of 127 bytes at most there is nobody"""
    if text == "'é' + 'x'":
        text = " + ".join(["'ééééééé'"] * 10)
    with pytest.raises(NotFederated, match=r"google\.subject has (no value|more than 127 bytes)"):
        federation.identify(provider({"google.subject": text}), CLAIMS)


def test_all_of_it_is_bounded() -> None:
    """Mapped attributes have 8 KB together"""
    mapping = {"google.subject": "assertion.sub", "attribute.big": "assertion.big"}
    fits = federation.identify(provider(mapping), {"sub": "s", "big": "x" * 8000})
    assert len(fits.custom["big"]) == 8000
    with pytest.raises(NotFederated, match="bytes"):
        federation.identify(provider(mapping), {"sub": "s", "big": "x" * 8192})


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ("assertion.team == 'core'", True),
        ("attribute.team == 'core' && 'a' in google.groups && google.subject == 's'", True),
        ("assertion.team == 'other'", False),
        ("assertion.nowhere == 'x'", False),
        ("attribute.nowhere == 'x'", False),
        ("assertion.team", False),
    ],
)
def test_the_condition(condition: str, *, met: bool) -> None:
    """Only true admits: false, a missing claim and another type refuse"""
    mapping = {
        "google.subject": "assertion.sub",
        "google.groups": "assertion.groups",
        "attribute.team": "assertion.team",
    }
    if met:
        assert federation.identify(provider(mapping, condition), CLAIMS).subject == "s"
    else:
        with pytest.raises(NotFederated, match="attribute condition"):
            federation.identify(provider(mapping, condition), CLAIMS)


@pytest.mark.parametrize(
    ("mapping", "condition"),
    [
        ({}, ""),
        ({"attribute.a": "assertion.a"}, ""),
        ({"google.subject": ""}, ""),
        ({"google.subject": "google.subject"}, ""),
        ({"google.subject": "assertion.sub", "google.name": "assertion.sub"}, ""),
        ({"google.subject": "assertion.sub", "attribute.Team": "assertion.sub"}, ""),
        ({"google.subject": "assertion.sub", f"attribute.{'a' * 101}": "assertion.sub"}, ""),
        ({"google.subject": f"'{'a' * 2048}'"}, ""),
        (
            {"google.subject": "assertion.sub"}
            | {f"attribute.a{i}": "assertion.a" for i in range(52)},
            "",
        ),
        ({"google.subject": "assertion.sub"}, "assertion.x.matches('y')"),
        ({"google.subject": "assertion.sub"}, f"assertion.x == '{'a' * 4096}'"),
    ],
)
def test_what_no_provider_may_have(mapping: dict[str, str], condition: str) -> None:
    """Keys, lengths, numbers and expressions are checked before a provider is kept"""
    with pytest.raises(ExpressionError):
        federation.check(mapping, condition)
