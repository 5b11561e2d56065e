"""The control room behind its routes, in memory, on a clock that stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gemauth.emulator import control
from gemauth.emulator.iam import first_party
from tests.emulator.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

ADDRESS = "http://127.0.0.1:8085"


class Room(State):
    """The control API of one emulator."""

    def __init__(self) -> None:
        super().__init__()
        with self.write() as tx:
            first_party.install(tx, self.clock.now())
        self.http = TestClient(
            Starlette(routes=control.routes(self.context)),
            base_url=ADDRESS,
            raise_server_exceptions=True,
        )

    def send(
        self, verb: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Response:
        """Send one request below the API's root."""
        url = f"/_emulator/v1{path}"
        if verb in {"GET", "DELETE"}:
            return self.http.request(verb, url, headers=headers)
        return self.http.request(verb, url, headers=headers, json={} if body is None else body)

    def do(self, verb: str, path: str, body: Any = None) -> dict[str, Any]:
        """Send a request that must succeed; return its answer."""
        response = self.send(verb, path, body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def refused(self, verb: str, path: str, body: Any = None) -> tuple[str, str]:
        """Send a request that must be refused; return its status and its message."""
        response = self.send(verb, path, body)
        error = response.json()["error"]
        assert response.status_code == error["code"] >= 400, response.text
        return error["status"], error["message"]


@pytest.fixture
def room() -> Iterator[Room]:
    """An emulator that holds nothing."""
    room = Room()
    yield room
    room.http.close()
    room.close()


@pytest.fixture
def lab(room: Room) -> Room:
    """An emulator with ada@example.com, her project my-project and its consent screen."""
    room.do("POST", "/accounts", {"email": "ada@example.com", "name": "Ada Lovelace"})
    room.do("POST", "/projects", {"projectId": "my-project", "owner": "ada@example.com"})
    screen = {"appName": "Demo", "supportEmail": "ada@example.com"}
    room.do("PUT", "/projects/my-project/consent-screen", screen)
    return room
