from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.client.gemini.flows.direct import Direct
from gemauth.errors import UnreachableError, UsageError
from gemauth.flow import Send
from gemauth.google.endpoints import GOOGLE
from tests.client.gemini.flows.api import MINE, expects
from tests.client.transcript import answer, play, sent

if TYPE_CHECKING:
    from gemauth.http import Response

DO = Direct(MINE)


def test_share_is_the_permissions() -> None:
    """The short way: one permission is created."""
    made = {"granteeType": "EVERYONE", "role": "READER"}
    play(DO.share("x", everyone=True), expects("POST", "tunedModels/x/permissions", made))


def test_share_takes_the_clients_time() -> None:
    """`Gemini(timeout=…)` holds for it as for every other call."""

    def check(step: Send) -> Response:
        assert step.timeout == 7.0
        return answer()

    play(Direct(MINE, timeout=7.0).share("x", everyone=True), (Send, check))


class TestListJson:
    def test_all_that_the_api_says(self) -> None:
        """Each item is the JSON that it was, with members of tomorrow."""
        there = [{"name": "models/x", "tomorrow": {"a": [1]}}, {}]
        then = {"models": there, "nextPageToken": "t"}
        page = play(DO.list_json("models")(""), expects("GET", "models", then=then))
        assert page == (tuple(there), "t")

    def test_of_a_parent(self) -> None:
        """Whatever a path lists can be named, with what the method takes."""
        pages = DO.list_json("tunedModels/x/permissions", page_size=2)
        asked = "tunedModels/x/permissions?pageSize=2&pageToken=t"
        assert play(pages("t"), expects("GET", asked)) == ((), "")
        filtered = DO.list_json("tunedModels", filter="owner:me")
        assert not play(filtered(""), expects("GET", "tunedModels?filter=owner%3Ame")).items

    @pytest.mark.parametrize(
        ("collection", "asked", "items"),
        [
            ("batches", "batches", "operations"),
            ("operations", "operations", "operations"),
            ("models/x/operations", "models/x/operations", "operations"),
            ("fileSearchStores/x/documents", "fileSearchStores/x/documents", "documents"),
            ("%6dodels", "models", "models"),
        ],
    )
    def test_what_a_list_is_called(self, collection: str, asked: str, items: str) -> None:
        """It is read by the API's word, which is not always the path's end."""
        there = {"name": "x"}
        page = play(DO.list_json(collection)(""), expects("GET", asked, then={items: [there]}))
        assert page.items == (there,)

    @pytest.mark.parametrize(
        "collection", ["", "models/x", "nothing", "models?x=1", "../models", "tunedModels/x"]
    )
    def test_no_list(self, collection: str) -> None:
        """Nothing is sent where the API has no list."""
        with pytest.raises(UsageError, match="is no list of the API"):
            DO.list_json(collection)

    @pytest.mark.parametrize("found", [3, [3], {"a": 1}])
    def test_what_makes_no_sense(self, found: object) -> None:
        """A list holds objects."""
        with pytest.raises(UnreachableError, match="whose models make no sense"):
            play(DO.list_json("models")(""), expects("GET", "models", then={"models": found}))

    def test_the_same_page_again(self) -> None:
        """It would be asked for without end."""
        with pytest.raises(UnreachableError, match="same page"):
            play(
                DO.list_json("models")("t"),
                expects("GET", "models?pageToken=t", then={"nextPageToken": "t"}),
            )


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

        play(DO.request("POST", "v1/x", body=b"x", content_type="text/plain"), (Send, check))

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
