from __future__ import annotations

import json

import pytest

from gemauth.errors import Fault, UnreachableError
from gemauth.google.gemini import lists
from gemauth.http import Response


def test_a_page() -> None:
    """What is on it, as it came, and the token of the next."""
    body = {"models": [{"a": 1}, 2], "nextPageToken": "t"}
    assert lists.page(Response(200, body=json.dumps(body).encode()), "models") == (
        [{"a": 1}, 2],
        "t",
    )


@pytest.mark.parametrize("body", [b"", b"{}", b'{"models": null, "nextPageToken": null}'])
def test_an_empty_page(body: bytes) -> None:
    """An empty list and an empty token are left out in ProtoJSON."""
    assert lists.page(Response(200, body=body), "models") == ((), "")


@pytest.mark.parametrize("found", [3, "x", {"a": 1}])
def test_no_list(found: object) -> None:
    """Something else in its place is the server's fault."""
    with pytest.raises(UnreachableError, match="a list whose models make no sense") as caught:
        lists.members({"models": found}, "models")
    assert caught.value.fault is Fault.SERVER
