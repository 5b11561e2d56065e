from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gemauth.emulator import control
from gemauth.emulator.iam.first_party import GCLOUD_CLIENT_ID
from gemauth.emulator.storage.records import Grant
from gemauth.emulator.tokens.verify import Credential, verify_bearer
from gemauth.google.scopes import RETRIEVER, TUNING
from tests.emulator.conftest import CLIENT

if TYPE_CHECKING:
    from tests.emulator.conftest import Place


@pytest.fixture
def api(place: Place) -> TestClient:
    """The control API over the place's state."""
    return TestClient(
        Starlette(routes=control.routes(place.context)), base_url="http://127.0.0.1:8085"
    )


def ask(
    account: str = "owner@example.com", client: str = CLIENT, *scopes: str
) -> dict[str, object]:
    """Return the body of a request for a grant."""
    return {"account": account, "clientId": client, "scopes": list(scopes or ("tuning",))}


def test_tokens_of_an_earlier_consent_are_good(place: Place, api: TestClient) -> None:
    """The access token belongs to the person and client, with the scopes that were named."""
    answer = api.post("/_emulator/v1/grants", json=ask(client=GCLOUD_CLIENT_ID)).json()
    with place.write() as tx:
        credential = verify_bearer(tx, place.clock.now(), answer["access_token"])
    assert isinstance(credential, Credential)
    assert credential.email == "owner@example.com"
    assert credential.client_id == GCLOUD_CLIENT_ID
    assert credential.scopes == (TUNING,)
    assert answer["refresh_token"].startswith("1//emu-")


def test_openid_brings_an_id_token(api: TestClient) -> None:
    """Also as the first that an emulator signs: its keys are made then."""
    answer = api.post("/_emulator/v1/grants", json=ask("owner@example.com", CLIENT, "openid"))
    assert answer.status_code == 200
    assert answer.json()["id_token"].count(".") == 2


def test_one_grant_to_a_person_and_client(place: Place, api: TestClient) -> None:
    """A second consent widens the first: a revocation ends both."""
    api.post("/_emulator/v1/grants", json=ask("owner@example.com", CLIENT, "tuning"))
    api.post("/_emulator/v1/grants", json=ask("owner@example.com", CLIENT, "retriever"))
    with place.write() as tx:
        (grant,) = tx.find(Grant, client_id=CLIENT)
    assert grant.scopes == (TUNING, RETRIEVER)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (ask(account="nobody@example.com"), 404, "no account nobody@example.com"),
        (ask(client="1-emu0.apps.googleusercontent.com"), 404, "no OAuth client"),
        (ask("owner@example.com", CLIENT, "tunning"), 400, "scopes"),
        ({"account": "owner@example.com", "clientId": CLIENT}, 400, "scopes: is required"),
    ],
)
def test_refusals(api: TestClient, body: dict[str, object], status: int, words: str) -> None:
    """What is unknown or missing is named."""
    answer = api.post("/_emulator/v1/grants", json=body)
    assert answer.status_code == status
    assert words in answer.json()["error"]["message"]


def test_a_disabled_client_gets_none(api: TestClient) -> None:
    """As at the token endpoint."""
    api.post(f"/_emulator/v1/clients/{CLIENT}/disable", json={})
    answer = api.post("/_emulator/v1/grants", json=ask())
    assert answer.json()["error"]["status"] == "FAILED_PRECONDITION"
