"""The metadata server before its routes, over the shared project and its service account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gemauth.emulator import metadata
from gemauth.emulator.storage.records import MetadataServer
from gemauth.google.scopes import CLOUD_PLATFORM, GEMINI
from tests.emulator.conftest import ROBOT_ID, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

FLAVOR = {"Metadata-Flavor": "Google"}
V1 = "/computeMetadata/v1/"


class Room(Place):
    """A machine of demo-project with its service account attached."""

    def __init__(self) -> None:
        super().__init__()
        self.attach()
        self.http = TestClient(
            Starlette(routes=metadata.routes(self.context)),
            base_url="http://127.0.0.1:8085",
            follow_redirects=False,
        )

    def attach(self, account: str | None = ROBOT_ID, **changes: Any) -> None:
        """Make the machine anew."""
        values: dict[str, Any] = {
            "scopes": (CLOUD_PLATFORM, GEMINI),
            "platform": "compute-engine",
            "attributes": {"cluster-name": "c1"},
        }
        with self.write() as tx:
            tx.remove(MetadataServer, "default")
            tx.add(
                MetadataServer(
                    "default",
                    "demo-project",
                    account,
                    created_at=self.clock.now(),
                    **(values | changes),
                )
            )

    def get(self, path: str, **headers: str) -> Response:
        """Ask as a program does; a path that does not begin with a slash is below v1."""
        return self.http.get(path if path.startswith("/") else V1 + path, headers=FLAVOR | headers)


@pytest.fixture
def room() -> Iterator[Room]:
    """A machine."""
    room = Room()
    yield room
    room.http.close()
    room.close()
