from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.service_accounts.operations import Keys, ServiceAccounts, resource_name
from gemauth.client.world import AsyncNetwork, Network
from gemauth.errors import UnreachableError, UsageError
from gemauth.flow import arun, run
from tests.client.service_accounts.iam import ACCOUNT, EMAIL, ME, expects
from tests.client.transcript import AsyncSender, Sender, answer, play

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.flow import Flow

ACCOUNTS, KEYS = ServiceAccounts(ME), Keys(ME)
ID = "0a" * 20

# operation, verb, path, body (google-oauth.md 5.1)
ROWS: list[tuple[Callable[[], Flow[Any]], str, str, Any]] = [
    (
        lambda: ACCOUNTS.create("demo", "ci", display_name="CI"),
        "POST",
        "projects/demo/serviceAccounts",
        {"accountId": "ci", "serviceAccount": {"displayName": "CI"}},
    ),
    (lambda: ACCOUNTS.list("demo"), "GET", "projects/demo/serviceAccounts?pageSize=100", None),
    (lambda: ACCOUNTS.get(ACCOUNT), "GET", ACCOUNT, None),
    (lambda: ACCOUNTS.enable(ACCOUNT), "POST", f"{ACCOUNT}:enable", {}),
    (lambda: ACCOUNTS.disable(ACCOUNT), "POST", f"{ACCOUNT}:disable", {}),
    (lambda: ACCOUNTS.delete(ACCOUNT), "DELETE", ACCOUNT, None),
    (
        lambda: KEYS.create(ACCOUNT),
        "POST",
        f"{ACCOUNT}/keys",
        {"privateKeyType": "TYPE_GOOGLE_CREDENTIALS_FILE"},
    ),
    (
        lambda: KEYS.upload(ACCOUNT, "PEM"),
        "POST",
        f"{ACCOUNT}/keys:upload",
        {"publicKeyData": base64.b64encode(b"PEM").decode()},
    ),
    (lambda: KEYS.list(ACCOUNT), "GET", f"{ACCOUNT}/keys", None),
    (
        lambda: KEYS.list(ACCOUNT, "USER_MANAGED"),
        "GET",
        f"{ACCOUNT}/keys?keyTypes=USER_MANAGED",
        None,
    ),
    (lambda: KEYS.enable(ACCOUNT, ID), "POST", f"{ACCOUNT}/keys/{ID}:enable", {}),
    (
        lambda: KEYS.disable(ACCOUNT, f"{ACCOUNT}/keys/{ID}"),
        "POST",
        f"{ACCOUNT}/keys/{ID}:disable",
        {},
    ),
    (lambda: KEYS.delete(ACCOUNT, ID), "DELETE", f"{ACCOUNT}/keys/{ID}", None),
    (
        lambda: KEYS.certificate(ACCOUNT, ID),
        "GET",
        f"{ACCOUNT}/keys/{ID}?publicKeyType=TYPE_X509_PEM_FILE",
        None,
    ),
]


@pytest.mark.parametrize(("operation", "verb", "path", "body"), ROWS)
def test_each_operation_is_one_request(
    operation: Callable[[], Flow[Any]], verb: str, path: str, body: Any
) -> None:
    """Verb, path, query and body as IAM has them."""
    play(operation(), expects(verb, path, body, then={"name": "its"}))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": 3},
        {"accounts": 5, "keys": "abc"},
        {"accounts": [None], "keys": [{}]},
        {"error": "told with 200"},
    ],
)
def test_an_answer_that_holds_nothing(body: dict[str, Any]) -> None:
    """A success that names no account or key, as of a proxy, is none, and no defect of ours."""
    operations: list[Flow[Any]]
    operations = [ACCOUNTS.create("demo", "ci"), ACCOUNTS.get(ACCOUNT), KEYS.upload(ACCOUNT, "PEM")]
    if {"accounts", "keys"} <= body.keys():
        operations += [ACCOUNTS.list("demo"), KEYS.list(ACCOUNT)]
    for operation in operations:
        with pytest.raises(UnreachableError):
            run(operation, Network(Sender(answer(**body))))


