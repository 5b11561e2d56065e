from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gemauth.emulator.gemini.discovery import discovery_route
from gemauth.google.gemini.discovery import discovery_document

if TYPE_CHECKING:
    from starlette.types import ASGIApp

APP: ASGIApp = Starlette(routes=[discovery_route()])
GOOGLE = "https://generativelanguage.googleapis.com"


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_the_document(version: str) -> None:
    """Anybody gets it, with a key or without; its address is the one that was called."""
    client = TestClient(APP, base_url="http://127.0.0.1:8080")
    answer = client.get("/$discovery/rest", params={"version": version, "key": "anything"})
    assert answer.json() == discovery_document(version, "http://127.0.0.1:8080/")
    assert client.get("/%24discovery/rest", params={"version": version}).json() == answer.json()


def test_on_googles_host() -> None:
    """By Google's name it is Google's document, with Google's addresses; elsewhere there is none"""
    path = "/$discovery/rest?version=v1beta"
    assert TestClient(APP, base_url=GOOGLE).get(path).json() == discovery_document("v1beta")
    other = TestClient(APP, base_url="https://iam.googleapis.com")
    assert other.get(path).status_code == 404


def test_versions_that_are_not() -> None:
    """An unknown version is 404 in the API's form; without one it is v1beta."""
    client = TestClient(APP, base_url=GOOGLE)
    error = client.get("/$discovery/rest?version=v2").json()["error"]
    assert (error["code"], error["status"]) == (404, "NOT_FOUND")
    assert client.get("/$discovery/rest").json()["version"] == "v1beta"
