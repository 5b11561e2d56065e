"""Bare `requests`, as in the quickstart's curl: a token, a header, an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from tests.interop.local_google import ADA

if TYPE_CHECKING:
    from tests.interop.local_google import Google

pytestmark = pytest.mark.interop


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_models(google: Google, version: str) -> None:
    """A bearer token lists the models under every version."""
    token = google.tokens(ADA, "tuning")["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.get(f"{google.address}/{version}/models", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
    assert all(model["name"].startswith("models/") for model in answer.json()["models"])


def test_token_in_the_query(google: Google) -> None:
    """`access_token=` is read too."""
    token = google.tokens(ADA, "tuning")["access_token"]
    answer = requests.get(f"{google.address}/v1beta/models", params={"access_token": token})
    assert answer.status_code == 200


def test_api_key(google: Google) -> None:
    """A key lists the models, in the header and in the query."""
    path = f"{google.address}/v1beta/models"
    assert requests.get(path, headers={"x-goog-api-key": google.api_key}).status_code == 200
    assert requests.get(path, params={"key": google.api_key}).status_code == 200


def test_nothing_sent(google: Google) -> None:
    """Without a credential the answer is 403, not 401."""
    answer = requests.get(f"{google.address}/v1beta/models")
    assert answer.status_code == 403
    assert "unregistered callers" in answer.json()["error"]["message"]


def test_both_sent(google: Google) -> None:
    """A good token beside a good key is 401."""
    token = google.tokens(ADA, "tuning")["access_token"]
    headers = {"Authorization": f"Bearer {token}", "x-goog-api-key": google.api_key}
    answer = requests.get(f"{google.address}/v1beta/models", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["details"][0]["reason"] == "OVERLOADED_CREDENTIALS"


def test_a_name_that_points_here(google: Google) -> None:
    """Another site's name in Host is refused: DNS rebinding."""
    answer = requests.get(f"{google.address}/v1beta/models", headers={"Host": "evil.example"})
    assert answer.status_code == 421
