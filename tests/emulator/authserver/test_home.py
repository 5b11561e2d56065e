from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.emulator.authserver.room import Room


def test_home(room: Room) -> None:
    """The front page says what this is, and counts what is the developer's own."""
    page = room.open("/")
    assert (page.status, page.name) == (200, "home")
    assert "export GEMAUTH_EMULATOR=http://127.0.0.1:8085" in page.text
    assert "Projects 1" in page.text


@pytest.mark.parametrize(
    ("name", "kind"), [("style.css", "text/css"), ("icon.svg", "image/svg+xml")]
)
def test_assets(room: Room, name: str, kind: str) -> None:
    """The pages' files are served, and no others."""
    reply = room.browser.get(f"/_emulator/pages/{name}")
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith(kind)
    assert room.browser.get("/_emulator/pages/templating.py").status_code == 404
