from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import urllib3

if TYPE_CHECKING:
    from tests.cli.emulator.conftest import Desk


def ask(desk: Desk, path: str) -> None:
    """Send a request without a credential."""
    with urllib3.PoolManager() as pool:
        pool.request("GET", desk.emulator.address + path)


def test_list(desk: Desk) -> None:
    """What clients asked is listed, oldest first; the command's own requests are not."""
    ask(desk, "/v1beta/models?key=secret")
    ask(desk, "/.well-known/openid-configuration")
    shown = desk.run("requests")
    heading, first, second = shown.out.splitlines()
    assert heading.split()[:4] == ["NUMBER", "VERB", "HOST", "PATH"]
    assert first.split()[:5] == ["1", "GET", "127.0.0.1", "/v1beta/models", "400"]
    assert second.split()[:5] == [
        "2",
        "GET",
        "127.0.0.1",
        "/.well-known/openid-configuration",
        "200",
    ]
    assert "secret" not in shown.out


def test_after(desk: Desk) -> None:
    """--after leaves out what was seen before."""
    ask(desk, "/first")
    ask(desk, "/second")
    found = desk.run("requests", "--after", "1", "--format", "json").json
    assert [request["path"] for request in found] == ["/second"]
    assert "no such requests" in desk.run("requests", "--after", "2").err


@pytest.mark.parametrize("number", ["-1", "one", "１"])  # the last is wide
def test_no_number(desk: Desk, number: str) -> None:
    """A number is of ASCII digits."""
    desk.run("requests", f"--after={number}", code=2)