def test_page_after_page() -> None:
    """All of a project's accounts, in their order."""
    path = "projects/demo/serviceAccounts?pageSize=100"
    found = play(
        ACCOUNTS.list("demo"),
        expects("GET", path, then={"accounts": [{"name": "a"}], "nextPageToken": "t/+"}),
        expects("GET", f"{path}&pageToken=t%2F%2B", then={"accounts": [{"name": "b"}]}),
    )
    assert [account.name for account in found] == ["a", "b"]


def test_one_code_for_both_worlds() -> None:
    """The same flow runs synchronously and on an event loop."""
    body: dict[str, Any] = {"keys": [{"name": f"{ACCOUNT}/keys/{ID}", "keyType": "USER_MANAGED"}]}
    (one,) = run(KEYS.list(ACCOUNT), Network(Sender(answer(**body))))
    (other,) = asyncio.run(arun(KEYS.list(ACCOUNT), AsyncNetwork(AsyncSender(answer(**body)))))
    assert one == other
    assert one.id == ID


def test_a_certificate() -> None:
    """It is taken out of its base64; what is none is empty."""
    path = f"{ACCOUNT}/keys/{ID}?publicKeyType=TYPE_X509_PEM_FILE"
    for data, text in ((base64.b64encode(b"PEM").decode(), "PEM"), ("a", ""), ("/w==", "")):
        line = expects("GET", path, then={"publicKeyData": data})
        assert play(KEYS.certificate(ACCOUNT, ID), line) == text


NUMBER = "104567890123456789012"


@pytest.mark.parametrize(
    ("account", "project", "home", "name"),
    [
        (EMAIL, None, None, ACCOUNT),
        (EMAIL, None, "other", ACCOUNT),
        (EMAIL, "named", None, f"projects/named/serviceAccounts/{EMAIL}"),
        (ACCOUNT, "named", None, ACCOUNT),
        (NUMBER, None, "home", f"projects/-/serviceAccounts/{NUMBER}"),
        (NUMBER, "demo", None, f"projects/demo/serviceAccounts/{NUMBER}"),
        ("ci", "demo", "home", ACCOUNT),
        ("ci", None, "demo", ACCOUNT),
        (
            "1-compute@developer.gserviceaccount.com",
            None,
            "home",
            "projects/-/serviceAccounts/1-compute@developer.gserviceaccount.com",
        ),
        (
            "ci@p.example.com.iam.gserviceaccount.com",
            None,
            None,
            "projects/-/serviceAccounts/ci@p.example.com.iam.gserviceaccount.com",
        ),
    ],
)
def test_names(account: str, project: str | None, home: str | None, name: str) -> None:
    """An address says its project; the one that was named goes before; a number needs none."""
    assert resource_name(account, project=project, home=home) == name


@pytest.mark.parametrize(
    "account", ["", "a/b", "a?b", "../x", "a b", "projects/x/serviceAccounts/"]
)
def test_what_is_no_name(account: str) -> None:
    """Nothing that would leave the path."""
    with pytest.raises(UsageError):
        resource_name(account, project="demo")


def test_no_project() -> None:
    """A part of an address alone does not say where."""
    with pytest.raises(UsageError, match="In which project"):
        resource_name("ci")
    for project in ("", "a/b", "a?b"):
        with pytest.raises(UsageError):
            play(ACCOUNTS.list(project))
    play(
        ACCOUNTS.list("example.com:p"),
        expects("GET", "projects/example.com:p/serviceAccounts?pageSize=100"),
    )
    for key in ("", "a/b", f"{ACCOUNT}/keys/../x"):
        with pytest.raises(UsageError):
            play(KEYS.delete(ACCOUNT, key))
