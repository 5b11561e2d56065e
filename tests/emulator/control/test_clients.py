from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.iam.first_party import GCLOUD_CLIENT_ID
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import ClientSecretHash
from gemauth.google.client_secret import ClientSecret

if TYPE_CHECKING:
    from tests.emulator.control.conftest import Room

PATH = "/projects/my-project/clients"


def test_a_desktop_clients_file_leads_to_this_emulator(lab: Room) -> None:
    """The file is the console's, with this emulator's addresses, in the console's file name"""
    made = lab.do("POST", PATH, {"kind": "desktop", "name": "cli"})
    client = ClientSecret.from_json(made["file"])
    assert made["fileName"] == f"client_secret_{client.client_id}.json"
    assert list(made["file"]) == ["installed"]
    assert client.auth_uri == "http://127.0.0.1:8085/o/oauth2/auth"
    assert client.token_uri == "http://127.0.0.1:8085/token"
    assert client.certs_uri == "http://127.0.0.1:8085/oauth2/v1/certs"
    assert client.redirect_uris == ("http://localhost",)
    assert client.project_id == "my-project"
    number = lab.do("GET", "/projects/my-project")["projectNumber"]
    assert client.client_id.startswith(f"{number}-emu")
    assert client.client_secret.startswith("GOCSPX-emu-")


def test_the_secret_is_shown_once_and_only_its_digest_is_kept(lab: Room) -> None:
    """No later answer holds the secret, and the store holds its digest"""
    made = lab.do("POST", PATH, {"kind": "desktop", "name": "cli"})
    secret = made["file"]["installed"]["client_secret"]
    client_id = made["clientId"]
    for path in (PATH, f"/clients/{client_id}", "/status"):
        assert secret not in lab.send("GET", path).text
    with lab.context.store.read() as tx:
        kept = tx.find(ClientSecretHash, client_id=client_id)
    assert [each.secret_hash for each in kept] == [digest(secret)]


def test_a_web_client_registers_redirect_uris(lab: Room) -> None:
    """A web client's file has its redirect URIs; a bad one is refused with its index"""
    uris = ["https://app.example.com/cb", "http://localhost:3000/"]
    made = lab.do("POST", PATH, {"kind": "web", "name": "site", "redirectUris": uris})
    assert made["file"]["web"]["redirect_uris"] == uris
    uris.append("http://app.example.com/")
    body = {"kind": "web", "name": "site", "redirectUris": uris}
    status, message = lab.refused("POST", PATH, body)
    assert status == "INVALID_ARGUMENT"
    assert "redirectUris[2]: must be https" in message


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "desktop", "name": "x", "redirectUris": ["http://localhost"]},
        {"kind": "android", "name": "x"},
        {"kind": "desktop"},
        {"kind": "desktop", "name": "x", "clientSecret": "GOCSPX-emu-" + "a" * 43},
    ],
)
def test_wrong_clients_are_refused(lab: Room, body: dict[str, object]) -> None:
    """Desktop clients register no redirect; kinds are two; a secret can be fixed only by a seed"""
    assert lab.refused("POST", PATH, body)[0] == "INVALID_ARGUMENT"
    assert lab.do("GET", PATH) == {"clients": []}


def test_a_client_has_two_secrets_at_most(lab: Room) -> None:
    """A second secret comes with a new file of the same client; a third is refused"""
    made = lab.do("POST", PATH, {"kind": "desktop", "name": "cli"})
    path = f"/clients/{made['clientId']}/secrets"
    more = lab.do("POST", path)
    assert len(more["secrets"]) == 2
    one, two = (each["file"]["installed"] for each in (made, more))
    assert one["client_id"] == two["client_id"]
    assert one["client_secret"] != two["client_secret"]
    assert lab.refused("POST", path)[0] == "FAILED_PRECONDITION"


def test_a_client_is_disabled_enabled_and_deleted(lab: Room) -> None:
    """A disabled client can be enabled again; a deleted one is over, and still shown as deleted"""
    client_id = lab.do("POST", PATH, {"kind": "desktop", "name": "cli"})["clientId"]
    assert lab.do("POST", f"/clients/{client_id}/disable")["state"] == "disabled"
    assert lab.do("POST", f"/clients/{client_id}/enable")["state"] == "active"
    assert lab.do("DELETE", f"/clients/{client_id}")["state"] == "deleted"
    for path in ("enable", "disable", "secrets"):
        assert lab.refused("POST", f"/clients/{client_id}/{path}")[0] == "FAILED_PRECONDITION"
    assert [c["state"] for c in lab.do("GET", PATH)["clients"]] == ["deleted"]


def test_an_unknown_client_is_not_found(lab: Room) -> None:
    """Every method that names a client refuses an unknown one"""
    for verb, path in (
        ("GET", "/clients/x"),
        ("DELETE", "/clients/x"),
        ("POST", "/clients/x/secrets"),
        ("GET", "/projects/nope/clients"),
    ):
        assert lab.refused(verb, path)[0] == "NOT_FOUND"


def test_googles_own_client_stays_as_it_is(lab: Room) -> None:
    """Google's shared client can be looked at and not changed"""
    path = f"/clients/{GCLOUD_CLIENT_ID}"
    assert lab.do("GET", path)["kind"] == "first_party"
    assert lab.refused("DELETE", path)[0] == "FAILED_PRECONDITION"
    assert lab.refused("POST", f"{path}/secrets")[0] == "FAILED_PRECONDITION"
