from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.errors import DataError, UsageError
from gemauth.google.client_secret import FIRST_PARTY, ClientSecret, refuse_first_party
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


@pytest.mark.parametrize("odd", [5, "x", {}, None])
def test_odd_members_are_left_out(odd: Any) -> None:
    """What gemauth does not need does not stop it."""
    body = {"installed": MEMBERS | {"project_id": 5, "redirect_uris": odd}}
    client = ClientSecret.from_json(body)
    assert (client.project_id, client.redirect_uris) == (None, ())


@pytest.mark.parametrize("client_id", FIRST_PARTY)
@pytest.mark.parametrize("suffix", ["", ".apps.googleusercontent.com"])
def test_googles_own_clients_are_refused(client_id: str, suffix: str) -> None:
    """By their number alone too; everybody else's pass."""
    with pytest.raises(UsageError, match="only Google may use"):
        refuse_first_party(client_id + suffix)
    refuse_first_party(f"1{client_id}{suffix}")


def test_the_secret_is_not_shown() -> None:
    """It stays out of repr."""
    client = ClientSecret.from_json({"installed": MEMBERS | {"client_secret": "GOCSPX-x"}})
    assert "GOCSPX" not in repr(client)
