from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from gemauth.emulator.authserver import api_routes

if TYPE_CHECKING:
    from tests.emulator.desk import Desk

REFERENCE = {
    "/token", "/o/oauth2/token", "/oauth2/v3/token", "/oauth2/v4/token",
    "/revoke", "/o/oauth2/revoke",
    "/tokeninfo", "/oauth2/v1/tokeninfo", "/oauth2/v2/tokeninfo", "/oauth2/v3/tokeninfo",
    "/oauth2/v3/tokeninfo/",
    "/v1/userinfo", "/oauth2/v1/userinfo", "/oauth2/v2/userinfo", "/oauth2/v3/userinfo",
    "/userinfo/v2/me",
    "/oauth2/v1/certs", "/oauth2/v3/certs",
    "/robot/v1/metadata/x509/{account}", "/service_accounts/v1/metadata/x509/{account}",
    "/service_accounts/v1/jwk/{account}", "/service_accounts/v1/metadata/jwk/{account}",
    "/.well-known/openid-configuration",
}  # fmt: skip


def test_paths(desk: Desk) -> None:
    """The routes are those of google-oauth.md section 2, each once."""
    paths = [route.path for route in api_routes.routes(desk.context) if isinstance(route, Route)]
    assert set(paths) == REFERENCE
    assert len(paths) == len(REFERENCE)


@pytest.mark.parametrize(
    ("host", "there"),
    [
        ("openidconnect.googleapis.com", True),
        ("127.0.0.1", True),
        ("iam.googleapis.com", False),
    ],
)
def test_a_path_that_other_hosts_could_have(desk: Desk, host: str, *, there: bool) -> None:
    """Below /v1 the userinfo endpoint is answered at its own host only"""
    app = Starlette(routes=api_routes.routes(desk.context))
    with TestClient(app, base_url=f"https://{host}") as client:
        assert (client.post("/v1/userinfo").status_code != 404) is there
