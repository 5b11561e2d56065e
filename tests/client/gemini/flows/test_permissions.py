from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.gemini.flows.permissions import Permissions, grantee
from gemauth.errors import UsageError
from gemauth.google.gemini.resources.permissions import GranteeType, Permission, PermissionRole
from gemauth.google.status import Code, Status, StatusError
from tests.client.gemini.flows.api import MINE, expects
from tests.client.transcript import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow

DO = Permissions(MINE)
ADA = "ada@example.com"
ADA_JSON = {"granteeType": "USER", "emailAddress": "ada@example.com", "role": "READER"}
X = "tunedModels/x"
C = "corpora/c"

# operation, verb, path, body (gemini-api.md section 6)
ROWS: list[tuple[Callable[[], Flow[Any]], str, str, Any]] = [
    (lambda: DO.list("x", page_size=7)(""), "GET", f"{X}/permissions?pageSize=7", None),
    (lambda: DO.list(C)("t"), "GET", f"{C}/permissions?pageToken=t", None),
    (lambda: DO.get(f"{X}/permissions/1"), "GET", f"{X}/permissions/1", None),
    (lambda: DO.get(f"{C}/permissions/1"), "GET", f"{C}/permissions/1", None),
    (lambda: DO.create("x", "reader", user=ADA), "POST", f"{X}/permissions", ADA_JSON),
    (lambda: DO.create(C, "reader", user=ADA), "POST", f"{C}/permissions", ADA_JSON),
    (
        lambda: DO.update(f"{X}/permissions/1", "Writer"),
        "PATCH",
        f"{X}/permissions/1?updateMask=role",
        {"role": "WRITER"},
    ),
    (
        lambda: DO.update(f"{C}/permissions/1", "reader"),
        "PATCH",
        f"{C}/permissions/1?updateMask=role",
        {"role": "READER"},
    ),
    (lambda: DO.delete(f"{X}/permissions/1"), "DELETE", f"{X}/permissions/1", None),
    (lambda: DO.delete(f"{C}/permissions/1"), "DELETE", f"{C}/permissions/1", None),
]


@pytest.mark.parametrize(("operation", "verb", "path", "body"), ROWS)
def test_each_operation_is_one_request(
    operation: Callable[[], Flow[Any]], verb: str, path: str, body: Any
) -> None:
    """Verb, path, query and body as the API has them."""
    play(operation(), expects(verb, path, body))


class TestShare:
    CREATE = ("POST", f"{X}/permissions", ADA_JSON)
    EXISTS = Status(Code.ALREADY_EXISTS, "exists").to_json()

    def test_a_new_grantee(self) -> None:
        """One request, where there is nothing yet."""
        made = play(DO.share("x", user=ADA), expects(*self.CREATE, then={"name": "p", **ADA_JSON}))
        assert made.role is PermissionRole.READER

    def test_a_grantee_who_has_a_role(self) -> None:
        """The permission is found by its grantee, page after page, and its role changed."""
        others = [{"name": f"{X}/permissions/{i}", "granteeType": "GROUP"} for i in range(2)]
        mine = {
            "name": f"{X}/permissions/9",
            "granteeType": "USER",
            "emailAddress": "ADA@example.com",
        }
        play(
            DO.share("x", user=ADA),
            expects(*self.CREATE, then=self.EXISTS, status=409),
            expects(
                "GET",
                f"{X}/permissions?pageSize=1000",
                then={"permissions": others, "nextPageToken": "t"},
            ),
            expects(
                "GET", f"{X}/permissions?pageSize=1000&pageToken=t", then={"permissions": [mine]}
            ),
            expects(
                "PATCH",
                f"{X}/permissions/9?updateMask=role",
                {"role": "READER"},
                then=mine,
            ),
        )

    def test_a_grantee_nobody_finds(self) -> None:
        """Then the first refusal stands."""
        with pytest.raises(StatusError, match="exists"):
            play(
                DO.share("x", user=ADA),
                expects(*self.CREATE, then=self.EXISTS, status=409),
                expects("GET", f"{X}/permissions?pageSize=1000"),
            )

    def test_another_refusal(self) -> None:
        """Only a permission that exists is changed."""
        denied = Status(Code.PERMISSION_DENIED, "no").to_json()
        with pytest.raises(StatusError, match="no"):
            play(DO.share("x", user=ADA), expects(*self.CREATE, then=denied, status=403))


class TestGrantee:
    def test_exactly_one(self) -> None:
        """A user, a group or everyone."""
        assert grantee("reader", everyone=True) == Permission(
            grantee_type=GranteeType.EVERYONE, role=PermissionRole.READER
        )
        assert grantee("WRITER", group="g@x").grantee_type is GranteeType.GROUP
        cases: tuple[dict[str, Any], ...] = (
            {},
            {"user": "a", "group": "b"},
            {"user": "a", "everyone": True},
        )
        for wrong in cases:
            with pytest.raises(UsageError, match="one of"):
                grantee("reader", **wrong)

    def test_a_role_that_is_none(self) -> None:
        """Named, with those there are."""
        with pytest.raises(UsageError, match="reader, writer or owner"):
            grantee("admin", user="a@x")
