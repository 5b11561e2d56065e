from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.google.gemini.resource_names import is_tuned_model_id, new_permission_id


@pytest.mark.parametrize("text", ["a", "a1", "sentence-model", "a" * 40, "a--b"])
def test_an_id_that_a_caller_may_choose(text: str) -> None:
    """A letter, then letters, digits and dashes, 40 in all, no dash at the end."""
    assert is_tuned_model_id(text)


@pytest.mark.parametrize("text", ["", "1a", "-a", "a-", "A", "a_b", "a" * 41, "a\n", "ä", "a/b"])
def test_an_id_that_a_caller_may_not_choose(text: str) -> None:
    """Anything else."""
    assert not is_tuned_model_id(text)


@given(seed=st.integers())
def test_a_permissions_id_has_the_shape_that_sdks_accept(seed: int) -> None:
    """google-generativeai reads lower-case letters and digits only (gemini-api.md section 6)."""
    assert re.fullmatch(r"[a-z0-9]{16}", new_permission_id(random.Random(seed).randbytes))
