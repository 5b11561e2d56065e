from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.api import call, refused, sent

if TYPE_CHECKING:
    from tests.cli.google import Google

PARENT = "tunedModels/mine"
NAME = f"{PARENT}/permissions/123"
ADA = {
    "name": NAME,
    "granteeType": "USER",
    "emailAddress": "ada@example.com",
    "role": "READER",
}


def test_list(google: Google) -> None:
    """The table shows who has which role."""
    google.answers[f"GET /v1beta/{PARENT}/permissions"] = (200, {"permissions": [ADA]})
    there = call(google, "permissions", "list", PARENT)
    assert there.out == (
        "NAME                              ROLE    GRANTEE TYPE  EMAIL ADDRESS\n"
        f"{NAME}  READER  USER          ada@example.com\n"
    )


def test_get(google: Google) -> None:
    """One permission is shown by its name."""
    google.answers[f"GET /v1beta/{NAME}"] = (200, ADA)
    assert call(google, "permissions", "get", NAME, "--format", "json").json == ADA


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (
            ("--user", "ada@example.com", "--role", "reader"),
            {"granteeType": "USER", "emailAddress": "ada@example.com", "role": "READER"},
        ),
        (
            ("--group", "team@example.com", "--role", "writer"),
            {"granteeType": "GROUP", "emailAddress": "team@example.com", "role": "WRITER"},
        ),
        (("--everyone", "--role", "reader"), {"granteeType": "EVERYONE", "role": "READER"}),
    ],
)
def test_create(google: Google, words: tuple[str, ...], body: dict[str, Any]) -> None:
    """A person, a group or everyone gets the role; the permission is shown."""
    google.answers[f"POST /v1beta/{PARENT}/permissions"] = (200, ADA)
    there = call(google, "permissions", "create", PARENT, *words, "--format", "json")
    assert (there.code, there.json) == (0, ADA)
    assert sent(google)[1] == body


def test_update(google: Google) -> None:
    """A role is changed under its mask, and the permission shown."""
    google.answers[f"PATCH /v1beta/{NAME}"] = (200, ADA | {"role": "WRITER"})
    there = call(google, "permissions", "update", NAME, "--role", "writer")
    assert "WRITER" in there.out
    line, body = sent(google)
    assert "updateMask=role" in line
    assert body["role"] == "WRITER"


def test_delete(google: Google) -> None:
    """A permission is taken away; that is said, and stdout stays empty."""
    google.answers[f"DELETE /v1beta/{NAME}"] = (200, {})
    there = call(google, "permissions", "delete", NAME)
    assert (there.code, there.out, there.err) == (0, "", f"{NAME} is deleted.\n")


def test_refused(google: Google) -> None:
    """Somebody who may not share is refused with 4."""
    google.answers[f"GET /v1beta/{PARENT}/permissions"] = refused(
        403, "PERMISSION_DENIED", "You do not have permission to access tuned model mine."
    )
    there = call(google, "permissions", "list", PARENT)
    assert there.code == 4
    assert "Ask its owner to share it" in there.err
