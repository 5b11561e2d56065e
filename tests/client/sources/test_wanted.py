from __future__ import annotations

from typing import Any

import pytest

from gemauth.client.sources.cached import Remembered, Stored
from gemauth.client.sources.given import Given
from gemauth.client.sources.wanted import Wanted
from gemauth.client.token import AccessToken
from gemauth.errors import UsageError
from gemauth.google import scopes
from gemauth.google.endpoints import GOOGLE

ACTING = ((), "robot@x")


@pytest.mark.parametrize(
    "how",
    [
        {"acting": ACTING, "subject": "ada@x"},
        {"acting": ACTING, "self_signed": True},
        {"subject": "ada@x", "self_signed": True},
    ],
)
def test_one_of_the_three(how: dict[str, Any]) -> None:
    """A self-signed token has no subject at Google, and an impersonated one no key."""
    with pytest.raises(UsageError, match="one of the three"):
        Wanted(None, None, None, {}, **how)


def test_scopes_on_behalf_of_another() -> None:
    """The asker asks with all that a person granted, and with `iam` as a service account."""
    plain = Wanted(("a",), None, None, {})
    assert (plain.narrowed, plain.machines(("b",))) == (("a",), ("a",))
    usual = Wanted(None, None, None, {})
    assert (usual.narrowed, usual.machines(("b",))) == ((), ("b",))
    assert usual.machines() == scopes.DEFAULT
    acting = Wanted(("a",), None, None, {}, acting=ACTING)
    assert (acting.narrowed, acting.machines(("b",))) == ((), (scopes.IAM,))


def test_where_a_token_is_kept() -> None:
    """On disk where there is a home; another way to get it is another entry."""
    source = Given(AccessToken("t"))
    assert not isinstance(Wanted(None, None, None, {}).kept(source, b"", GOOGLE), Stored)
    assert isinstance(Wanted(None, None, None, {}).kept(source, b"", GOOGLE), Remembered)
    wanted = Wanted(None, None, None, {"HOME": "/nonexistent"})
    places = {
        kept._place
        for how in ("", "subject a@x", "as robot@x")
        if isinstance(kept := wanted.kept(source, b"file", GOOGLE, how), Stored)
    }
    assert len(places) == 3
