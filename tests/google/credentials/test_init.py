from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.errors import DataError
from gemauth.google.credentials import (
    KNOWN_TYPES,
    AuthorizedUser,
    ExternalAccount,
    ExternalAccountAuthorizedUser,
    ImpersonatedServiceAccount,
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


OUTSIDERS = st.builds(
    ExternalAccountAuthorizedUser,
    client_id=TEXT,
    client_secret=TEXT,
    refresh_token=TEXT,
    token_url=TEXT,
    revoke_url=MAYBE,
    quota_project_id=MAYBE,
    audience=TEXT,
    token_info_url=MAYBE,
    universe_domain=MAYBE,
)
ROBOT = (
    "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/r@x:generateAccessToken"
)
IMPERSONATED = st.builds(
    ImpersonatedServiceAccount,
    service_account_impersonation_url=st.just(ROBOT),
    source_credentials=USERS | KEYS | OUTSIDERS,
    delegates=SCOPES,
    scopes=SCOPES,
    quota_project_id=MAYBE,
    universe_domain=MAYBE,
)
WORKLOADS = st.builds(
    ExternalAccount,
    audience=TEXT,
    subject_token_type=TEXT,
    credential_source=st.dictionaries(TEXT, TEXT),
    token_url=TEXT,
    token_info_url=MAYBE,
    service_account_impersonation_url=MAYBE,
    service_account_impersonation=st.none() | st.just({"token_lifetime_seconds": 600}),
    client_id=MAYBE,
    client_secret=MAYBE,
    quota_project_id=MAYBE,
    workforce_pool_user_project=MAYBE,
    universe_domain=MAYBE,
)


@given(USERS | KEYS | OUTSIDERS | IMPERSONATED | WORKLOADS)
def test_a_file_reads_back(credentials: Any) -> None:
    """What is written is read, by its type (google-oauth.md 6.3)."""
    assert from_json(credentials.to_json()) == credentials


USER = {"type": "authorized_user", "client_id": "i", "client_secret": "s", "refresh_token": "r"}
KEY = {"type": "service_account", "client_email": "e", "token_uri": "t", "private_key": "k"}


OUTSIDER = {**USER, "type": "external_account_authorized_user", "token_url": "t"}
ACTING = {
    "type": "impersonated_service_account",
    "service_account_impersonation_url": ROBOT,
    "source_credentials": USER,
}
WORKLOAD = {
    "type": "external_account",
    "audience": "a",
    "subject_token_type": "t",
    "credential_source": {"file": "f"},
}
BODIES = (USER, KEY, OUTSIDER, ACTING, WORKLOAD)


@pytest.mark.parametrize("body", BODIES)
def test_the_least_file(body: dict[str, Any]) -> None:
    """Google's required members are enough; each that is missing is named."""
    from_json(body)
    for name in body:
        if name != "type":
            with pytest.raises(DataError, match=name):
                from_json({k: v for k, v in body.items() if k != name})


@pytest.mark.parametrize("quota", [{}, {"quota_project_id": "billed"}])
def test_a_persons_file_without_a_type(quota: dict[str, str]) -> None:
    """As google-auth's to_json() writes it; a token of it is not taken."""
    written = {k: v for k, v in USER.items() if k != "type"} | {"token": "t", "scopes": ["a"]}
    assert from_json(written | quota) == from_json({**USER, "scopes": ["a"], **quota})
    for name in ("client_id", "client_secret", "refresh_token"):
        with pytest.raises(DataError, match="type is None"):
            from_json({k: v for k, v in written.items() if k != name})
    with pytest.raises(DataError, match="type is None"):
        from_json({**written, "type": None})


@pytest.mark.parametrize("kind", {*KNOWN_TYPES} - {b["type"] for b in BODIES})
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
        from_json({**OUTSIDER, "client_secret": "s3cret", "refresh_token": "s3cret"}),
        from_json({**ACTING, "source_credentials": {**USER, "refresh_token": "s3cret"}}),
        from_json({**WORKLOAD, "client_secret": "s3cret", "credential_source": {"x": "s3cret"}}),
        from_json({"type": "gdch_service_account", "private_key": "s3cret"}),
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
    assert read == person
    assert "hidden" not in repr(person) + repr(read)


def test_who_is_impersonated() -> None:
    """The account is what stands before the URL's verb; a URL without one is told, not guessed."""
    acting = from_json(ACTING)
    assert isinstance(acting, ImpersonatedServiceAccount)
    assert acting.principal == "r@x"
    for url in ("https://x/r@x", "https://x/:generateAccessToken", "r@x:generateAccessToken"):
        with pytest.raises(DataError, match="names no account"):
            from_json({**ACTING, "service_account_impersonation_url": url})
    plain = from_json(WORKLOAD)
    robot = from_json({**WORKLOAD, "service_account_impersonation_url": ROBOT})
    assert isinstance(plain, ExternalAccount)
    assert isinstance(robot, ExternalAccount)
    assert (plain.principal, robot.principal) == (None, "r@x")


@pytest.mark.parametrize("source", [None, {}, {"type": "external_account"}, {"type": []}, ACTING])
def test_who_may_impersonate(source: Any) -> None:
    """The three types that google-auth takes (6.3), and no file within a file within a file."""
    with pytest.raises(DataError, match="source_credentials"):
        from_json({**ACTING, "source_credentials": source})


def test_members_that_are_not_googles() -> None:
    """What is in an external_account file beside the known members goes no further."""
    read = from_json({**WORKLOAD, "surprise": 1, "client_id": 5})
    assert read.to_json() == {**WORKLOAD, "token_url": "https://sts.googleapis.com/v1/token"}
