from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.errors import DataError, UsageError
from gemauth.google.client_secret import (
    FIRST_PARTY,
    GCLOUD_CLIENT_ID,
    ClientSecret,
    WrongFile,
    refuse_first_party,
)
from tests.oauth.strategies import MAYBE, TEXT


@given(
    st.builds(
        ClientSecret,
        kind=st.sampled_from(["installed", "web"]),
        client_id=TEXT,
        client_secret=TEXT,
        project_id=MAYBE,
        auth_uri=TEXT,
        token_uri=TEXT,
        redirect_uris=st.lists(TEXT).map(tuple),
        certs_uri=TEXT,
    )
)
def test_a_file_reads_back(client: ClientSecret) -> None:
    """What the emulator's console writes, the client reads (google-oauth.md 6.2)."""
    assert ClientSecret.from_json(client.to_json()) == client


MEMBERS = {"client_id": "i", "client_secret": "s", "auth_uri": "a", "token_uri": "t"}


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"installed": []}, {"installed": MEMBERS, "web": MEMBERS}, {"type": "x"}],
)
def test_what_is_no_client_file(body: Any) -> None:
    """Exactly one of installed and web, with an object in it."""
    with pytest.raises(DataError, match="one top-level key"):
        ClientSecret.from_json(body)


@pytest.mark.parametrize("name", MEMBERS)
def test_a_missing_member(name: str) -> None:
    """Named; so is one of the wrong type."""
    for wrong in ({**MEMBERS, name: 5}, {k: v for k, v in MEMBERS.items() if k != name}):
        with pytest.raises(DataError, match=name):
            ClientSecret.from_json({"installed": wrong})


@pytest.mark.parametrize("name", MEMBERS)
def test_what_is_no_text(name: str) -> None:
    """JSON can write half of a surrogate pair, which can be sent to nobody."""
    with pytest.raises(DataError, match=name):
        ClientSecret.from_json({"installed": {**dict.fromkeys(MEMBERS, "x"), name: "x\ud800"}})


@pytest.mark.parametrize("odd", [5, "x", {}, None])
def test_odd_members_are_left_out(odd: Any) -> None:
    """What gemauth does not need does not stop it."""
    body = {"installed": MEMBERS | {"project_id": 5, "redirect_uris": odd}}
    client = ClientSecret.from_json(body)
    assert (client.project_id, client.redirect_uris) == (None, ())


@pytest.mark.parametrize("name", [f"{n}{rest}" for n in FIRST_PARTY for rest in ("", "-abc123")])
@pytest.mark.parametrize("suffix", ["", ".apps.googleusercontent.com"])
def test_googles_own_clients_are_refused(name: str, suffix: str) -> None:
    """Every client of a project of Google's, by its number; everybody else's pass."""
    with pytest.raises(UsageError, match="only Google may use"):
        refuse_first_party(name + suffix)
    refuse_first_party(f"1{name}{suffix}")


def test_gclouds_own_client_is_refused() -> None:
    """With the reason, and the way to a client of one's own."""
    with pytest.raises(UsageError, match="gcloud auth application-default") as caught:
        refuse_first_party(GCLOUD_CLIENT_ID)
    assert "auth/clients" in (caught.value.next_step or "")


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("service_account", "a service account's key"),
        ("authorized_user", r"a sign-in \(ADC\)"),
        ("external_account", "federated identity"),
        ("external_account_authorized_user", "federated sign-in"),
        ("impersonated_service_account", "impersonated"),
        ("gdch_service_account", "Distributed Cloud"),
    ],
)
def test_a_credential_is_no_client(kind: str, what: str) -> None:
    """A key or an ADC file in the client's place is told what it is, and how it is used."""
    with pytest.raises(WrongFile, match=what) as caught:
        ClientSecret.from_json({"type": kind, "client_id": "i"})
    assert "--credentials" in (caught.value.next_step or "")


def test_a_client_without_a_secret() -> None:
    """A later download, or a client of another type: both are named."""
    with pytest.raises(WrongFile, match="Android") as caught:
        ClientSecret.from_json({"installed": {**MEMBERS, "client_secret": None}})
    assert "Add a secret" in (caught.value.next_step or "")


def test_an_old_file_still_serves() -> None:
    """A file of the days of the out-of-band flow lists its address; it is a client all the same."""
    uris = ["urn:ietf:wg:oauth:2.0:oob", "http://localhost"]
    old = {"installed": MEMBERS | {"redirect_uris": uris}}
    assert ClientSecret.from_json(old).redirect_uris == tuple(uris)


def test_the_secret_is_not_shown() -> None:
    """It stays out of repr."""
    client = ClientSecret.from_json({"installed": MEMBERS | {"client_secret": "GOCSPX-x"}})
    assert "GOCSPX" not in repr(client)
