from __future__ import annotations

from gemauth.run import person as run
from gemauth.testing import person


def test_a_tests_person_is_the_runs() -> None:
    """Tests import the same Person that `gemauth emulator run` plays at the browser."""
    assert person.Person is run.Person
    assert person.SignInBlockedError is run.SignInBlockedError
