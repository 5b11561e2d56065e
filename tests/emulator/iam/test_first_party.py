from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gemauth.emulator.iam import first_party
from gemauth.emulator.storage.records import ConsentScreen, OAuthClient
from gemauth.google.client_secret import GCLOUD_CODE_PAGES

if TYPE_CHECKING:
    from gemauth.emulator.storage.store import Transaction
    from tests.emulator.conftest import Place


def _shared(tx: Transaction) -> list[OAuthClient]:
    return [client for client in tx.find(OAuthClient) if client.kind == "first_party"]


def test_installing_again_changes_nothing(place: Place) -> None:
    """Every start installs the clients; there are two of them, each with a project and a screen."""
    with place.write() as tx:
        before = _shared(tx)
        first_party.install(tx, 99.0)
        assert _shared(tx) == before
        assert len(before) == 2
        assert all(tx.get(ConsentScreen, client.project_id) for client in before)


def test_a_folder_of_an_earlier_version_gets_what_it_lacks(place: Place) -> None:
    """The client that emulators had before gcloud could sign in with it learns its code pages."""
    with place.write() as tx:
        client = tx.get(OAuthClient, first_party.GCLOUD_CLIENT_ID)
        assert client is not None
        tx.replace(replace(client, redirect_uris=()))
        tx.remove(ConsentScreen, client.project_id)
        first_party.install(tx, 99.0)
        now = tx.get(OAuthClient, first_party.GCLOUD_CLIENT_ID)
        assert now is not None
        assert now.redirect_uris == GCLOUD_CODE_PAGES
        assert tx.get(ConsentScreen, client.project_id) is not None
