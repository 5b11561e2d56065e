from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from gemauth.emulator.authserver import sts_routes

if TYPE_CHECKING:
    from tests.emulator.desk import Desk

REFERENCE = ("/v1/token", "/v1/oauthtoken", "/v1/introspect", "/v1/revoke")


def test_paths(desk: Desk) -> None:
    """The routes are those of google-oauth.md 5.3 and 6.3, each once"""
    routes = sts_routes.routes(desk.context)
    assert tuple(route.path for route in routes if isinstance(route, Route)) == REFERENCE


@pytest.mark.parametrize("path", REFERENCE)
@pytest.mark.parametrize(
    ("host", "there"),
    [("sts.googleapis.com", True), ("127.0.0.1", True), ("iam.googleapis.com", False)],
)
def test_they_are_at_their_own_host(desk: Desk, path: str, host: str, *, there: bool) -> None:
    """Other services' hosts have no such paths"""
    app = Starlette(routes=sts_routes.routes(desk.context))
    with TestClient(app, base_url=f"https://{host}") as client:
        assert (client.post(path).status_code != 404) is there
