from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.errors import DataError
from gemauth.google.credentials import (
    KNOWN_TYPES,
    AuthorizedUser,
    ExternalAccountAuthorizedUser,
    OtherCredentials,
    ServiceAccountKey,
    from_json,
)
from tests.oauth.strategies import MAYBE, SCOPES, TEXT

USERS = st.builds(
    AuthorizedUser,
    client_id=TEXT,
    client_secret=TEXT,
    refresh_token=TEXT,
    quota_project_id=MAYBE,
    account=st.text(),
    scopes=SCOPES,
    universe_domain=TEXT,
)
KEYS = st.builds(
    ServiceAccountKey,
    client_email=TEXT,
    token_uri=TEXT,
    private_key=TEXT,
    private_key_id=MAYBE,
    project_id=MAYBE,
    client_id=MAYBE,
    auth_uri=TEXT,
    auth_provider_x509_cert_url=TEXT,
    client_x509_cert_url=MAYBE,
    universe_domain=TEXT,
)


@given(USERS | KEYS)
def test_a_file_reads_back(credentials: AuthorizedUser | ServiceAccountKey) -> None:
    """What is written is read, by its type (google-oauth.md 6.3)."""
    assert from_json(credentials.to_json()) == credentials


USER = {"type": "authorized_user", "client_id": "i", "client_secret": "s", "refresh_token": "r"}
KEY = {"type": "service_account", "client_email": "e", "token_uri": "t", "private_key": "k"}


@pytest.mark.parametrize("body", [USER, KEY])
def test_the_least_file(body: dict[str, Any]) -> None:
    """Google's required members are enough; each that is missing is named."""
    from_json(body)
    for name in body:
        if name != "type":
            with pytest.raises(DataError, match=name):
                from_json({k: v for k, v in body.items() if k != name})


@pytest.mark.parametrize("kind", [k for k in KNOWN_TYPES if k not in {USER["type"], KEY["type"]}])
def test_other_types_are_kept_whole(kind: str) -> None:
    """They are not taken apart, and nothing of them is lost."""
    body = {"type": kind, "audience": "x", "nested": {"a": 1}}
    credentials = from_json(body)
    assert isinstance(credentials, OtherCredentials)
    assert credentials.to_json() == body


@pytest.mark.parametrize("body", [None, [], 5, {}, {"type": None}, {"type": "x"}, {"type": []}])
def test_what_is_no_credential_file(body: Any) -> None:
    """The type is named, with those there are."""
    with pytest.raises(DataError, match="authorized_user"):
        from_json(body)


def test_a_client_file_is_told_apart() -> None:
    """People take one for the other; the next step is the sign-in."""
    with pytest.raises(DataError, match="OAuth client file") as caught:
        from_json({"installed": {}})
    assert "gemauth login" in (caught.value.next_step or "")


@pytest.mark.parametrize(
    ("scopes", "read"), [("a b", ("a", "b")), (["a"], ("a",)), (None, ()), (5, ()), ({}, ())]
)
def test_scopes_may_be_text_or_a_list(scopes: Any, read: tuple[str, ...]) -> None:
    """google-auth writes either."""
    credentials = from_json({**USER, "scopes": scopes})
    assert isinstance(credentials, AuthorizedUser)
    assert credentials.scopes == read


@pytest.mark.parametrize("odd", [None, "", 5, [], {}])
def test_a_quota_project_is_text_or_none(odd: Any) -> None:
    """What no project is called is not sent as one."""
    credentials = from_json({**USER, "quota_project_id": odd})
    assert isinstance(credentials, AuthorizedUser)
    assert credentials.quota_project_id is None


def test_secrets_are_not_shown() -> None:
    """Client secret, refresh token and private key stay out of repr, whole files too."""
    everything = (
        from_json({**USER, "client_secret": "s3cret", "refresh_token": "s3cret"}),
        from_json({**KEY, "private_key": "s3cret"}),
        from_json({"type": "external_account", "client_secret": "s3cret"}),
    )
    assert "s3cret" not in repr(everything)


def test_external_account_authorized_user() -> None:
    """The file that the emulator writes for a person is read back whole, and shows no secret."""
    person = ExternalAccountAuthorizedUser(
        client_id="id",
        client_secret="hidden-1",
        refresh_token="hidden-2",
        token_url="http://127.0.0.1:8085/v1/oauthtoken",
        revoke_url="http://127.0.0.1:8085/v1/revoke",
    )
    body = person.to_json()
    assert "quota_project_id" not in body
    read = from_json(body)
    assert isinstance(read, OtherCredentials)
    assert read.to_json() == body
    assert "hidden" not in repr(person) + repr(read)
