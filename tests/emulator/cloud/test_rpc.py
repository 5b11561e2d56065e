"""What every Cloud method does with a body that is out of form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.google.scopes import CLOUD_PLATFORM

if TYPE_CHECKING:
    from tests.emulator.cloud.conftest import Api

ACCOUNTS = "/v1/projects/demo-project/serviceAccounts"
ROBOT = f"{ACCOUNTS}/robot1@demo-project.iam.gserviceaccount.com"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/projects", {"projectId": "made-by-api", "labels": "text"}),
        ("POST", "/v1/projects", {"projectId": "made-by-api", "labels": ["a"]}),
        ("POST", "/v1/projects", {"projectId": "made-by-api", "labels": {"a": {"b": "c"}}}),
        ("POST", "/v1/projects", {"projectId": "made-by-api", "name": ["x"]}),
        ("POST", "/v3/projects", {"projectId": "made-by-api", "displayName": "x" * 200}),
        ("PUT", "/v1/projects/demo-project", {"labels": {"a": 1}}),
        ("POST", ACCOUNTS, {"accountId": "robot-two", "serviceAccount": "text"}),
        ("POST", ACCOUNTS, {"accountId": "robot-two", "serviceAccount": ["displayName"]}),
        ("PATCH", ROBOT, {"serviceAccount": 5}),
        ("PATCH", ROBOT, {"serviceAccount": "displayName"}),
        ("POST", f"{ROBOT}/keys", {"privateKeyType": ["TYPE_UNSPECIFIED"]}),
        ("POST", f"{ROBOT}/keys", {"keyAlgorithm": {}}),
    ],
)
def test_a_member_of_another_type_is_refused(
    api: Api, method: str, path: str, body: dict[str, Any]
) -> None:
    """The caller's mistake is 400, and nothing of it is kept."""
    status, answer = api.call(method, path, body)
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert [p["projectId"] for p in api.ok("GET", "/v1/projects")["projects"]] == ["demo-project"]


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"projectId": "made-by-api", "name": "\\ud800"}',
        b'{"projectId": "made-by-api", "labels": {"\\udfff": "x"}}',
        b'{"projectId": "made-by-api", "name": NaN}',
        b'{"projectId": ' + b"9" * 10_000 + b"}",
        b"[]",
        b"\xff",
    ],
)
def test_a_body_that_no_reader_can_hold_is_refused(api: Api, content: bytes) -> None:
    """Depth that would exhaust the stack and text that no UTF-8 can carry are 400."""
    token = api.place.token("owner@example.com", CLOUD_PLATFORM)
    answer = api.client.post(
        "/v1/projects", content=content, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Invalid JSON payload received.")
