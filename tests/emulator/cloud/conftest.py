"""The Cloud APIs over a test client, with a caller's token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gemauth.emulator import cloud
from gemauth.google.scopes import CLOUD_PLATFORM

if TYPE_CHECKING:
    from tests.emulator.conftest import Place


class Api:
    """Calls as one person; `call` returns the status and the JSON."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.client = TestClient(
            Starlette(routes=cloud.routes(place.context)), base_url="http://127.0.0.1:8085"
        )

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        email: str | None = "owner@example.com",
        scopes: tuple[str, ...] = (CLOUD_PLATFORM,),
    ) -> tuple[int, dict[str, Any]]:
        """Send one request with a fresh token of a person (None: without)."""
        headers = {}
        if email is not None:
            headers["Authorization"] = f"Bearer {self.place.token(email, *scopes)}"
        answer = self.client.request(method, path, json=body, headers=headers)
        return answer.status_code, answer.json()

    def ok(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Send one request as the owner, which must succeed."""
        status, answer = self.call(method, path, body)
        assert status == 200, answer
        return answer


@pytest.fixture
def api(place: Place) -> Api:
    """The Cloud APIs of `place`."""
    return Api(place)
