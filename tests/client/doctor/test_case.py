from __future__ import annotations

import os

import pytest

from gemauth.client.doctor.case import Case, Fixed
from gemauth.client.token import AccessToken
from tests.client.transcript import play


def test_this_machine() -> None:
    """The defaults are those of the process: its user, its resolver."""
    case = Case({})
    assert case.user == os.geteuid()
    assert case.scopes == ()
    case.resolve("127.0.0.1")
    with pytest.raises(OSError, match=r"\w"):
        case.resolve("")


def test_a_fixed_token() -> None:
    """There is but one, fresh or not."""
    token = AccessToken("ya29.a0")
    assert play(Fixed(token).token(fresh=True)) is token
