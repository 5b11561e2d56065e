"""Each next step in the words of both sides; `tests/test_advice.py` has the commands' grammar."""

from __future__ import annotations

import pytest

from gemauth.client import advice
from gemauth.client.advice import Advice

EVERY = {name: value for name, value in vars(advice).items() if isinstance(value, Advice)}


@pytest.mark.parametrize("name", EVERY)
def test_each_side_has_its_own(name: str) -> None:
    """Google's console is not an emulator's, nor the other way round; gcloud is nobody's."""
    google, emulator = EVERY[name].on(emulated=False), EVERY[name].on(emulated=True)
    assert "gemauth emulator" not in google
    assert "google" not in emulator
    assert "gemauth " in emulator
    assert "gcloud" not in google + emulator
    assert not {"{", "}"} & {*google, *emulator}


def test_what_is_known_is_filled_in() -> None:
    """What is not known, or empty, stands as a word to replace."""
    step = advice.ADD_TESTER.on(emulated=True, project="my-project", email=None)
    assert step.endswith("gemauth emulator test-users add my-project EMAIL")
    assert "project=PROJECT" in advice.ADD_TESTER.on(emulated=False, project="")
