from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.credentials import Credentials
from gemauth.client.operations import Operations, grantee
from gemauth.errors import UsageError
from gemauth.flow import Send
from gemauth.google.endpoints import GOOGLE
from gemauth.google.gemini.resources import GranteeType, Permission, PermissionRole
from gemauth.google.status import Code, Status, StatusError
from tests.client.test_credentials import Fixed
from tests.client.transcript import answer, play, sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow
    from gemauth.http import Response

DO = Operations(Credentials("authorized_user", Fixed(), GOOGLE))
ADA = grantee("reader", user="ada@example.com")
ADA_JSON = {"granteeType": "USER", "emailAddress": "ada@example.com", "role": "READER"}
X = "tunedModels/x"


def expects(
    verb: str, path: str, body: Any = None, then: dict[str, Any] | None = None, status: int = 200
) -> tuple[type[Send], Callable[[Send], Response]]:
    """Return the line of one request and its answer."""

    def check(step: Send) -> Response:
        request = sent(step)
        assert (request.method, request.url) == (verb, f"{GOOGLE.gemini}/v1beta/{path}")
        assert (json.loads(request.body) if request.body else None) == body
        return answer(status, **(then or {}))

    return (Send, check)


# operation, verb, path, body (gemini-api.md sections 4 to 6)
ROWS: list[tuple[Callable[[], Flow[Any]], str, str, Any]] = [
    (lambda: DO.models()(""), "GET", "models", None),
    (lambda: DO.models(5)("t"), "GET", "models?pageSize=5&pageToken=t", None),
    (lambda: DO.model("models/m"), "GET", "models/m", None),
    (lambda: DO.model("m"), "GET", "models/m", None),
    (lambda: DO.tuned_models("owner:me")(""), "GET", "tunedModels?filter=owner%3Ame", None),
    (lambda: DO.tuned_model("x"), "GET", X, None),
    (
        lambda: DO.patch_tuned_model(X, {"displayName": "Mine", "topK": 4}),
        "PATCH",
        f"{X}?updateMask=displayName%2CtopK",
        {"displayName": "Mine", "topK": 4, "name": X},
    ),
    (lambda: DO.delete_tuned_model(X), "DELETE", X, None),
    (
        lambda: DO.transfer_ownership("x", "bob@example.com"),
        "POST",
        f"{X}:transferOwnership",
        {"emailAddress": "bob@example.com"},
    ),
    (lambda: DO.permissions("x", 7)(""), "GET", f"{X}/permissions?pageSize=7", None),
    (lambda: DO.permission(f"{X}/permissions/1"), "GET", f"{X}/permissions/1", None),
    (lambda: DO.create_permission("x", ADA), "POST", f"{X}/permissions", ADA_JSON),
    (
        lambda: DO.update_permission(f"{X}/permissions/1", "Writer"),
        "PATCH",
        f"{X}/permissions/1?updateMask=role",
        {"name": f"{X}/permissions/1", "role": "WRITER"},
    ),
    (lambda: DO.delete_permission(f"{X}/permissions/1"), "DELETE", f"{X}/permissions/1", None),
]


@pytest.mark.parametrize(("operation", "verb", "path", "body"), ROWS)
def test_each_operation_is_one_request(
    operation: Callable[[], Flow[Any]], verb: str, path: str, body: Any
) -> None:
    """Verb, path, query and body as the API has them."""
    play(operation(), expects(verb, path, body))


def test_a_page() -> None:
    """Items become resources; the next token is empty on the last page."""
    body: dict[str, Any] = {"models": [{"name": "models/a"}], "nextPageToken": "t"}
    page = play(DO.models()(""), (Send, answer(200, **body)))
    assert [model.name for model in page.items] == ["models/a"]
    assert page.next_token == "t"
    assert play(DO.models()("t"), (Send, answer())).items == ()


class TestShare:
    CREATE = ("POST", f"{X}/permissions", ADA_JSON)
    EXISTS = Status(Code.ALREADY_EXISTS, "exists").to_json()

    def test_a_new_grantee(self) -> None:
        """One request, where there is nothing yet."""
        made = play(DO.share("x", ADA), expects(*self.CREATE, then={"name": "p", **ADA_JSON}))
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
            DO.share("x", ADA),
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
                {"name": f"{X}/permissions/9", "role": "READER"},
                then=mine,
            ),
        )

    def test_a_grantee_nobody_finds(self) -> None:
        """Then the first refusal stands."""
        with pytest.raises(StatusError, match="exists"):
            play(
                DO.share("x", ADA),
                expects(*self.CREATE, then=self.EXISTS, status=409),
                expects("GET", f"{X}/permissions?pageSize=1000"),
            )

    def test_another_refusal(self) -> None:
        """Only a permission that exists is changed."""
        denied = Status(Code.PERMISSION_DENIED, "no").to_json()
        with pytest.raises(StatusError, match="no"):
            play(DO.share("x", ADA), expects(*self.CREATE, then=denied, status=403))


class TestRequest:
    @pytest.mark.parametrize("path", ["/v1/models", "v1/models", f"{GOOGLE.gemini}/v1/models"])
    def test_a_path_or_a_url(self, path: str) -> None:
        """Whatever status comes, the answer is returned as it is."""

        def check(step: Send) -> Response:
            assert sent(step).url == f"{GOOGLE.gemini}/v1/models"
            assert sent(step).method == "GET"
            return answer(418, a=1)

        assert play(DO.request("get", path), (Send, check)).status == 418

    def test_a_body(self) -> None:
        """The body goes out as it is, with its type."""

        def check(step: Send) -> Response:
            assert sent(step).body == b"x"
            assert sent(step).headers["content-type"] == "text/plain"
            return answer()

        play(DO.request("POST", "v1/x", b"x", "text/plain"), (Send, check))

    def test_a_url_in_the_query(self) -> None:
        """Only what begins with a scheme is a URL of its own."""

        def check(step: Send) -> Response:
            assert sent(step).url == f"{GOOGLE.gemini}/v1/tunedModels?filter=a://b"
            return answer()

        play(DO.request("GET", "/v1/tunedModels?filter=a://b"), (Send, check))

    def test_a_foreign_url(self) -> None:
        """The token does not go there."""
        with pytest.raises(UsageError):
            play(DO.request("GET", "https://evil.example/v1/models"))


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
