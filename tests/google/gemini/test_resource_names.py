from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.errors import UsageError
from gemauth.google.gemini.resource_names import (
    MODEL,
    PERMISSION,
    TUNED_MODEL,
    generated_tuned_model_id,
    is_tuned_model_id,
    parent,
    split,
)


@pytest.mark.parametrize("text", ["a", "a1", "sentence-model", "a" * 40, "a--b"])
def test_an_id_that_a_caller_may_choose(text: str) -> None:
    """A letter, then letters, digits and dashes, 40 in all, no dash at the end."""
    assert is_tuned_model_id(text)


@pytest.mark.parametrize("text", ["", "1a", "-a", "a-", "A", "a_b", "a" * 41, "a\n", "ä", "a/b"])
def test_an_id_that_a_caller_may_not_choose(text: str) -> None:
    """Anything else."""
    assert not is_tuned_model_id(text)


@given(display_name=st.text(max_size=60), seed=st.integers())
def test_a_generated_id_has_the_shape_that_sdks_accept(display_name: str, seed: int) -> None:
    """google-generativeai accepts 63 characters (gemini-api.md section 5)."""
    made = generated_tuned_model_id(display_name, random.Random(seed).choice)
    assert re.fullmatch(r"[a-z](([a-z0-9-]{0,61}[a-z0-9])?)", made)


@pytest.mark.parametrize(
    ("display_name", "shape"),
    [
        ("Number Generator 100", r"number-generator-100-[a-z0-9]{12}"),
        ("100 Numbers!", r"m-100-numbers-[a-z0-9]{12}"),
        ("", r"[a-z][a-z0-9]{11}"),
        ("日本", r"[a-z][a-z0-9]{11}"),
    ],
)
def test_a_generated_id_has_the_words_of_the_name(display_name: str, shape: str) -> None:
    """The words joined by dashes and twelve random characters."""
    assert re.fullmatch(shape, generated_tuned_model_id(display_name, random.Random(1).choice))


@pytest.mark.parametrize(
    ("name", "pattern", "ids"),
    [
        ("models/x", MODEL, ("x",)),
        ("tunedModels/x", TUNED_MODEL, ("x",)),
        ("tunedModels/x/permissions/1", PERMISSION, ("x", "1")),
    ],
)
def test_a_name_has_its_ids(name: str, pattern: str, ids: tuple[str, ...]) -> None:
    """The ids stand where the pattern has stars."""
    assert split(name, pattern) == ids


@pytest.mark.parametrize("name", ["", "x", "models/x", "tunedModels/", "tunedModels/x/y"])
def test_a_name_of_another_pattern(name: str) -> None:
    """It is the caller's mistake, and the text shows the form."""
    with pytest.raises(UsageError, match=r"tunedModels/\*"):
        split(name, TUNED_MODEL)


def test_the_parent() -> None:
    """A permission is under the resource that it shares."""
    assert parent("tunedModels/x/permissions/1") == "tunedModels/x"
