from __future__ import annotations

import pytest

from gemauth.emulator.gemini.grantee import Grantee, read_email, read_grantee
from gemauth.google.gemini.schema import schema
from gemauth.google.status import StatusError


@pytest.mark.parametrize(
    ("kind", "email", "expected"),
    [
        (0, "a@example.com", Grantee("USER", "a@example.com")),
        (0, "A@GoogleGroups.com", Grantee("GROUP", "a@googlegroups.com")),
        (0, "a@team.googlegroups.com", Grantee("GROUP", "a@team.googlegroups.com")),
        (1, "a@googlegroups.com", Grantee("USER", "a@googlegroups.com")),
        (2, "a@example.com", Grantee("GROUP", "a@example.com")),
        (3, "", Grantee("EVERYONE", "")),
    ],
)
def test_read_grantee(kind: int, email: str, expected: Grantee) -> None:
    """A given kind stands; an absent one is a group's for a Google Groups address."""
    permission = schema("v1beta").message("Permission")(email_address=email)
    if kind:
        permission.grantee_type = kind
    assert read_grantee(permission, "R") == expected


def test_an_unknown_kind() -> None:
    """Proto3 carries numbers that no name has; they grant nothing."""
    permission = schema("v1beta").message("Permission")(grantee_type=9, email_address="a@b.example")
    with pytest.raises(StatusError, match="unknown grantee type"):
        read_grantee(permission, "R")


@pytest.mark.parametrize("text", ["", "a", "@example.com", "a@", "a b@example.com", "a@b\tc"])
def test_read_email_refuses(text: str) -> None:
    """What has no two sides of an @, or has a space inside, is no address."""
    with pytest.raises(StatusError, match="email"):
        read_email(text, "R", "f")


def test_read_email_is_lower_case() -> None:
    """Addresses are compared in lower case."""
    assert read_email(" Ann@Example.COM ", "R", "f") == "ann@example.com"
