from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.api import call, sent
from tests.cli.test_permissions import ADA, PARENT

if TYPE_CHECKING:
    from tests.cli.google import Google


def test_new_grantee(google: Google) -> None:
    """Sharing grants reader unless told otherwise, shows the permission and says what it means."""
    google.answers[f"POST /v1beta/{PARENT}/permissions"] = (200, ADA)
    there = call(google, "share", PARENT, "--user", "ada@example.com")
    assert there.code == 0
    assert "READER" in there.out
    assert there.err == f"{PARENT} is shared with ada@example.com as reader.\n"
    assert sent(google)[1]["role"] == "READER"


def test_everyone(google: Google) -> None:
    """With everyone no address is sent."""
    made = {"name": ADA["name"], "granteeType": "EVERYONE", "role": "READER"}
    google.answers[f"POST /v1beta/{PARENT}/permissions"] = (200, made)
    there = call(google, "share", PARENT, "--everyone", "--format", "json")
    assert there.json == made
    assert sent(google)[1] == {"granteeType": "EVERYONE", "role": "READER"}


def test_known_grantee(google: Google) -> None:
    """Who has a role already gets the new one."""
    google.answers |= {
        f"POST /v1beta/{PARENT}/permissions": (
            409,
            {"error": {"code": 409, "status": "ALREADY_EXISTS", "message": "There is one."}},
        ),
        f"GET /v1beta/{PARENT}/permissions": (200, {"permissions": [ADA]}),
        f"PATCH /v1beta/{ADA['name']}": (200, ADA | {"role": "WRITER"}),
    }
    there = call(google, "share", PARENT, "--user", "ADA@example.com", "--role", "writer")
    assert there.code == 0
    assert "WRITER" in there.out


def test_who_has_no_address(google: Google) -> None:
    """What cannot be an address is told before anything is sent, as in a list."""
    there = call(google, "share", PARENT, "--user", "ada")
    assert there.code == 2
    assert "argument --user: 'ada' is no e-mail address" in there.err
    assert google.asked == []
