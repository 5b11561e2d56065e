from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.client.gemini.flows.direct import Direct
from gemauth.errors import UsageError
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
