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
    "/v1/token", "/v1/oauthtoken", "/v1/introspect", "/v1/revoke",
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
    ("path", "service"),
    [
        ("/v1/token", "sts.googleapis.com"),
        ("/v1/oauthtoken", "sts.googleapis.com"),
        ("/v1/revoke", "sts.googleapis.com"),
        ("/v1/userinfo", "openidconnect.googleapis.com"),
    ],
)
def test_services_whose_paths_other_hosts_could_have(desk: Desk, path: str, service: str) -> None:
    """Below /v1 each is answered at its own host, and not at other services' hosts"""
    app = Starlette(routes=api_routes.routes(desk.context))
    for host, there in ((service, True), ("iam.googleapis.com", False), ("127.0.0.1", True)):
        with TestClient(app, base_url=f"https://{host}") as client:
            assert (client.post(path).status_code != 404) is there, host
