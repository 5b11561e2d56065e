from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.emulator.cloud.conftest import Api

LIST = "/v1/projects/demo-project/services"


@pytest.mark.parametrize(
    "query",
    [
        "pageSize=-1",
        "pageSize=x",
        "pageSize=%C2%B2",  # a superscript two, which is a digit to Python and a number to nobody
        f"pageSize={'9' * 5000}",
        "pageToken=x",
        f"pageToken={base64.urlsafe_b64encode(b'after:' + b'9' * 5000).decode()}",
        f"pageToken={base64.urlsafe_b64encode(b'after:-1').decode()}",
    ],
)
def test_a_size_or_token_out_of_form_is_refused(api: Api, query: str) -> None:
    """A size that is no number, and a token that no list gave, are 400."""
    status, answer = api.call("GET", f"{LIST}?{query}")
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_a_size_beyond_the_most_is_the_most(api: Api) -> None:
    """A large size is brought down, not refused."""
    assert api.ok("GET", f"{LIST}?pageSize=2000000000") == api.ok("GET", LIST)
