from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from gemauth.emulator.app import build, open_context
from gemauth.emulator.context import Context
from gemauth.emulator.settings import Settings
from gemauth.emulator.storage.records import Project
from gemauth.testing.clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from gemauth.emulator.storage.store import Transaction

SECRET = "ya29.emu-secret"


class BrokenStore:
    """A store with a defect, whose message quotes a secret."""

    def read(self) -> AbstractContextManager[Transaction]:
        """Fail."""
        raise RuntimeError(SECRET)

    write = read

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def client() -> Iterator[TestClient]:
    """An emulator's app, whose data are in memory."""
    context = open_context(Settings(), clock=FakeClock())
    with TestClient(build(context), base_url="http://127.0.0.1:8085") as client:
        yield client
    context.store.close()


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/openid-configuration",
        "/oauth2/v3/certs",
        "/_emulator/v1/status",
    ],
)
def test_every_room_is_in_the_app(client: TestClient, path: str) -> None:
    """One app answers for all of Google's hosts, and for the control API"""
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/v1/token", "/v1/oauthtoken", "/v1/introspect", "/v1/revoke"])
def test_the_security_token_service_is_in_the_app(client: TestClient, path: str) -> None:
    """Its paths are below /v1, where the APIs are too"""
    assert client.post(path).headers["content-type"].startswith("application/json")
    assert client.post(f"{path}/more").status_code == 404


def test_the_apis_are_there_and_ask_for_credentials(client: TestClient) -> None:
    """The Gemini API and the Cloud APIs refuse a caller without credentials, as Google does"""
    assert client.get("/v1beta/models").status_code == 403
    assert client.get("/v1/projects/my-project/services").status_code in {401, 403}


def test_an_unknown_path_is_short_html(client: TestClient) -> None:
    """A path that no room has is 404 in HTML, and says that this is the emulator"""
    response = client.get("/<script>")
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert "gemauth emulator" in response.text
    assert "script" not in response.text


@pytest.mark.parametrize("path", ["/token/", "/v1/projects/", "/_emulator/v1/accounts/"])
def test_a_path_with_a_slash_more_is_another_path(client: TestClient, path: str) -> None:
    """Nothing is redirected: a 307 would send a form with a secret in it once more"""
    response = client.post(path, json={}, follow_redirects=False)
    assert response.status_code == 404


def test_a_defect_shows_nothing_from_inside() -> None:
    """An unforeseen exception is 500 INTERNAL in the API's shape, without its message"""
    store: Any = BrokenStore()
    app = build(Context(Settings(), store, FakeClock(), secrets.token_bytes))
    with TestClient(app, "http://127.0.0.1:8085", raise_server_exceptions=False) as client:
        response = client.get("/_emulator/v1/status")
    assert response.status_code == 500
    assert response.json()["error"]["status"] == "INTERNAL"
    assert SECRET not in response.text


def test_googles_shared_clients_are_there_from_the_start() -> None:
    """A new emulator holds the projects of gcloud's own two clients and nothing else"""
    context = open_context(Settings())
    with context.store.read() as tx:
        assert [project.project_id for project in tx.find(Project)] == [
            "google-cloud-sdk",
            "google-cloud-sdk-login",
        ]
    context.store.close()
