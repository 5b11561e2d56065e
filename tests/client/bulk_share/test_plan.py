from __future__ import annotations

from typing import Any

from gemauth.client.bulk_share.grantees import read_grantees
from gemauth.client.bulk_share.plan import Need, make_plan
from gemauth.client.gemini.flows.permissions import Permissions
from tests.client.gemini.flows.api import MINE, expects
from tests.client.transcript import play

X = "tunedModels/x"
LIST = b"""ada@example.com,reader
bob@example.com,writer
cleo@example.com,reader
dora@example.com,writer
team@example.com,reader,group
,reader,everyone
"""


def there(number: int, role: str, email: str | None, kind: str = "USER") -> dict[str, Any]:
    """Return a permission as the API lists it."""
    made = {"name": f"{X}/permissions/{number}", "granteeType": kind, "role": role}
    return made | ({"emailAddress": email} if email else {})


def needs(*, add_only: bool = False) -> list[Need]:
    """Plan the list against what is there, on two pages."""
    first = [there(1, "OWNER", "dora@example.com"), there(2, "READER", "ADA@example.com")]
    last = [there(3, "READER", "bob@example.com"), there(4, "READER", None, "EVERYONE")]
    rows, _ = read_grantees(LIST, "users.csv")
    asked = f"{X}/permissions?pageSize=1000"
    plan = play(
        make_plan(Permissions(MINE), X, rows, add_only=add_only),
        expects("GET", asked, then={"permissions": first, "nextPageToken": "t"}),
        expects("GET", f"{asked}&pageToken=t", then={"permissions": last}),
    )
    assert [action.grantee for action in plan] == list(rows)
    return [action.need for action in plan]


def test_each_row_against_what_is_there() -> None:
    """The list is read once; an equal role is left alone, an owner stays one."""
    assert needs() == [
        Need.NOTHING,
        Need.UPDATE,
        Need.CREATE,
        Need.KEEP,
        Need.CREATE,
        Need.NOTHING,
    ]


def test_add_only() -> None:
    """Whoever has a role keeps it."""
    assert needs(add_only=True)[1] is Need.KEEP
